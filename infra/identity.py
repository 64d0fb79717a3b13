"""User-assigned identities: they exist before what uses them, so that their roles can as well.

A system-assigned identity of the workspace would make Azure grant it a role on the resource
group by itself, outside the program ("Manage access to an Azure Machine Learning workspace").
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from infra.naming import Names
from infra.options import child_options
from infra.settings.types import Location


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """`purpose` is a word in the identity's name: who acts with it."""

    names: Names
    location: Location
    resource_group_name: pulumi.Input[str]
    purpose: str


class Identity(pulumi.ComponentResource):
    """One user-assigned identity."""

    identity_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    client_id: pulumi.Output[str]

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Identity", name, None, opts)
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=args.names.identity(args.purpose),
            resource_group_name=args.resource_group_name,
            location=args.location,
            tags=args.names.tags(),
            opts=child_options(self),
        )
        self.identity_id = identity.id
        self.principal_id = identity.principal_id
        self.client_id = identity.client_id
        self.register_outputs(
            {
                "identityId": self.identity_id,
                "principalId": self.principal_id,
                "clientId": self.client_id,
            }
        )
