"""What the engine is told where the pack itself fails: the type of the error, and nothing of its text.

gRPC sends the text of what a handler raises and logs it with its traceback, and Pulumi shows both. The text
may hold any value of a resource, which the engine hands over in clear.
"""

from __future__ import annotations

from typing import Any, Final

import grpc


class _Discreet(grpc.ServerInterceptor):
    """Answers INTERNAL with the call and the type of the error. The pack's own refusals pass."""

    def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        handler = continuation(details)
        if handler is None:  # no such call
            return None

        def answer(request: Any, context: Any) -> Any:
            try:
                return handler.unary_unary(request, context)
            except Exception as error:
                if context.code() is not None:  # refused in so many words, by context.abort
                    raise
                what = f"{details.method.rsplit('/', 1)[-1]}: {type(error).__name__}"
            return context.abort(grpc.StatusCode.INTERNAL, f"the policy pack itself failed: {what}")

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


DISCREET: Final = _Discreet()
