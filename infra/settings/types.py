"""Value types of the settings: each knows its form, an example, and how to say what is wrong.

A type checks shape only. What Azure offers today (regions, sizes) is data in `azure_tables`
and is used to find misspellings, never to refuse what is merely new.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from infra.settings import azure_tables
from infra.settings.errors import nearest


class WrongFormError(ValueError):
    """Raised by a check of a `Form`: the sentence that says what is allowed instead."""


@dataclass(frozen=True)
class Form:
    """The form of a string: a pattern (whole match), its words, an example, and a further check.

    Stands in `Annotated[str, FORM]`, where pydantic asks it for validation and JSON Schema.
    """

    pattern: str
    allowed: str
    example: str
    check: Callable[[str], None] | None = None

    def __call__(self, value: str) -> str:
        """The value itself, or pydantic's error with the sentence for the user."""
        allowed = "" if re.fullmatch(self.pattern, value) else self.allowed
        if self.check is not None:
            try:
                self.check(value)
            except WrongFormError as error:
                allowed = str(error)
            except ValueError:  # a check may rely on the pattern, which has failed already
                allowed = allowed or self.allowed
        if allowed:
            raise PydanticCustomError("form", "{allowed}", {"allowed": allowed})
        return value

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$", "examples": [self.example]}


def _check_location(value: str) -> None:
    """A region that is not in the table is new, unless it resembles a listed one."""
    folded = re.sub(r"[^a-z0-9]", "", value.casefold())
    if value in azure_tables.REGIONS or _without_digits(value) in map(_without_digits, azure_tables.REGIONS):
        return
    suggestion = nearest(folded, azure_tables.REGIONS, cutoff=0.88)
    if suggestion is not None:
        raise WrongFormError(f"{LOCATION.allowed}; did you mean '{suggestion}'?")


def _without_digits(region: str) -> str:
    return region.rstrip("0123456789")


def _check_vm_size(value: str) -> None:
    suggestion = nearest(value, azure_tables.COMMON_VM_SIZES, cutoff=0.9)
    if suggestion is not None and suggestion.casefold() == value.casefold() and suggestion != value:
        raise WrongFormError(f"{VM_SIZE.allowed}; did you mean '{suggestion}'?")


def _check_time_zone(value: str) -> None:
    if value in azure_tables.WINDOWS_TIME_ZONES:
        return
    suggestion = nearest(value, azure_tables.WINDOWS_TIME_ZONES, cutoff=0.7)
    if suggestion is not None:
        raise WrongFormError(f"{TIME_ZONE.allowed}; did you mean '{suggestion}'?")


_CRON_FIELDS: Final = (("minutes", 0, 59), ("hours", 0, 23))


def _check_cron(value: str) -> None:
    """Source: "Schedule machine learning pipeline jobs", cron expressions, for days and months."""
    minutes, hours, days, months, weekdays = value.split()
    for field, (name, low, high) in zip((minutes, hours), _CRON_FIELDS, strict=True):
        _check_cron_field(field, name, low, high)
    if (days, months) != ("*", "*"):
        raise WrongFormError("'*' for days and months, which Azure Machine Learning does not support")
    _check_cron_field(weekdays, "days of the week", 0, 6)


def _check_cron_field(field: str, name: str, low: int, high: int) -> None:
    for part in field.split(","):
        span, _, step = part.partition("/")
        bounds = [] if span == "*" else [int(number) for number in span.split("-")]
        if any(number < low or number > high for number in bounds) or bounds != sorted(bounds):
            raise WrongFormError(f"{name} from {low} to {high} in a cron expression")
        if step and not 1 <= int(step) <= high:
            raise WrongFormError(f"steps from 1 to {high} for {name} in a cron expression")


_PRIVATE_NETWORKS: Final = tuple(
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)


def _check_ip_range(value: str) -> None:
    """Source: "Configure Azure Storage firewalls": IPv4, public, and no /31 or /32."""
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        try:
            loose = ipaddress.IPv4Network(value, strict=False)
        except ValueError:
            raise WrongFormError(IP_RANGE.allowed) from None
        raise WrongFormError(f"a range without host bits; did you mean '{loose}'?") from None
    if "/" in value and network.prefixlen >= 31:
        raise WrongFormError(
            f"single addresses for ranges this small, such as '{network.network_address}' (Azure Storage "
            "refuses /31 and /32)"
        )
    if network.prefixlen < 8:
        raise WrongFormError("ranges of /8 or smaller")
    for private in _PRIVATE_NETWORKS:
        if network.subnet_of(private):
            raise WrongFormError(f"public addresses; {value} lies in the private range {private} (RFC 1918)")


