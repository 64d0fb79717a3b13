"""Controls of storage accounts: how they are reached, and by whom besides Entra identities.

Azure's defaults are those of Microsoft.Storage/storageAccounts, API version 2024-01-01, as the descriptions
of its properties give them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, Setting
from azureml_guard.facts import Finding, Resource, both

STORAGE: Final = "storage:StorageAccount"
CONTAINER: Final = "storage:BlobContainer"
_TLS: Final = ("TLS1_2", "TLS1_3")
_PERIOD: Final = re.compile(r"(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d\d):(?P<seconds>\d\d)")


def _transport(account: Resource, context: Context) -> Iterator[Finding]:
    https = account.at("enableHttpsTrafficOnly")
    # True by default since API version 2019-04-01.
    yield https.must(https.equals(True, absent=True), "must be true")
    tls = account.at("minimumTlsVersion")
    # TLS 1.0 by default.
    yield tls.must(tls.equals(*_TLS), "must be TLS1_2 or later")


def _mend_transport(account: Resource, context: Context) -> Mapping[str, Any]:
    return _only(
        ("enableHttpsTrafficOnly", True, account.at("enableHttpsTrafficOnly").equals(False) is True),
        ("minimumTlsVersion", "TLS1_2", account.at("minimumTlsVersion").equals(*_TLS) is False),
    )


def _anonymous(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type == CONTAINER:
        access = resource.at("publicAccess")
        yield access.must(access.equals("None", absent=True), "must be None")  # None by default
    else:
        access = resource.at("allowBlobPublicAccess")
        yield access.must(access.equals(False, absent=True), "must be false")  # false by default


def _mend_anonymous(resource: Resource, context: Context) -> Mapping[str, Any]:
    return {"publicAccess": "None"} if resource.type == CONTAINER else {"allowBlobPublicAccess": False}


def _ways_round(account: Resource, context: Context) -> Iterator[Finding]:
    replication = account.at("allowCrossTenantReplication")
    # False by default for accounts made since December 2023.
    yield replication.must(replication.equals(False, absent=True), "must be false")
    sftp = account.at("isSftpEnabled")
    yield sftp.must(sftp.equals(False, absent=True), "must be false")
    users = account.at("isLocalUserEnabled")
    # On where it was never set, as the provider azurerm and CKV_AZURE_244 take it.
    yield users.must(users.equals(False), "must be false")
    period = account.at("sasPolicy.sasExpirationPeriod")
    longest = context.settings["longestSasDays"]
    yield period.must(
        period.test(lambda text: 0 < _days(text) <= longest),
        "must be a period within the longest that is allowed",
    )


def _mend_ways_round(account: Resource, context: Context) -> Mapping[str, Any]:
    """Where SFTP is on, somebody uses it, with local users; that is for people to end."""
    sftp_is_off = account.at("isSftpEnabled").equals(False, absent=True)
    users_are_off = account.at("isLocalUserEnabled").equals(False)
    replication_is_off = account.at("allowCrossTenantReplication").equals(False, absent=True)
    policy_is_absent = account.at("sasPolicy").is_absent
    return _only(
        ("allowCrossTenantReplication", False, replication_is_off is False),
        ("isLocalUserEnabled", False, both(sftp_is_off, users_are_off is False) is True),
        ("sasPolicy.expirationAction", "Log", policy_is_absent),
        ("sasPolicy.sasExpirationPeriod", "1.00:00:00", policy_is_absent),
    )


def _days(period: str) -> float:
    """Days of a period written as DD.HH:MM:SS. ValueError for anything else."""
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(period)
    hours = int(match["hours"]) + int(match["minutes"]) / 60 + int(match["seconds"]) / 3600
    return int(match["days"] or 0) + hours / 24


def _only(*mends: tuple[str, Any, bool]) -> dict[str, Any]:
    return {path: value for path, value, is_needed in mends if is_needed}


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.DATA,
        number=1,
        title="Storage is reached by HTTPS with TLS 1.2 only",
        why="Older versions of TLS, and plain HTTP, let others read or change what is under way.",
        mend="Set minimumTlsVersion to TLS1_2 and leave enableHttpsTrafficOnly at true.",
        severity=Severity.HIGH,
        types=(STORAGE,),
        check=_transport,
        remedy=_mend_transport,
        references=References(
            azure_policy=(
                "Secure transfer to storage accounts should be enabled",
                "Storage accounts should have the specified minimum TLS version",
                "Configure secure transfer of data on a storage account",
            ),
            benchmark=("DP-3",),
            cis=("3.1", "3.15"),
            others=(
                "Azure.Storage.SecureTransfer",
                "Azure.Storage.MinTLS",
                "CKV_AZURE_3",
                "CKV_AZURE_44",
                "AZU-0008",
                "AZU-0011",
                "AZU-0059",
            ),
            url="https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",
        ),
    ),
    ResourceControl(
        concern=Concern.DATA,
        number=2,
        title="Nobody reads blobs without signing in",
        why="With anonymous access anyone who knows or guesses an address reads the data.",
        mend="Set allowBlobPublicAccess of the account to false and publicAccess of the container to None.",
        severity=Severity.CRITICAL,
        types=(STORAGE, CONTAINER),
        check=_anonymous,
        remedy=_mend_anonymous,
        references=References(
            azure_policy=(
                "Storage account public access should be disallowed",
                "Configure your Storage account public access to be disallowed",
            ),
            benchmark=("NS-2",),
            cis=("3.7",),
            others=(
                "Azure.Storage.BlobPublicAccess",
                "Azure.Storage.BlobAccessType",
                "CKV_AZURE_34",
                "CKV_AZURE_190",
                "CKV2_AZURE_47",
                "AZU-0007",
            ),
            url="https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent",
        ),
    ),
    ResourceControl(
        concern=Concern.DATA,
        number=7,
        title="Storage has no way round Entra identities and the tenant",
        why="Replication to other tenants, local users and long-lived signatures take data out unseen.",
        mend=(
            "Set allowCrossTenantReplication, isSftpEnabled and isLocalUserEnabled to false, and "
            "sasPolicy to expirationAction Log with a sasExpirationPeriod such as 1.00:00:00."
        ),
        severity=Severity.MEDIUM,
        types=(STORAGE,),
        check=_ways_round,
        remedy=_mend_ways_round,
        settings={
            "longestSasDays": Setting(
                schema={"type": "number", "exclusiveMinimum": 0, "default": 7},
                description="The longest life, in days, that sasPolicy may allow a shared access signature.",
            )
        },
        references=References(
            azure_policy=(
                "Storage accounts should prevent cross tenant object replication",
                "Storage accounts should have shared access signature (SAS) policies configured",
            ),
            benchmark=("IM-8",),
            others=("CKV_AZURE_244", "CKV2_AZURE_41"),
            url="https://learn.microsoft.com/azure/storage/common/sas-expiration-policy",
        ),
    ),
)
