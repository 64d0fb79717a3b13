"""Log Analytics workspaces and Application Insights components, as their management clients see them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.support.arm_requests import LOCATION, ArmRequests, unique

JsonObject = dict[str, Any]


def create_workspace(client: Any, group: str, name: str, **properties: Any) -> Any:
    """A Log Analytics workspace with these properties."""
    body = {"location": LOCATION, "properties": properties}
    return client.workspaces.begin_create_or_update(group, name, body).result()


def component_body(workspace_id: str | None, **properties: Any) -> JsonObject:
    """Request for a component that keeps its data in a workspace."""
    base: JsonObject = {"Application_Type": "web", **properties}
    if workspace_id:
        base["WorkspaceResourceId"] = workspace_id
    return {"location": LOCATION, "kind": "web", "properties": base}


def component_path(group: str, name: str) -> str:
    """Path of a component below the subscription."""
    return f"resourceGroups/{group}/providers/Microsoft.Insights/components/{name}"


def test_a_workspace_gets_azures_defaults(log_analytics: Any, group: str) -> None:
    name = unique("log-")
    create_workspace(log_analytics, group, name)
    found = log_analytics.workspaces.get(group, name)
    assert (found.sku.name, found.retention_in_days) == ("PerGB2018", 30)
    assert found.workspace_capping.daily_quota_gb == -1
    assert found.public_network_access_for_query == "Enabled"
    assert found.features.enable_log_access_using_only_resource_permissions is True
    assert len(found.customer_id) == 36
    assert found.provisioning_state == "Succeeded"


def test_an_update_keeps_the_identifier(log_analytics: Any, group: str) -> None:
    name = unique("log-")
    before = create_workspace(log_analytics, group, name)
    after = create_workspace(log_analytics, group, name, retentionInDays=90)
    assert (after.customer_id, after.retention_in_days) == (before.customer_id, 90)


@pytest.mark.parametrize("days", [3, 29, 731])
def test_retention_has_limits(log_analytics: Any, group: str, days: int) -> None:
    with pytest.raises(HttpResponseError) as caught:
        create_workspace(log_analytics, group, unique("log-"), retentionInDays=days)
    assert "The value provided for retention is invalid." in str(caught.value)


@pytest.mark.parametrize("sku", [{"name": "Free"}, {"name": "Gold"}, {"name": "CapacityReservation"}])
def test_a_closed_tier_is_refused(log_analytics: Any, group: str, sku: JsonObject) -> None:
    with pytest.raises(HttpResponseError) as caught:
        create_workspace(log_analytics, group, unique("log-"), sku=sku)
    assert caught.value.status_code == 400


def test_shared_keys(log_analytics: Any, group: str) -> None:
    name = unique("log-")
    create_workspace(log_analytics, group, name)
    keys = log_analytics.shared_keys.get_shared_keys(group, name)
    assert keys.primary_shared_key != keys.secondary_shared_key


def test_a_deleted_workspace_comes_back_with_its_name(log_analytics: Any, group: str) -> None:
    name = unique("log-")
    before = create_workspace(log_analytics, group, name)
    log_analytics.workspaces.begin_delete(group, name).result()
    with pytest.raises(ResourceNotFoundError):
        log_analytics.workspaces.get(group, name)
    assert name in [item.name for item in log_analytics.deleted_workspaces.list()]
    assert create_workspace(log_analytics, group, name).customer_id == before.customer_id


def test_a_forced_delete_is_final(log_analytics: Any, group: str) -> None:
    name = unique("log-")
    before = create_workspace(log_analytics, group, name)
    log_analytics.workspaces.begin_delete(group, name, force=True).result()
    assert name not in [item.name for item in log_analytics.deleted_workspaces.list()]
    assert create_workspace(log_analytics, group, name).customer_id != before.customer_id


def test_a_component_shows_its_identifiers(
    insights: Any,
    log_analytics: Any,
    arm: ArmRequests,
    group: str,
) -> None:
    workspace = create_workspace(log_analytics, group, unique("log-"))
    name = unique("appi-")
    answer = arm.send("PUT", component_path(group, name), "2020-02-02", component_body(workspace.id))
    assert answer.status_code == 200  # never 201
    found = insights.components.get(group, name)
    assert (found.application_type, found.kind) == ("web", "web")
    assert found.workspace_resource_id == workspace.id
    assert found.retention_in_days == 90
    assert found.ingestion_mode == "LogAnalytics"
    assert found.connection_string.startswith(
        f"InstrumentationKey={found.instrumentation_key};IngestionEndpoint="
    )
    assert found.connection_string.endswith(f"ApplicationId={found.app_id}")
    again = arm.done("PUT", component_path(group, name), "2020-02-02", component_body(workspace.id))
    assert again["properties"]["AppId"] == found.app_id


def test_a_component_needs_a_workspace_that_exists(
    arm: ArmRequests, group: str, subscription_id: str
) -> None:
    below = f"/subscriptions/{subscription_id}/resourceGroups/{group}/providers"
    missing = f"{below}/Microsoft.OperationalInsights/workspaces/no"
    answer = arm.send("PUT", component_path(group, unique("appi-")), "2020-02-02", component_body(missing))
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Provided WorkspaceResourceId is invalid",
    )
    assert (
        arm.send(
            "PUT", component_path(group, unique("appi-")), "2020-02-02", component_body(None)
        ).status_code
        == 400
    )


@pytest.mark.parametrize("days", [31, 0, 731])
def test_component_retention_comes_in_steps(
    log_analytics: Any, arm: ArmRequests, group: str, days: int
) -> None:
    workspace = create_workspace(log_analytics, group, unique("log-"))
    body = component_body(workspace.id, RetentionInDays=days)
    assert arm.send("PUT", component_path(group, unique("appi-")), "2020-02-02", body).status_code == 400
