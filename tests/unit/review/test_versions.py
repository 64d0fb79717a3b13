"""What another provider or another version of Azure's API means for resources that the stack has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from review.cli import main
from review.document import VersionChange
from review.versions import version_changes
from tests.support.review_events import ML, Events, urn

WORKSPACE = f"{ML}Workspace"
DEFAULT = "urn:pulumi:dev::platform::pulumi:providers:azure-native::default_{}::5b1c"
OWN = "urn:pulumi:dev::platform::pulumi:providers:azure-native::{}::5b1c"


def changes(before: str, after: str, old: str = WORKSPACE) -> list[VersionChange]:
    preview = Events().same(WORKSPACE, "ws", {}, provider=after, old_type=old).preview
    return list(version_changes(preview, {urn(WORKSPACE, "ws"): before}))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("3_28_0", "3.28.0"),
        ("3_28_0_alpha_1", "3.28.0-alpha_1"),
    ],
)
def test_another_version_of_the_default_provider_is_told(name: str, version: str) -> None:
    assert changes(DEFAULT.format(name), DEFAULT.format("3_29_0")) == [
        VersionChange(what="provider azure-native", before=version, after="3.29.0", resources=("ws",))
    ]


def test_another_provider_of_the_program_is_told_by_its_name() -> None:
    (found,) = changes(DEFAULT.format("3_29_0"), OWN.format("other-subscription"))
    assert (found.before, found.after) == ("3.29.0", "other-subscription")


def test_the_same_provider_with_another_id_is_none() -> None:
    assert changes(DEFAULT.format("3_29_0"), DEFAULT.format("3_29_0").replace("5b1c", "ffff")) == []


def test_a_provider_that_nothing_is_known_of_is_none() -> None:
    assert changes("", DEFAULT.format("3_29_0")) == []
    assert changes("no reference", "neither") == [
        VersionChange(what="provider ", before="no reference", after="neither", resources=("ws",))
    ]


@pytest.mark.parametrize(
    ("old", "before"),
    [
        (f"{ML}v20240401:Workspace".replace("services:v", "services/v"), "v20240401"),
        ("azure-native_machinelearningservices_v20240401preview:machinelearningservices:Workspace",
         "v20240401preview"),
    ],
)  # fmt: skip
def test_an_api_version_is_told_from_the_type(old: str, before: str) -> None:
    assert changes("", "", old) == [
        VersionChange(
            what="API of machinelearningservices:Workspace",
            before=before,
            after="the provider's own",
            resources=("ws",),
        )
    ]


def test_what_a_provider_of_the_program_is_given_is_told() -> None:
    token = "pulumi:providers:azure-native"
    events = Events().update(token, "own", {"subscriptionId": "a"}, {"subscriptionId": "b"}, "subscriptionId")
    assert version_changes(events.preview, {}) == (
        VersionChange(what="subscriptionId of the provider own", before="a", after="b", resources=("own",)),
    )


def test_the_command_line_compares_with_the_deployed_state(tmp_path: Path) -> None:
    preview, state, document = (tmp_path / name for name in ("events.jsonl", "state.json", "review.json"))
    preview.write_text(Events().same(WORKSPACE, "ws", {}, provider=DEFAULT.format("3_29_0")).text())
    resource = {"urn": urn(WORKSPACE, "ws"), "provider": DEFAULT.format("3_28_0")}
    state.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": [resource]}}))

    assert main([str(preview), "--state", str(state), "--json", str(document)]) == 0
    review = json.loads(document.read_text())
    assert [reason["text"] for reason in review["reasons"]] == [
        "provider azure-native: 3.28.0 → 3.29.0, for ws"
    ]
