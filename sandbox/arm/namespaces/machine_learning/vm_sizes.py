"""VM sizes that Azure Machine Learning computes take, and the quota of their families.

Sizes, cores and accelerators: "Virtual machine sizes" and "Supported VM series and
sizes" (Azure Machine Learning). The quotas are the sandbox's own: Azure gives each
subscription different ones, none at all for the newest accelerators, and so does this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """A VM family as quotas count it: its key in the usage list, its label, its dedicated cores."""

    key: str
    label: str
    dedicated_cores: int


@dataclass(frozen=True)
class VmSize:
    """One size: cores, accelerators, memory in GB and temporary disk in MB."""

    name: str
    family: Family
    cores: int
    gpus: int
    memory_gb: float
    disk_mb: int
    low_priority: bool = True


TOTAL_DEDICATED_CORES = 350
TOTAL_LOW_PRIORITY_CORES = 300

D_V2 = Family("standardDv2Family", "Standard Dv2", 100)
DS_V2 = Family("standardDSv2Family", "Standard DSv2", 100)
D_V3 = Family("standardDv3Family", "Standard Dv3", 100)
DS_V3 = Family("standardDSv3Family", "Standard DSv3", 100)
DDS_V4 = Family("standardDDSv4Family", "Standard DDSv4", 100)
DS_V5 = Family("standardDSv5Family", "Standard DSv5", 100)
DDS_V5 = Family("standardDDSv5Family", "Standard DDSv5", 100)
DADS_V5 = Family("standardDADSv5Family", "Standard DADSv5", 100)
ES_V3 = Family("standardESv3Family", "Standard ESv3", 100)
EDS_V4 = Family("standardEDSv4Family", "Standard EDSv4", 100)
EDS_V5 = Family("standardEDSv5Family", "Standard EDSv5", 100)
FS_V2 = Family("standardFSv2Family", "Standard FSv2", 100)
NC_T4_V3 = Family("standardNCASv3_T4Family", "Standard NCASv3_T4", 64)
NCS_V3 = Family("standardNCSv3Family", "Standard NCSv3", 24)
NC_A100_V4 = Family("standardNCADSA100v4Family", "Standard NCADSA100v4", 96)
NV_A10_V5 = Family("standardNVADSA10v5Family", "Standard NVADSA10v5", 72)
NC_H100_V5 = Family("standardNCADSH100v5Family", "Standard NCADSH100v5", 0)
ND_A100_V4 = Family("standardNDASv4_A100Family", "Standard NDASv4_A100", 0)
ND_H100_V5 = Family("standardNDSH100v5Family", "Standard NDSH100v5", 0)


def _sizes(
    family: Family, pattern: str, numbers: tuple[int, ...], gb_per_core: float, disk_mb_per_core: int
) -> list[VmSize]:
    """The sizes of a family whose memory and disk grow with the cores."""
    return [
        VmSize(pattern.format(cores), family, cores, 0, cores * gb_per_core, cores * disk_mb_per_core)
        for cores in numbers
    ]


def _v2(family: Family, letter: str, disk_mb_per_core: int) -> list[VmSize]:
    """The second generation of D: its numbers count steps, not cores; 11 to 15 have more memory."""
    general = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16}
    memory = {11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
    sizes = [
        VmSize(f"Standard_{letter}{number}_v2", family, cores, 0, cores * 3.5, cores * disk_mb_per_core)
        for number, cores in general.items()
    ]
    return sizes + [
        VmSize(f"Standard_{letter}{number}_v2", family, cores, 0, cores * 7.0, cores * disk_mb_per_core * 2)
        for number, cores in memory.items()
    ]


COMMON = (2, 4, 8, 16, 32, 48, 64)

VM_SIZES: tuple[VmSize, ...] = (
    *_v2(D_V2, "D", 51200),
    *_v2(DS_V2, "DS", 7168),
    *_sizes(D_V3, "Standard_D{}_v3", COMMON, 4, 25600),
    *_sizes(DS_V3, "Standard_D{}s_v3", COMMON, 4, 8192),
    *_sizes(DDS_V4, "Standard_D{}ds_v4", COMMON, 4, 38400),
    *_sizes(DS_V5, "Standard_D{}s_v5", (*COMMON, 96), 4, 0),
    *_sizes(DDS_V5, "Standard_D{}ds_v5", (*COMMON, 96), 4, 38400),
    *_sizes(DADS_V5, "Standard_D{}ads_v5", (*COMMON, 96), 4, 38400),
    *_sizes(ES_V3, "Standard_E{}s_v3", COMMON, 8, 16384),
    *_sizes(EDS_V4, "Standard_E{}ds_v4", COMMON, 8, 38400),
    *_sizes(EDS_V5, "Standard_E{}ds_v5", (*COMMON, 96), 8, 38400),
    *_sizes(FS_V2, "Standard_F{}s_v2", (2, 4, 8, 16, 32, 48, 64, 72), 2, 8192),
    VmSize("Standard_NC4as_T4_v3", NC_T4_V3, 4, 1, 28, 180224),
    VmSize("Standard_NC8as_T4_v3", NC_T4_V3, 8, 1, 56, 368640),
    VmSize("Standard_NC16as_T4_v3", NC_T4_V3, 16, 1, 110, 368640),
    VmSize("Standard_NC64as_T4_v3", NC_T4_V3, 64, 4, 440, 2949120),
    VmSize("Standard_NC6s_v3", NCS_V3, 6, 1, 112, 344064),
    VmSize("Standard_NC12s_v3", NCS_V3, 12, 2, 224, 688128),
    VmSize("Standard_NC24s_v3", NCS_V3, 24, 4, 448, 1376256),
    VmSize("Standard_NC24ads_A100_v4", NC_A100_V4, 24, 1, 220, 65536),
    VmSize("Standard_NC48ads_A100_v4", NC_A100_V4, 48, 2, 440, 131072),
    VmSize("Standard_NC96ads_A100_v4", NC_A100_V4, 96, 4, 880, 262144),
    VmSize("Standard_NV6ads_A10_v5", NV_A10_V5, 6, 1, 55, 184320),
    VmSize("Standard_NV12ads_A10_v5", NV_A10_V5, 12, 1, 110, 368640),
    VmSize("Standard_NV18ads_A10_v5", NV_A10_V5, 18, 1, 220, 737280),
    VmSize("Standard_NV36ads_A10_v5", NV_A10_V5, 36, 1, 440, 737280),
    VmSize("Standard_NV72ads_A10_v5", NV_A10_V5, 72, 2, 880, 1474560),
    VmSize("Standard_NC40ads_H100_v5", NC_H100_V5, 40, 1, 320, 3637248),
    VmSize("Standard_NC80adis_H100_v5", NC_H100_V5, 80, 2, 640, 7340032),
    VmSize("Standard_ND96asr_v4", ND_A100_V4, 96, 8, 900, 6144000, low_priority=False),
    VmSize("Standard_ND96isr_H100_v5", ND_H100_V5, 96, 8, 1900, 28672000, low_priority=False),
)

_BY_NAME = {size.name.lower(): size for size in VM_SIZES}

FAMILIES: tuple[Family, ...] = tuple(dict.fromkeys(size.family for size in VM_SIZES))


def find(name: str) -> VmSize | None:
    """The size of that name, without regard to case; None when the service has no such size."""
    return _BY_NAME.get(name.lower())


def supported_names() -> str:
    """All names as the service lists them in its error: capitals, separated by commas."""
    return ",".join(size.name.upper() for size in VM_SIZES)
