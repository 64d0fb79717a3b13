"""A base for Pulumi resource plugins written in Python: asyncio gRPC on the SDK's protobuf stubs.

`pulumi.provider.experimental` mishandles unknown values, outputs and whole numbers and
cannot report a resource that was created but did not become ready, hence this base.

* `values`    property values of the wire <-> Python values, unknowns and secrets kept;
* `diff`      detailed difference of two values, with property paths;
* `provider`  the class to derive from, and its requests, answers and errors;
* `server`    the process: port, engine log, cancellation, shutdown;
* `arm_client`  requests to Azure Resource Manager: retries, long-running operations, errors;
* `timing`    how long a plugin itself works, for the benchmarks.
"""
