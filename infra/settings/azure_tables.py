"""Lists that Azure publishes: data only, each with its source and the day it was taken.

They age, so they never decide alone: a region or size that is missing here is accepted
unless it looks like a misspelling of a listed one.
"""

from __future__ import annotations

from typing import Final

# "Azure regions list" (learn.microsoft.com/azure/reliability/regions-list), November 2026; the value is
# the short form used in resource names, after the Cloud Adoption Framework's advice to abbreviate regions.
REGIONS: Final[dict[str, str]] = {
    "australiacentral": "auc", "australiaeast": "aue", "australiasoutheast": "ause",
    "austriaeast": "ate", "belgiumcentral": "bec", "brazilsouth": "brs", "brazilsoutheast": "brse",
    "canadacentral": "cac", "canadaeast": "cae", "centralindia": "inc", "centralus": "usc",
    "chilecentral": "clc", "eastasia": "ea", "eastus": "use", "eastus2": "use2",
    "francecentral": "frc", "francesouth": "frs", "germanynorth": "gen", "germanywestcentral": "gewc",
    "indonesiacentral": "idc", "israelcentral": "ilc", "italynorth": "itn", "japaneast": "jpe",
    "japanwest": "jpw", "koreacentral": "krc", "koreasouth": "krs", "malaysiawest": "myw",
    "mexicocentral": "mxc", "newzealandnorth": "nzn", "northcentralus": "usnc", "northeurope": "neu",
    "norwayeast": "noe", "norwaywest": "now", "polandcentral": "plc", "qatarcentral": "qac",
    "southafricanorth": "zan", "southafricawest": "zaw", "southcentralus": "ussc", "southeastasia": "sea",
    "southindia": "ins", "spaincentral": "esc", "swedencentral": "sec", "swedensouth": "ses",
    "switzerlandnorth": "chn", "switzerlandwest": "chw", "uaecentral": "aec", "uaenorth": "aen",
    "uksouth": "uks", "ukwest": "ukw", "westcentralus": "uswc", "westeurope": "weu",
    "westindia": "inw", "westus": "usw", "westus2": "usw2", "westus3": "usw3",
}  # fmt: skip

# Series that Azure has retired ("Previous generation VM sizes", "NCv3-series retirement"), November 2026:
# how a size of the series begins and ends, the last day, and a size to use instead.
RETIRED_VM_SERIES: Final[tuple[tuple[str, str, str, str], ...]] = (
    (r"Standard_NC(6|12|24r?)", "NC", "2023-09-06", "Standard_NC4as_T4_v3"),
    (r"Standard_NC(6|12|24r?)s_v2", "NCv2", "2023-09-06", "Standard_NC4as_T4_v3"),
    (r"Standard_NC(6|12|24r?)s_v3", "NCv3", "2025-09-30", "Standard_NC24ads_A100_v4"),
    (r"Standard_ND(6|12|24r?)s", "ND", "2023-09-06", "Standard_ND96asr_v4"),
    (r"Standard_NV(6|12|24)", "NV", "2023-09-06", "Standard_NV6ads_A10_v5"),
)

# Common sizes that Azure Machine Learning offers ("Supported VM series and sizes", November 2026);
# used for "did you mean" only.
COMMON_VM_SIZES: Final[tuple[str, ...]] = (
    "Standard_DS2_v2", "Standard_DS3_v2", "Standard_DS4_v2", "Standard_DS5_v2", "Standard_DS11_v2",
    "Standard_DS12_v2", "Standard_D2s_v3", "Standard_D4s_v3", "Standard_D8s_v3", "Standard_D16s_v3",
    "Standard_D2ds_v4", "Standard_D4ds_v4", "Standard_D8ds_v4", "Standard_D16ds_v4",
    "Standard_E2s_v3", "Standard_E4s_v3", "Standard_E8s_v3", "Standard_E4ds_v4", "Standard_E8ds_v4",
    "Standard_E16ds_v4", "Standard_F2s_v2", "Standard_F4s_v2", "Standard_F8s_v2", "Standard_F16s_v2",
    "Standard_NC4as_T4_v3", "Standard_NC8as_T4_v3", "Standard_NC16as_T4_v3", "Standard_NC64as_T4_v3",
    "Standard_NC24ads_A100_v4", "Standard_NC48ads_A100_v4", "Standard_NC40ads_H100_v5",
    "Standard_ND96asr_v4", "Standard_ND96isr_H100_v5", "Standard_NV6ads_A10_v5", "Standard_NV36ads_A10_v5",
)  # fmt: skip