def _check_fqdn(value: str) -> None:
    if value.startswith("*.") and value.count(".") < 2:
        raise WrongFormError("a wildcard below a registered domain, not a whole top-level domain")


def _check_port_ranges(value: str) -> None:
    for part in value.split(",") if value != "*" else ():
        bounds = [int(port) for port in part.split("-")]
        if bounds[-1] > 65535 or bounds[0] < 1 or bounds != sorted(bounds):
            raise WrongFormError("ports from 1 to 65535, the lower end of a range first")


WORKLOAD: Final = Form(
    r"[a-z][a-z0-9]{1,8}",
    "2 to 9 lower-case letters or digits, the first a letter (kv-WORKLOAD-prod-HASH may have 24 characters)",
    "mlplat",
)
ORGANIZATION: Final = Form(
    r"[a-z][a-z0-9-]{1,38}[a-z0-9]", "3 to 40 lower-case letters, digits or hyphens", "contoso"
)
NAME_SALT: Final = Form(r"[a-z0-9]{1,12}", "1 to 12 lower-case letters or digits", "2")
LOCATION: Final = Form(
    r"[a-z]{2,}[a-z0-9]{2,20}",
    "an Azure region by its name, in lower-case letters and digits",
    "westeurope",
    _check_location,
)
GUID: Final = Form(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "a GUID in lower case, as `az ad group show --query id` prints it",
    "3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c",
)
IP_RANGE: Final = Form(
    r"[0-9.]+(/[0-9]{1,2})?",
    "a public IPv4 address, or a range of them in CIDR form",
    "203.0.113.0/24",
    _check_ip_range,
)
VM_SIZE: Final = Form(
    r"Standard_[A-Z]{1,3}[0-9]{1,3}(-[0-9]{1,3})?[a-z]*(_[A-Z][A-Z0-9]{1,6})?(_v[0-9])?",
    "an Azure VM size with its exact capital letters",
    "Standard_DS3_v2",
    _check_vm_size,
)
# "Create a compute instance" gives 3 to 24 characters and the rule about hyphens; the SDK's own check
# and the ARM template reference stop at 16, so 16 is what all of them accept.
COMPUTE_NAME: Final = Form(
    r"[a-zA-Z](?:[a-zA-Z0-9-]{1,14})[a-zA-Z]|[a-zA-Z](?:[a-zA-Z0-9]{2,15})",
    "3 to 16 letters, digits or hyphens, the first a letter, and a letter after the last hyphen",
    "cpu-cluster",
)
_CRON_FIELD: Final = r"(?:\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?"
CRON: Final = Form(
    rf"{_CRON_FIELD}(?:,{_CRON_FIELD})*(?: {_CRON_FIELD}(?:,{_CRON_FIELD})*){{4}}",
    "five cron fields: minutes, hours, days, months, days of the week",
    "0 18 * * 1-5",
    _check_cron,
)
TIME_ZONE: Final = Form(
    r"UTC(?:[+-][0-9]{2})?|[A-Z][A-Za-z. ]+ Standard Time(?: \(Mexico\))?",
    "a Windows time zone name, or UTC",
    "W. Europe Standard Time",
    _check_time_zone,
)
FQDN: Final = Form(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    "a host name in lower case, without scheme or path, or one with a leading '*.'",
    "*.contoso.com",
    _check_fqdn,
)
SERVICE_TAG: Final = Form(
    r"[A-Z][A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?",
    "an Azure service tag, with its region or without",
    "AzureMonitor",
)
PORT_RANGES: Final = Form(
    r"\*|[0-9]{1,5}(?:-[0-9]{1,5})?(?:,[0-9]{1,5}(?:-[0-9]{1,5})?)*",
    "ports and ranges of ports with commas between them, or '*'",
    "443,8787-8790",
    _check_port_ranges,
)
RULE_NAME: Final = Form(
    r"[A-Za-z](?:[A-Za-z0-9_-]{0,78}[A-Za-z0-9])?",
    "1 to 80 letters, digits, hyphens or underscores, the first a letter",
    "packages",
)
RESOURCE_ID: Final = Form(
    r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/[A-Za-z.]+(?:/[^/]+/[^/]+)+",
    "the full ARM id of a resource",
    "/subscriptions/3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c/resourceGroups/rg-data/providers"
    "/Microsoft.Storage/storageAccounts/stdata",
)
LABEL: Final = Form(
    r"\S(?:.{0,126}\S)?", "1 to 128 characters without surrounding spaces", "ml-platform-team"
)
REGISTRY_NAME: Final = Form(
    r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
    "3 to 33 letters, digits, hyphens or underscores, the first a letter or digit",
    "contoso-ml",
)  # `name` of registries in "Azure Machine Learning registries", REST reference
_BELOW_ASSETS: Final = r"(?!\s)(?!(?:.*/)?\.{1,2}(?:/|$))[^/\\]+(?:/[^/\\]+)*"
ASSET_PATTERN: Final = Form(
    rf"{_BELOW_ASSETS}(?<!\s)",
    "a path below ml_assets/assets with forward slashes; * stands for part of a name, ** for any folders",
    "environments/**",
)
ASSET_FILE: Final = Form(
    rf"(?!.*[*?\[]){_BELOW_ASSETS}\.ya?ml",
    "the path of a YAML file below ml_assets/assets, with forward slashes and without wildcards",
    "endpoints/churn/blue.yml",
)
TAG_NAME: Final = Form(
    r"[^<>%&\\?/\s][^<>%&\\?/]{0,127}", "1 to 128 characters without < > % & \\ ? /", "project"
)  # 128 is the storage account's limit, "Use tags to organize your Azure resources"


