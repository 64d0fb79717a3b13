"""What the declarations of online and batch endpoints, and of their deployments, have in common."""

from __future__ import annotations

from typing import Literal

from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning import serving_errors
from sandbox.arm.resource_type import Lro, LroStyle, NameRule

LIMITS = documented(
    "Manage and increase quotas and limits for resources with Azure Machine Learning: "
    "Azure Machine Learning online endpoints and batch endpoints"
)


def name_rule(what: Literal["Endpoint", "Deployment"]) -> NameRule:
    """Names are alike for both kinds of endpoints, and refused alike."""
    return NameRule(
        pattern=r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]",
        allowed="3 to 32 letters, digits and hyphens, with a letter first",
        source=LIMITS,
        error=lambda name: serving_errors.name_invalid(what, name),
    )


def operations(create: float, update: float, delete: float) -> Lro:
    """Each change goes on behind an Azure-AsyncOperation header; for so many seconds, as a rule."""
    style = LroStyle.ASYNC_OPERATION
    return Lro(
        create=style,
        update=style,
        delete=style,
        create_seconds=create,
        update_seconds=update,
        delete_seconds=delete,
    )
