"""What stage 1 offers to stage 2 and to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pulumi


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs:
    """Ids, names and endpoints. The field names are those that `${platform.NAME}` may name.

    Ids are full ARM ids; endpoints are https URLs and end in a slash where Azure's do.
    """

    subscription_id: pulumi.Output[str]
    tenant_id: pulumi.Output[str]
    location: pulumi.Output[str]
    environment: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    workspace_name: pulumi.Output[str]
    workspace_id: pulumi.Output[str]
    studio_url: pulumi.Output[str]
    storage_account_name: pulumi.Output[str]
    storage_account_id: pulumi.Output[str]
    blob_endpoint: pulumi.Output[str]
    key_vault_name: pulumi.Output[str]
    key_vault_id: pulumi.Output[str]
    key_vault_uri: pulumi.Output[str]
    container_registry_name: pulumi.Output[str]
    container_registry_id: pulumi.Output[str]
    container_registry_login_server: pulumi.Output[str]
    application_insights_id: pulumi.Output[str]
    log_analytics_workspace_id: pulumi.Output[str]
    workspace_identity_id: pulumi.Output[str]
    workspace_identity_principal_id: pulumi.Output[str]
    workspace_identity_client_id: pulumi.Output[str]
    compute_identity_id: pulumi.Output[str]
    compute_identity_principal_id: pulumi.Output[str]
    compute_identity_client_id: pulumi.Output[str]
    compute_cluster_names: pulumi.Output[Sequence[str]]
    compute_instance_names: pulumi.Output[Sequence[str]]

    @classmethod
    def names(cls) -> list[str]:
        """The names that `${platform.NAME}` may name."""
        return [field.name for field in fields(cls)]

    def as_exports(self) -> dict[str, pulumi.Output[object]]:
        """The outputs by their names as stack outputs: camelCase of the field names."""
        return {_camel(field.name): getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Resources that stage 2 waits for although it takes no value from them.

    `clusters` are by the name that jobs use. `upload_roles` let people and pipelines upload files.
    `identity_roles` are those of the identity that an output is about, by the output's name.
    """

    clusters: Mapping[str, pulumi.Resource]
    upload_roles: Sequence[pulumi.Resource]
    identity_roles: Mapping[str, Sequence[pulumi.Resource]]


def _camel(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(word.capitalize() for word in rest)
