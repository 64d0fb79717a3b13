"""Physical names and tags of everything that the program creates: pure functions of the settings.

Abbreviations follow "Abbreviation recommendations for Azure resources" (Cloud Adoption
Framework); lengths and alphabets follow "Naming rules and restrictions for Azure resources".
The settings keep `workload` and compute names so short that every name fits; nothing is cut.
Names that must be unique across Azure end in a hash of what identifies the stack, never in
something random: the same settings always give the same names.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Final

from infra.settings.azure_tables import REGIONS
from infra.settings.model import StackSettings

RESOURCE_GROUP_LENGTH: Final = (1, 90)
LOG_ANALYTICS_LENGTH: Final = (4, 63)
STORAGE_ACCOUNT_LENGTH: Final = (3, 24)  # lower-case letters and digits only; unique across Azure
KEY_VAULT_LENGTH: Final = (3, 24)  # unique across Azure, and among soft-deleted vaults
CONTAINER_REGISTRY_LENGTH: Final = (5, 50)  # letters and digits only; unique across Azure
APPLICATION_INSIGHTS_LENGTH: Final = (1, 255)
IDENTITY_LENGTH: Final = (3, 128)
WORKSPACE_LENGTH: Final = (3, 33)
COMPUTE_CLUSTER_LENGTH: Final = (3, 24)
COMPUTE_INSTANCE_LENGTH: Final = (3, 24)  # unique within a region ("Create a compute instance")
LOCK_LENGTH: Final = (1, 90)

_HASH_LENGTH: Final = 6
_ENVIRONMENT_WORDS: Final = {"dev": "dev", "staging": "stg", "prod": "prod"}
# Any constant will do; it keeps our assignment names apart from other tools' uuid5 names.
_ROLE_ASSIGNMENTS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:azureml-platform:role-assignment")


@dataclass(frozen=True)
class Names:
    """The names of one stack's resources."""

    settings: StackSettings

    @property
    def _environment(self) -> str:
        return _ENVIRONMENT_WORDS[self.settings.environment]

    @property
    def _region(self) -> str:
        return REGIONS.get(self.settings.location) or _letters(self.settings.location, 4)

    @property
    def _stem(self) -> str:
        return f"{self.settings.workload}-{self._environment}-{self._region}"

    @property
    def _hash(self) -> str:
        settings = self.settings
        parts = (settings.organization, settings.workload, settings.environment, settings.location)
        return _letters("/".join((*parts, settings.name_salt or "")), _HASH_LENGTH)

    def resource_group(self) -> str:
        """`rg-…`: the resource group."""
        return f"rg-{self._stem}"

    def log_analytics(self) -> str:
        """`log-…`: the Log Analytics workspace."""
        return f"log-{self._stem}"

    def application_insights(self) -> str:
        """`appi-…`: Application Insights."""
        return f"appi-{self._stem}"

    def storage_account(self) -> str:
        """`st…`: the storage account; unique across Azure."""
        return f"st{self.settings.workload}{self._environment}{self._hash}"

    def key_vault(self) -> str:
        """`kv-…`: the key vault; unique across Azure."""
        return f"kv-{self.settings.workload}-{self._environment}-{self._hash}"

    def container_registry(self) -> str:
        """`cr…`: the container registry; unique across Azure."""
        return f"cr{self.settings.workload}{self._environment}{self._hash}"

    def identity(self, purpose: str) -> str:
        """Name of a user-assigned identity; `purpose` is a word of the program's, such as `compute`."""
        return f"id-{self._stem}-{purpose}"

    def workspace(self) -> str:
        """`mlw-…`: the Azure Machine Learning workspace."""
        return f"mlw-{self._stem}"

    def compute_cluster(self, key: str) -> str:
        """A cluster's name is its key: it is unique within the workspace, and jobs are written with it."""
        return key

    def compute_instance(self, key: str) -> str:
        """The key with a short hash; letters, since Azure wants a letter after a hyphen."""
        return f"{key}-{self._hash}"

    def delete_lock(self) -> str:
        """The lock on a resource that holds data; unique on its resource."""
        return "do-not-delete"

    def role_assignment(self, scope: str, principal_id: str, role_id: str) -> str:
        """The same scope, principal and role always give the same GUID.

        Azure refuses a second assignment of the same three under another name, and an assignment
        cannot be changed, so all three belong into the name. ARM ids have no letter case.
        """
        return str(uuid.uuid5(_ROLE_ASSIGNMENTS, f"{scope}|{principal_id}|{role_id}".casefold()))

    def tags(self) -> dict[str, str]:
        """Tags of every resource that has tags."""
        settings = self.settings
        return {
            **settings.tags.additional,
            "owner": settings.tags.owner,
            "cost-centre": settings.tags.cost_centre,
            "data-class": settings.tags.data_class,
            "environment": settings.environment,
            "workload": settings.workload,
            "managed-by": "pulumi",
        }


def _letters(text: str, length: int) -> str:
    """`length` lower-case letters that stand for `text`."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    letters = ""
    for _ in range(length):
        number, digit = divmod(number, 26)
        letters += chr(ord("a") + digit)
    return letters