# Windows time zone identifiers ("Default time zones", Windows documentation), November 2026.
WINDOWS_TIME_ZONES: Final[tuple[str, ...]] = (
    "AUS Central Standard Time", "AUS Eastern Standard Time", "Afghanistan Standard Time",
    "Alaskan Standard Time", "Arab Standard Time", "Arabian Standard Time", "Arabic Standard Time",
    "Argentina Standard Time", "Atlantic Standard Time", "Azerbaijan Standard Time", "Azores Standard Time",
    "Bangladesh Standard Time", "Belarus Standard Time", "Canada Central Standard Time",
    "Cape Verde Standard Time", "Caucasus Standard Time", "Cen. Australia Standard Time",
    "Central America Standard Time", "Central Asia Standard Time", "Central Brazilian Standard Time",
    "Central Europe Standard Time", "Central European Standard Time", "Central Pacific Standard Time",
    "Central Standard Time", "Central Standard Time (Mexico)", "China Standard Time",
    "E. Africa Standard Time", "E. Australia Standard Time", "E. Europe Standard Time",
    "E. South America Standard Time", "Eastern Standard Time", "Eastern Standard Time (Mexico)",
    "Egypt Standard Time", "Ekaterinburg Standard Time", "FLE Standard Time", "Fiji Standard Time",
    "GMT Standard Time", "GTB Standard Time", "Georgian Standard Time", "Greenland Standard Time",
    "Greenwich Standard Time", "Hawaiian Standard Time", "India Standard Time", "Iran Standard Time",
    "Israel Standard Time", "Jordan Standard Time", "Kaliningrad Standard Time", "Korea Standard Time",
    "Libya Standard Time", "Mauritius Standard Time", "Middle East Standard Time", "Montevideo Standard Time",
    "Morocco Standard Time", "Mountain Standard Time", "Mountain Standard Time (Mexico)",
    "Myanmar Standard Time", "N. Central Asia Standard Time", "Namibia Standard Time", "Nepal Standard Time",
    "New Zealand Standard Time", "Newfoundland Standard Time", "North Asia East Standard Time",
    "North Asia Standard Time", "Pacific SA Standard Time", "Pacific Standard Time",
    "Pacific Standard Time (Mexico)", "Pakistan Standard Time", "Paraguay Standard Time",
    "Qyzylorda Standard Time", "Romance Standard Time", "Russian Standard Time",
    "SA Eastern Standard Time", "SA Pacific Standard Time", "SA Western Standard Time",
    "SE Asia Standard Time", "Samoa Standard Time", "Singapore Standard Time", "South Africa Standard Time",
    "Sri Lanka Standard Time", "Syria Standard Time", "Taipei Standard Time", "Tasmania Standard Time",
    "Tokyo Standard Time", "Tonga Standard Time", "Turkey Standard Time", "US Eastern Standard Time",
    "US Mountain Standard Time", "UTC", "Ulaanbaatar Standard Time", "Venezuela Standard Time",
    "Vladivostok Standard Time", "W. Australia Standard Time", "W. Central Africa Standard Time",
    "W. Europe Standard Time", "West Asia Standard Time", "West Pacific Standard Time",
    "Yakutsk Standard Time",
)  # fmt: skip