_DURATION: Final = (
    r"P(?=[0-9T])(?:(?P<days>[0-9]{1,3})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,3})H)?(?:(?P<minutes>[0-9]{1,4})M)?(?:(?P<seconds>[0-9]{1,6})S)?)?"
)


def seconds(duration: str) -> int:
    """Length of an ISO 8601 duration of days, hours, minutes and seconds.

    Raises ValueError for any other text.
    """
    match = re.fullmatch(_DURATION, duration)
    if match is None:
        raise ValueError(f"not an ISO 8601 duration: {duration}")
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def duration(low: str, high: str, example: str) -> Form:
    """The form of an ISO 8601 duration between two others, both allowed."""
    allowed = f"an ISO 8601 duration from {low} to {high}"

    def check(value: str) -> None:
        if not seconds(low) <= seconds(value) <= seconds(high):
            raise WrongFormError(allowed)

    return Form(re.sub(r"\?P<[a-z]+>", "?:", _DURATION), allowed, example, check)


Workload = Annotated[str, WORKLOAD]
Organization = Annotated[str, ORGANIZATION]
NameSalt = Annotated[str, NAME_SALT]
Location = Annotated[str, LOCATION]
Guid = Annotated[str, GUID]
IpRange = Annotated[str, IP_RANGE]
VmSize = Annotated[str, VM_SIZE]
ComputeName = Annotated[str, COMPUTE_NAME]
Cron = Annotated[str, CRON]
TimeZone = Annotated[str, TIME_ZONE]
Fqdn = Annotated[str, FQDN]
ServiceTag = Annotated[str, SERVICE_TAG]
PortRanges = Annotated[str, PORT_RANGES]
RuleName = Annotated[str, RULE_NAME]
ResourceId = Annotated[str, RESOURCE_ID]
Label = Annotated[str, LABEL]
TagName = Annotated[str, TAG_NAME]
RegistryName = Annotated[str, REGISTRY_NAME]
AssetPattern = Annotated[str, ASSET_PATTERN]
AssetFile = Annotated[str, ASSET_FILE]
# Azure's own default is 120 seconds; a day is where a cluster stops being elastic.
ScaleDownTime = Annotated[str, duration("PT1M", "P1D", "PT10M")]
# "Configure idle shutdown": 15 minutes to 3 days.
ShutdownTime = Annotated[str, duration("PT15M", "P3D", "PT1H")]
