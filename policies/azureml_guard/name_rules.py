"""What Azure takes as names, by type: "Naming rules and restrictions for Azure resources" as data.

The page's words on machinelearningservices are completed by the patterns of the REST API (names of
workspaces may have underscores, computes begin with a letter) and by "Create a compute instance".
Lengths count characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class NameRule:
    """The rule of one type.

    Attributes:
        property: The input that holds the name.
        length: The shortest and the longest.
        pattern: A regular expression of the alphabet, for the whole name, case-sensitive.
        alphabet: The same in words.
        is_run_on: Whether there is nothing in the alphabet to part words with.
    """

    property: str
    length: tuple[int, int]
    pattern: str
    alphabet: str
    is_run_on: bool = False


_ALNUM: Final = ("[A-Za-z0-9]+", "letters and digits")
_LOWER: Final = ("[a-z0-9]+", "lower-case letters and digits")
_HYPHENS: Final = ("[A-Za-z0-9-]+", "letters, digits and hyphens")
_HYPHENS_INSIDE: Final = (
    "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
    "letters, digits and hyphens, with a letter or digit at both ends",
)
_LETTER_FIRST: Final = (
    "[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?",
    "letters, digits and hyphens, a letter first and a letter or digit last",
)
_LOWER_HYPHENS: Final = (
    "(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?",
    "lower-case letters, digits and single hyphens, with a letter or digit at both ends",
)
_UNDERSCORES: Final = ("[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")
_UNDERSCORES_AFTER: Final = (
    "[A-Za-z0-9][A-Za-z0-9_-]*",
    "letters, digits, hyphens and underscores, with a letter or digit first",
)
_NETWORK: Final = (
    "[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?",
    "letters, digits, underscores, periods and hyphens, a letter or digit first and no period or hyphen last",
)
_INSIGHTS: Final = (
    r"[^%&\\?/\x00-\x1f]*[^%&\\?/\x00-\x1f. ]",
    r"no %, &, \, ? or /, and no period or space last",
)
_GROUP: Final = (
    r"[\w().-]*[\w()-]",
    "letters, digits, underscores, hyphens, periods and parentheses, no period last",
)
_LOCK: Final = ("[A-Za-z0-9_().-]*[A-Za-z0-9_()-]", _GROUP[1])

RULES: Final[Mapping[str, NameRule]] = {
    "machinelearningservices:Workspace": NameRule("workspaceName", (3, 33), *_UNDERSCORES_AFTER),
    "machinelearningservices:Registry": NameRule("registryName", (3, 33), *_UNDERSCORES_AFTER),
    "machinelearningservices:Compute": NameRule("computeName", (2, 32), *_LETTER_FIRST),
    "machinelearningservices:OnlineEndpoint": NameRule("endpointName", (3, 32), *_LETTER_FIRST),
    "machinelearningservices:BatchEndpoint": NameRule("endpointName", (3, 32), *_LETTER_FIRST),
    "machinelearningservices:Datastore": NameRule(
        "name", (1, 255), "[a-z0-9_]+", "lower-case letters, digits and underscores"
    ),
    "storage:StorageAccount": NameRule("accountName", (3, 24), *_LOWER, is_run_on=True),
    "storage:BlobContainer": NameRule(
        "containerName", (3, 63), rf"\$(root|web|logs)|{_LOWER_HYPHENS[0]}", _LOWER_HYPHENS[1]
    ),
    "storage:FileShare": NameRule("shareName", (3, 63), *_LOWER_HYPHENS),
    "keyvault:Vault": NameRule(
        "vaultName", (3, 24), f"(?!.*--){_LETTER_FIRST[0]}", f"{_LETTER_FIRST[1]}, none doubled"
    ),
    "keyvault:Secret": NameRule("secretName", (1, 127), *_HYPHENS),
    "containerregistry:Registry": NameRule("registryName", (5, 50), *_ALNUM, is_run_on=True),
    "applicationinsights:Component": NameRule("resourceName", (1, 260), *_INSIGHTS),
    "operationalinsights:Workspace": NameRule("workspaceName", (4, 63), *_HYPHENS_INSIDE),
    "operationalinsights:Cluster": NameRule("clusterName", (4, 63), *_HYPHENS_INSIDE),
    "managedidentity:UserAssignedIdentity": NameRule("resourceName", (3, 128), *_UNDERSCORES_AFTER),
    "resources:ResourceGroup": NameRule("resourceGroupName", (1, 90), *_GROUP),
    "authorization:ManagementLockByScope": NameRule("lockName", (1, 90), *_LOCK),
    "network:VirtualNetwork": NameRule("virtualNetworkName", (2, 64), *_NETWORK),
    "network:PrivateEndpoint": NameRule("privateEndpointName", (2, 64), *_NETWORK),
    "network:Subnet": NameRule("subnetName", (1, 80), *_NETWORK),
    "network:NetworkSecurityGroup": NameRule("networkSecurityGroupName", (1, 80), *_NETWORK),
    "network:SecurityRule": NameRule("securityRuleName", (1, 80), *_NETWORK),
    "network:RouteTable": NameRule("routeTableName", (1, 80), *_NETWORK),
    "network:PublicIPAddress": NameRule("publicIpAddressName", (1, 80), *_NETWORK),
    "network:NatGateway": NameRule("natGatewayName", (1, 80), *_NETWORK),
    "network:NetworkInterface": NameRule("networkInterfaceName", (1, 80), *_NETWORK),
    "network:LoadBalancer": NameRule("loadBalancerName", (1, 80), *_NETWORK),
    "network:AzureFirewall": NameRule("azureFirewallName", (1, 80), *_NETWORK),
    "network:ApplicationGateway": NameRule("applicationGatewayName", (1, 80), *_NETWORK),
    "network:BastionHost": NameRule("bastionHostName", (1, 80), *_NETWORK),
    "network:VirtualNetworkGateway": NameRule("virtualNetworkGatewayName", (1, 80), *_NETWORK),
    "privatedns:VirtualNetworkLink": NameRule("virtualNetworkLinkName", (1, 80), *_NETWORK),
    "cognitiveservices:Account": NameRule("accountName", (2, 64), *_HYPHENS_INSIDE),
    "databricks:Workspace": NameRule("workspaceName", (3, 30), *_UNDERSCORES),
    "datafactory:Factory": NameRule("factoryName", (3, 63), *_HYPHENS_INSIDE),
    "containerservice:ManagedCluster": NameRule(
        "resourceName", (1, 63), "[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?", _UNDERSCORES[1]
    ),
    "consumption:Budget": NameRule("budgetName", (1, 63), *_UNDERSCORES),
    "sql:Server": NameRule(
        "serverName", (1, 63), "[a-z0-9]([a-z0-9-]*[a-z0-9])?", "lower-case letters, digits and hyphens"
    ),
}
# Of a compute, by its kind; a digit may not follow the last hyphen of an instance's name.
COMPUTES: Final[Mapping[str, NameRule]] = {
    "computeinstance": NameRule(
        "computeName",
        (3, 24),
        r"(?!.*-\d+$)[A-Za-z][A-Za-z0-9-]*",
        "letters, digits and hyphens, a letter first and no number after the last hyphen",
    ),
    "amlcompute": NameRule("computeName", (3, 32), *_LETTER_FIRST),
}
OTHER_COMPUTE: Final = NameRule("computeName", (2, 16), *_LETTER_FIRST)
