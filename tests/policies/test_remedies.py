"""Remedies as the engine gets them: only what fails is set, and what stands beside it stays what it was."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import ResourceControl
from azureml_guard.host import Host

SECRET = {rpc._special_sig_key: rpc._special_secret_sig, "value": "canary"}
UNKNOWN = rpc.UNKNOWN
REMEDIES = [control.id for control in CATALOGUE if isinstance(control, ResourceControl) and control.remedy]


class NoContext:
    """Stands for the engine's call, which nothing here may abort."""

    def abort(self, code: Any, details: str) -> None:
        raise AssertionError(details)


def remediated(
    folder: Path, control_id: str, type_name: str, properties: Mapping[str, Any], **settings: Any
) -> list[Any]:
    """What the host answers to Remediate where one control has that level and all others are off."""
    levels = {control.id: "disabled" for control in CATALOGUE}
    configured = {**levels, control_id: {"enforcementLevel": "remediate", **settings}}
    (folder / "prod.json").write_text(json.dumps(configured), encoding="utf-8")
    host = Host(folder, dt.date(2026, 11, 1))
    context: Any = NoContext()
    host.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="prod"), context)
    info = host.GetAnalyzerInfo(None, context)
    host.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=info.initialConfig), context)
    struct = Struct()
    struct.update(properties)
    request = analyzer_pb2.AnalyzeRequest(
        type=f"azure-native:{type_name}", urn="urn:pulumi:prod::p::t::n", properties=struct
    )
    return list(host.Remediate(request, context).remediations)


def after(folder: Path, control_id: str, type_name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    found = remediated(folder, control_id, type_name, properties)
    assert [each.policyName for each in found] == [control_id]
    return dict(MessageToDict(found[0].properties))


STORAGE = "storage:StorageAccount"
BESIDE = {"keyPolicy": {"secretish": SECRET, "later": UNKNOWN}, "resourceGroupName": UNKNOWN, "note": SECRET}


@pytest.mark.parametrize(
    ("control_id", "type_name", "wrong", "right"),
    [
        ("AML-DAT-001", STORAGE, {}, {"minimumTlsVersion": "TLS1_2"}),
        (
            "AML-DAT-001",
            STORAGE,
            {"minimumTlsVersion": "TLS1_3", "enableHttpsTrafficOnly": False},
            {"minimumTlsVersion": "TLS1_3", "enableHttpsTrafficOnly": True},
        ),
        ("AML-DAT-002", STORAGE, {"allowBlobPublicAccess": True}, {"allowBlobPublicAccess": False}),
        ("AML-DAT-002", "storage:BlobContainer", {"publicAccess": "Blob"}, {"publicAccess": "None"}),
        (
            "AML-DAT-007",
            STORAGE,
            {"allowCrossTenantReplication": True},
            {
                "allowCrossTenantReplication": False,
                "isLocalUserEnabled": False,
                "sasPolicy": {"expirationAction": "Log", "sasExpirationPeriod": "1.00:00:00"},
            },
        ),
        (
            "AML-TAG-001",
            STORAGE,
            {"tags": {"owner": SECRET, "later": UNKNOWN, "Environment": ""}},
            {"tags": {"owner": SECRET, "later": UNKNOWN, "Environment": "prod", "managed-by": "pulumi"}},
        ),
        ("AML-TAG-001", STORAGE, {}, {"tags": {"environment": "prod", "managed-by": "pulumi"}}),
        (
            "AML-TAG-002",
            STORAGE,
            {"tags": {"Environment": "dev", "owner": SECRET, "later": UNKNOWN}},
            {"tags": {"Environment": "prod", "owner": SECRET, "later": UNKNOWN}},
        ),
    ],
)
def test_what_fails_is_set_and_secrets_and_unknown_values_beside_it_survive(
    tmp_path: Path, control_id: str, type_name: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    assert after(tmp_path, control_id, type_name, {**BESIDE, **wrong}) == {**BESIDE, **right}


def test_every_remedy_has_a_case_above() -> None:
    tested = {"AML-DAT-001", "AML-DAT-002", "AML-DAT-007", "AML-TAG-001", "AML-TAG-002"}
    concerns = ("AML-DAT", "AML-PRO", "AML-TAG", "AML-NAM")
    assert {each for each in REMEDIES if each.startswith(concerns)} == tested


@pytest.mark.parametrize(
    ("control_id", "properties"),
    [
        ("AML-DAT-001", {"minimumTlsVersion": "TLS1_2"}),
        ("AML-DAT-001", {"minimumTlsVersion": UNKNOWN}),
        ("AML-DAT-002", {"allowBlobPublicAccess": UNKNOWN}),
        ("AML-TAG-001", {"tags": UNKNOWN}),
        ("AML-TAG-001", {"tags": {**SECRET, "value": {"owner": "a"}}}),
        ("AML-TAG-001", {"tags": {"environment": "prod", "managed-by": UNKNOWN}}),
        ("AML-TAG-002", {"tags": {"environment": UNKNOWN, "owner": "ada.lovelace@contoso.com"}}),
    ],
)
def test_what_is_right_or_cannot_be_told_is_left_alone(
    tmp_path: Path, control_id: str, properties: dict[str, Any]
) -> None:
    assert remediated(tmp_path, control_id, STORAGE, properties) == []


def test_a_tag_with_a_dot_in_its_name_is_set_like_any_other(tmp_path: Path) -> None:
    named = {"environmentTag": "contoso.com/environment"}
    required = {**named, "tags": ["contoso.com/environment"]}

    (missing,) = remediated(tmp_path, "AML-TAG-001", STORAGE, {"tags": {"a": "b"}}, **required)
    assert MessageToDict(missing.properties) == {"tags": {"a": "b", "contoso.com/environment": "prod"}}
    wrong = {"tags": {"Contoso.com/Environment": "dev"}}
    (mended,) = remediated(tmp_path, "AML-TAG-002", STORAGE, wrong, **named)
    assert MessageToDict(mended.properties) == {"tags": {"Contoso.com/Environment": "prod"}}


def test_where_sftp_is_in_use_people_end_it(tmp_path: Path) -> None:
    wrong = {
        "isSftpEnabled": True,
        "isLocalUserEnabled": True,
        "sasPolicy": {"sasExpirationPeriod": "1.00:00:00"},
    }

    assert remediated(tmp_path, "AML-DAT-007", STORAGE, wrong) == []
