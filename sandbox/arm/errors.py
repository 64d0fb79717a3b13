"""The error of a refused request, and those about requests as such: tokens, bodies, versions, paths.

One function for each, with the code and sentence that ARM uses. Those about scopes, rights and
resources stand in `sandbox.arm.resource_errors`.
Errors of a service (Microsoft.Storage, ...) stand in its namespace module. Left out: how an
error becomes an HTTP answer (`sandbox.arm.answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]


class ArmError(Exception):
    """A refusal: HTTP status, ARM's code and message, and the optional parts of the error envelope.

    `details` are objects with at least `code` and `message`; `headers` go on the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str = "",
        details: tuple[JsonObject, ...] = (),
        innererror: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details
        self.innererror = innererror
        self.headers = dict(headers or {})

    def error(self) -> JsonObject:
        """What stands under "error": "Common API details, ErrorResponse" of the Resource Manager RPC."""
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.target:
            error["target"] = self.target
        if self.details:
            error["details"] = list(self.details)
        if self.innererror:
            error["innererror"] = self.innererror
        return error

    def body(self) -> JsonObject:
        """The whole answer."""
        return {"error": self.error()}


# requests -------------------------------------------------------------------------------------


def authorization_header_missing() -> ArmError:
    """No token (text as in hashicorp/terraform-provider-azurerm#3612)."""
    return ArmError(
        401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
    )


def authorization_header_invalid() -> ArmError:
    """A header that is no bearer token (text as in Azure/azure-sdk-for-python#4124)."""
    return ArmError(
        401,
        "AuthenticationFailedInvalidHeader",
        "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    )


def token_rejected(code: str, message: str) -> ArmError:
    """A token that is expired, of another tenant or audience, or not signed by the tenant's issuer."""
    return ArmError(401, code, message)


def not_json(found: str) -> ArmError:
    """A body that is not a JSON object."""
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{found}'.",
    )


def body_does_not_match(problems: list[tuple[str, str]]) -> ArmError:
    """A body that breaks its type's schema; (path, what is wrong) for each place, all reported."""
    shown = "; ".join(f"{path}: {text}" if path else text for path, text in problems)
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{shown}'.",
        details=tuple(
            {"code": "InvalidProperty", "target": path, "message": text} for path, text in problems
        ),
    )


def media_type_not_supported(found: str) -> ArmError:
    """A Content-Type other than JSON."""
    return ArmError(
        415,
        "UnsupportedMediaType",
        f"The content media type '{found}' is not supported. Only 'application/json' is supported.",
    )


def request_too_large(limit: int) -> ArmError:
    """A body beyond ARM's limit ("Common API details": 4 MB)."""
    return ArmError(
        413, "RequestContentTooLarge", f"The request content size exceeds the maximum size of '{limit}'."
    )


def method_not_supported(method: str) -> ArmError:
    """A verb that a list of resources does not have."""
    return ArmError(
        405,
        "HttpMethodNotSupported",
        f"The http method '{method}' is not supported for a resource collection.",
    )


def resource_method_not_allowed(method: str, resource_type: str) -> ArmError:
    """A verb that the resource type does not have, on one resource."""
    return ArmError(
        405,
        "MethodNotAllowed",
        f"The http method '{method}' is not supported for resource type '{resource_type}'.",
    )


def too_many_requests(subscription: str, actor: str, operation: str, seconds: int) -> ArmError:
    """A token bucket that is empty ("Understand how Azure Resource Manager throttles requests")."""
    return ArmError(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of '{operation}' requests for subscription '{subscription}' actor '{actor}' exceeded. "
        "Please try "
        f"again after '{seconds}' seconds after additional tokens are available. Refer to "
        "https://aka.ms/arm-throttling for additional information.",
        headers={"Retry-After": str(seconds)},
    )


# ids and API versions ----------------------------------------------------------------------------


def api_version_missing() -> ArmError:
    """No ?api-version= (text as in cloudquery/cloudquery#6626)."""
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def api_version_invalid(api_version: str, supported: tuple[str, ...]) -> ArmError:
    """A version that is no date, or that ARM's own requests do not have (Azure/azure-cli#28038)."""
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{api_version}' is invalid. The supported versions are "
        f"'{','.join(reversed(supported))}'.",
    )


def no_registered_provider(
    location: str, api_version: str, type_name: str, supported: tuple[str, ...], locations: tuple[str, ...]
) -> ArmError:
    """A version that a regional type does not have (pulumi/pulumi-azure-native#584)."""
    return ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{api_version}' "
        "for type "
        f"'{type_name}'. The supported api-versions are '{', '.join(supported)}'. The supported locations "
        "are "
        f"'{', '.join(locations)}'.",
    )


def resource_type_not_found(
    namespace: str, type_name: str, api_version: str, supported: tuple[str, ...] = ()
) -> ArmError:
    """An unknown type, or a version that a global type does not have (Azure/acs-engine#4037)."""
    versions = f" The supported api-versions are '{','.join(supported)}'." if supported else ""
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{type_name}' could not be found in the namespace '{namespace}' for api version "
        f"'{api_version}'.{versions}",
    )


def namespace_invalid(namespace: str) -> ArmError:
    """A provider namespace that does not exist here."""
    return ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def namespace_not_registered(namespace: str) -> ArmError:
    """A namespace that is not registered ("Resolve errors for resource provider registration")."""
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. See "
        "https://aka.ms/rps-not-found for "
        "how to register subscriptions."
    )
    detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
    return ArmError(409, "MissingSubscriptionRegistration", message, details=(detail,))


def path_invalid(path: str) -> ArmError:
    """A path that is no resource id."""
    return ArmError(404, "NotFound", f"No HTTP resource was found that matches the request URI '{path}'.")


def not_implemented(what: str) -> ArmError:
    """Something that Azure has and this sandbox does not: refused, never ignored."""
    return ArmError(501, "NotImplementedInSandbox", f"{what} is not part of the sandbox Azure.")
