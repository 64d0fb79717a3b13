"""Long-running operations of every style, as azure-core's own pollers see them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.support.arm import SUBSCRIPTION, ArmServer, running
from tests.support.arm_types import TYPES, VERSION

STYLES = ("asyncs", "locations", "bodies")


def thing(group: str, style: str, name: str = "thing") -> str:
    return f"{group}/providers/Microsoft.Test/{style}/{name}"


def client(arm: ArmServer) -> ResourceManagementClient:
    return ResourceManagementClient(subscription_id=SUBSCRIPTION, **arm.client_options())


def begin_put(arm: ArmServer, path: str, **properties: Any) -> Any:
    body: Any = {"location": "westeurope", "properties": properties}
    return client(arm).resources.begin_create_or_update_by_id(path, body, api_version=VERSION)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("scale", [0.0, 0.005])
def test_pollers_follow_create_update_and_delete(style: str, scale: float) -> None:
    with running(types=TYPES, lro_scale=scale) as arm:
        group = arm.group()
        path = thing(group, style)
        assert begin_put(arm, path, size=1).result().properties["provisioningState"] == "Succeeded"
        assert begin_put(arm, path, size=2).result().properties["size"] == 2
        client(arm).resources.begin_delete_by_id(path, api_version=VERSION).result()
        assert arm.request("GET", path).status_code == 404


def test_first_answers_have_the_documented_shapes() -> None:
    with running(types=TYPES, lro_scale=1) as arm:
        group = arm.group()
        body = {"location": "westeurope", "properties": {}}
        by_style = {style: arm.request("PUT", thing(group, style), body) for style in STYLES}
        assert {style: answer.status_code for style, answer in by_style.items()} == {
            "asyncs": 201,
            "locations": 202,
            "bodies": 201,
        }
        assert "/operationStatuses/" in by_style["asyncs"].headers["azure-asyncoperation"]
        assert "/operationResults/" in by_style["locations"].headers["location"]
        assert by_style["locations"].content == b""
        for style in ("asyncs", "bodies"):
            assert by_style[style].json()["properties"]["provisioningState"] == "Creating"
        for answer in by_style.values():
            assert 1 <= int(answer.headers["retry-after"]) <= 15
        assert not {"location", "azure-asyncoperation"} & set(by_style["bodies"].headers)


def test_an_operation_runs_until_its_time_is_over() -> None:
    with running(types=TYPES, lro_scale=1) as arm:
        path = thing(arm.group(), "asyncs")
        started = arm.request("PUT", path, {"location": "westeurope", "properties": {}})
        status = started.headers["azure-asyncoperation"].removeprefix(arm.base_url)
        arm.app.clock.advance(59)
        assert arm.ok("GET", status, version="")["status"] == "InProgress"
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Creating"
        arm.app.clock.advance(2)
        done = arm.ok("GET", status, version="")
        assert (done["status"], done["percentComplete"], "endTime" in done) == ("Succeeded", 100, True)
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Succeeded"


def test_a_second_write_during_an_operation_is_refused() -> None:
    with running(types=TYPES, lro_scale=1) as arm:
        path, body = thing(arm.group(), "locations"), {"location": "westeurope", "properties": {}}
        arm.request("PUT", path, body)
        assert arm.refused("PUT", path, body)[:2] == (409, "AnotherOperationInProgress")
        arm.app.clock.advance(61)
        assert arm.request("DELETE", path).status_code == 202
        assert arm.refused("DELETE", path)[:2] == (409, "AnotherOperationInProgress")
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Deleting"
        arm.app.clock.advance(21)
        assert arm.request("GET", path).status_code == 404


@pytest.mark.parametrize("style", STYLES)
def test_a_failed_operation_leaves_the_resource_in_state_failed(style: str) -> None:
    with running(types=TYPES) as arm:
        path = thing(arm.group(), style)
        arm.app.faults.add({"kind": "lro_fail", "method": "PUT", "path": style, "code": "SkuNotAvailable"})
        with pytest.raises(HttpResponseError) as failed:
            begin_put(arm, path).result()
        if style != "bodies":  # a body has no place for the reason
            assert "SkuNotAvailable" in str(failed.value)
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Failed"
        assert begin_put(arm, path).result().properties["provisioningState"] == "Succeeded"


def test_a_failed_delete_leaves_the_resource() -> None:
    with running(types=TYPES) as arm:
        path = thing(arm.group(), "asyncs")
        begin_put(arm, path).result()
        arm.app.faults.add({"kind": "lro_fail", "method": "DELETE", "path": "asyncs"})
        with pytest.raises(HttpResponseError):
            client(arm).resources.begin_delete_by_id(path, api_version=VERSION).result()
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Failed"


def test_an_operation_can_be_made_slow() -> None:
    with running(types=TYPES) as arm:
        path = thing(arm.group(), "asyncs")
        arm.app.faults.add({"kind": "lro_slow", "method": "PUT", "path": "asyncs", "seconds": 100})
        arm.request("PUT", path, {"location": "westeurope", "properties": {}})
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Creating"
        arm.app.clock.advance(101)
        assert arm.ok("GET", path)["properties"]["provisioningState"] == "Succeeded"


def test_an_action_may_be_long_running_and_has_a_result() -> None:
    with running(types=TYPES, lro_scale=1) as arm:
        box = f"{arm.group()}/providers/Microsoft.Test/boxes/box"
        arm.ok("PUT", box, {"location": "westeurope"})
        started = arm.request("POST", f"{box}/restart")
        assert started.status_code == 202
        result = started.headers["location"].removeprefix(arm.base_url)
        assert arm.request("GET", result, version="").status_code == 202
        arm.app.clock.advance(31)
        assert arm.ok("GET", result, version="") == {"restarted": "box"}


def test_an_unknown_operation_is_not_found(arm: ArmServer) -> None:
    path = f"{arm.subscription}/providers/Microsoft.Storage/locations/westeurope/operationStatuses/nothing"
    assert arm.refused("GET", path)[:2] == (404, "OperationNotFound")


def test_without_emulated_time_a_poll_waits_milliseconds() -> None:
    with running(types=TYPES) as arm:
        path = thing(arm.group(), "asyncs")
        started = time.monotonic()
        begin_put(arm, path).result()
        assert time.monotonic() - started < 5, "azure-core would wait 30 s without a hint"
