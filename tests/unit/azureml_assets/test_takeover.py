"""What a file changes in an imported resource: said in other words is no change, said otherwise is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azureml_assets import takeover
from azureml_assets.kinds import type_of

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"
TARGET = {"subscriptionId": "s", "resourceGroupName": "g", "workspaceName": "mlw"}
DEPLOYMENT = {
    "name": "blue",
    "endpoint_name": "churn",
    "model": f"azureml:{WORKSPACE}/models/churn/versions/3",
    "environment_variables": {"AML_APP_ROOT": "/var/azureml-app", "WORKERS": "2"},
    "instance_count": 1,
    "instance_type": "Standard_DS3_v2",
    "egress_public_network_access": "enabled",
    "liveness_probe": {"initial_delay": 10, "period": 10, "timeout": 2},
}
FILE = {
    "name": "blue",
    "endpoint_name": "churn",
    "model": "azureml:churn:3",
    "environment_variables": {"WORKERS": "2"},
    "instance_count": 1,
    "instance_type": "Standard_DS3_v2",
}


def shown(type_: str, state: dict[str, Any], spec: dict[str, Any], **inputs: Any) -> list[str]:
    """Dotted paths of what a preview shows."""
    token = f"azureml-assets:index:{type_}"
    old = {"file": "", "spec": state, "target": TARGET, **inputs.pop("old", {})}
    new = {"file": "a.yml", "spec": spec, "target": TARGET, **inputs.pop("new", {})}
    return [change.dotted for change in takeover.changes(type_of(token), old, new, Path("no/such/folder"))]


def test_other_words_for_the_same_are_no_change() -> None:
    assert shown("OnlineDeployment", DEPLOYMENT, FILE) == []


@pytest.mark.parametrize(
    ("in_azure", "in_file", "changed"),
    [
        ({}, {"model": "azureml:churn:4"}, "spec.model"),
        ({}, {"instance_count": 2}, "spec.instance_count"),
        ({"egress_public_network_access": "disabled"}, {}, "spec.egress_public_network_access"),
        ({"liveness_probe": {"initial_delay": 60}}, {}, "spec.liveness_probe"),
        ({"environment_variables": {"WORKERS": "2", "DEBUG": "1"}}, {}, "spec.environment_variables.DEBUG"),
        ({"tags": {"by": "hand"}}, {}, "spec.tags"),
    ],
)
def test_what_differs_is_shown_even_where_the_file_says_nothing(
    in_azure: dict[str, Any], in_file: dict[str, Any], changed: str
) -> None:
    assert shown("OnlineDeployment", {**DEPLOYMENT, **in_azure}, {**FILE, **in_file}) == [changed]


def test_a_version_of_the_same_content_changes_in_what_may_change_only() -> None:
    state = {"name": "env", "version": "1", "image": "x", "os_type": "linux", "tags": {"a": "b"}}
    spec = {"name": "env", "version": "1", "image": "x", "tags": {"a": "c"}}
    same = {"version": "1", "contentHash": "h"}

    assert shown("Environment", state, spec, old=same, new=same) == ["spec.tags.a"]
    assert shown("Environment", state, state, old=same, new={**same, "version": "2"}) == ["version"]
    assert shown("Environment", state, state, old={"version": "1"}, new=same) == ["contentHash"]
