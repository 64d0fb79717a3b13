"""Errors of the services behind endpoints: the inference service and the batch service.

The inference service's own answer travels as text inside the error of the management front
end: code `BadRequest`, one sentence, and a detail whose message is JSON
(MicrosoftLearning/mslearn-azure-ml#30, Azure/azure-sdk-for-python#35109).
"""

from __future__ import annotations

import json

from sandbox.arm.errors import ArmError
from sandbox.arm.namespaces.machine_learning.errors import user_error

CREATE_DEPLOYMENT = "InferencingClientCreateDeploymentFailed"
CALL = "InferencingClientCallFailed"
_TITLE = "One or more validation errors occurred."


def refused(message: str, *, field: str = "", code: str = CALL) -> ArmError:
    """The inference service's refusal; `field` is the part of the request that it is about."""
    inner: dict[str, object] = {"errors": {field: [message]}, "title": _TITLE}
    text = json.dumps(inner, separators=(",", ":"))
    if code == CREATE_DEPLOYMENT:
        inner = {
            "errors": {field: [message]},
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": _TITLE,
            "status": 400,
        }
        text = json.dumps(inner, separators=(",", ":"))
        text = f"InferencingClient HttpRequest error, error detail: {text}"
    return ArmError(400, "BadRequest", "The request is invalid.", details=({"code": code, "message": text},))


def endpoint_name_taken() -> ArmError:
    """An online endpoint of that name in the region (Azure/azureml-examples#1931)."""
    return refused(
        "There is already an endpoint with this name, Endpoint name needs to be unique within a region. "
        "Try some other name."
    )


def batch_endpoint_name_taken(name: str) -> ArmError:
    """A batch endpoint of that name in the region (ansible-collections/azure#2231)."""
    return user_error(
        f"The specified endpoint name '{name}' is not available. Endpoint names must be unique within the "
        "region. Please choose a different name and try again."
    )


def name_invalid(kind: str, name: str) -> ArmError:
    """A name of an endpoint or deployment that breaks the rule."""
    return refused(
        f"{kind} name '{name}' is invalid: it must be 3 to 32 letters, digits and hyphens, with a letter "
        "first and a letter or digit last.",
        field="Name",
    )


def vm_size_unknown(vm_size: str, supported: str) -> ArmError:
    """An instance type that the inference service does not offer."""
    return refused(
        f"The VM size {vm_size} is not supported. Supported VM sizes: {supported}",
        field="VmSize",
        code=CREATE_DEPLOYMENT,
    )


def out_of_quota(vm_size: str, subscription: str, used: int, limit: int, needed: int) -> ArmError:
    """Instances that do not fit into the quota (MicrosoftLearning/mslearn-azure-ml#30)."""
    return refused(
        f"Not enough quota available for {vm_size} in SubscriptionId {subscription}. Current usage/limit: "
        f"{used}/{limit}. Additional needed: {needed} Please see troubleshooting guide, available here: "
        "https://aka.ms/oe-tsg#error-outofquota",
        field="VmSize",
        code=CREATE_DEPLOYMENT,
    )


def deployment_invalid(message: str, field: str = "") -> ArmError:
    """Any other mistake in a deployment's request."""
    return refused(message, field=field, code=CREATE_DEPLOYMENT)


def traffic_invalid(message: str, field: str = "Traffic") -> ArmError:
    """Traffic rules that do not add up or name what is not there."""
    return refused(message, field=field)


def deployment_has_traffic(name: str, percent: int) -> ArmError:
    """Deleting a deployment that still receives requests."""
    return refused(
        f"Deployment '{name}' receives {percent}% of the endpoint's traffic and can't be deleted. Set its "
        "traffic to 0 first.",
        field="Traffic",
    )


def no_keys(mode: str) -> ArmError:
    """Keys of an endpoint that works with tokens."""
    return refused(f"The endpoint's authMode is {mode}: it has no keys.", field="AuthMode")


def no_token(mode: str) -> ArmError:
    """A token of an endpoint that works with keys, or with Microsoft Entra."""
    return refused(f"The endpoint's authMode is {mode}: it issues no token.", field="AuthMode")
