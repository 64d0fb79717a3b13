"""An environment after its first `up`, and how to ask it who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.azure_clients import AzureClients
from tests.support.stack import PulumiStack


@dataclass(frozen=True)
class Deployed:
    """What the read-only stack tests share; they leave it as it is."""

    environment: str
    settings: dict[str, Any]  # as the stack file has them
    stack: PulumiStack
    outputs: dict[str, Any]
    clients: AzureClients

    @property
    def group(self) -> str:
        """Name of the resource group."""
        return str(self.outputs["resourceGroupName"])

    @property
    def is_dev(self) -> bool:
        """Whether this is the open environment."""
        return self.environment == "dev"

    def role_names(self, scope: str, principal_id: str) -> set[str]:
        """Names of the roles that a principal holds by assignments at exactly this scope."""
        definitions = self.clients.authorization.role_definitions
        return {
            str(definitions.get_by_id(assignment.role_definition_id).role_name)
            for assignment in self.clients.authorization.role_assignments.list_for_scope(scope)
            if assignment.principal_id == principal_id and assignment.scope.lower() == scope.lower()
        }
