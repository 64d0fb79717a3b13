"""Retries, long-running operations, errors and cancellation, against scripted answers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from resource_provider import provider as api
from resource_provider.arm_errors import ArmError
from resource_provider.provider import ProviderError

GROUP = "azure-native:resources:ResourceGroup"
INPUTS = {"resourceGroupName": "rg1", "location": "westeurope"}
ID = "/subscriptions/00000000-0000-4000-8000-0000000000ff/resourceGroups/rg1"
OPERATION = "https://management.azure.com/subscriptions/s/operations/1"


def _error(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": "Some words."}}
    return httpx.Response(status, json=body, headers={"x-ms-request-id": "req-1", **headers})


def _pass(request: httpx.Request) -> None:
    """Lets the fake answer by itself."""


def _running(status: str = "InProgress", **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": status, **more}, headers={"retry-after": "0"})


def _accepted(arm: Any, **headers: str) -> Any:
    """The PUT is stored, and the answer asks to come back."""

    def put(request: httpx.Request) -> httpx.Response:
        stored = arm._put(request, request.url.path.lower())
        return httpx.Response(stored.status_code, json=stored.json(), headers={"retry-after": "0", **headers})

    return put


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_troubles_are_retried(provider: Any, arm: Any, status: int) -> None:
    arm.script = [lambda _: _error(status, "Busy", **{"retry-after": "0"})] * 3
    assert provider.create(GROUP, INPUTS).id == ID
    assert [method for method, _ in arm.requests] == ["GET"] * 4 + ["PUT", "GET"]


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadError, httpx.ConnectTimeout])
def test_a_lost_connection_is_retried(provider: Any, arm: Any, error: type[httpx.TransportError]) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise error("connection lost", request=request)

    arm.script = [_pass, lost, lost]
    assert provider.create(GROUP, INPUTS).id == ID


def test_an_azure_that_nobody_serves_is_given_up_sooner(provider: Any, arm: Any) -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    arm.script = [refused] * 20
    with pytest.raises(ProviderError, match=r"no answer to GET /subscriptions/.*: connection refused"):
        provider.create(GROUP, INPUTS)
    assert len(arm.requests) == 4


def test_another_operation_in_progress_is_retried_and_other_conflicts_are_not(
    provider: Any, arm: Any
) -> None:
    arm.script = [_pass, lambda _: _error(409, "AnotherOperationInProgress")]
    assert provider.create(GROUP, INPUTS).id == ID
    arm.resources.clear()
    arm.script = [_pass, lambda _: _error(409, "StorageAccountAlreadyTaken")]
    with pytest.raises(ArmError, match='Status=409 Code="StorageAccountAlreadyTaken" Message='):
        provider.create(GROUP, INPUTS)


def test_retries_end(provider: Any, arm: Any) -> None:
    arm.script = [lambda _: _error(503, "Busy", **{"retry-after": "0"})] * 20
    with pytest.raises(ArmError, match=r'Status=503 Code="Busy" .*\(request id req-1\)'):
        provider.create(GROUP, INPUTS)
    assert len(arm.requests) == 8


def test_retry_after_is_followed(provider: Any, arm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(self: Any, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("resource_provider.arm_client.ArmClient._sleep", sleep)
    answers = [{"retry-after": "7"}, {"x-ms-retry-after-ms": "1500"}, {"retry-after": "9999"}, {}]
    arm.script = [lambda _, headers=headers: _error(429, "TooManyRequests", **headers) for headers in answers]
    provider.create(GROUP, INPUTS)
    assert pauses == [7.0, 1.5, 60.0, 0.0]


def test_errors_show_the_inner_ones(provider: Any, arm: Any) -> None:
    inner = [{"code": "SkuNotAvailable", "message": "Not here."}]
    body = {"error": {"code": "BadRequest", "message": "Wrong.", "details": inner}}
    arm.script = [_pass, lambda _: httpx.Response(400, json=body)]
    with pytest.raises(ArmError, match=r"Details=\[SkuNotAvailable: Not here\.\]"):
        provider.create(GROUP, INPUTS)


def test_an_answer_that_is_no_json_is_shown(provider: Any, arm: Any) -> None:
    arm.script = [lambda _: httpx.Response(400, text="<html>gateway</html>")]
    with pytest.raises(ArmError, match='Status=400 Code="Bad Request" Message="<html>gateway</html>"'):
        provider.create(GROUP, INPUTS)


def test_azure_async_operation(provider: Any, arm: Any) -> None:
    put = _accepted(arm, **{"azure-asyncoperation": OPERATION})
    arm.script = [_pass, put, lambda _: _running(), lambda _: _running("Succeeded")]
    assert provider.create(GROUP, INPUTS).outputs["name"] == "rg1"
    assert [path for _, path in arm.requests][2:4] == ["/subscriptions/s/operations/1"] * 2


def test_location(provider: Any, arm: Any) -> None:
    def put(request: httpx.Request) -> httpx.Response:
        arm._put(request, request.url.path.lower())
        return httpx.Response(202, headers={"location": OPERATION, "retry-after": "0"})

    still = httpx.Response(202, headers={"location": OPERATION, "retry-after": "0"})
    arm.script = [_pass, put, lambda _: still, lambda _: httpx.Response(200, json={})]
    assert provider.create(GROUP, INPUTS).outputs["name"] == "rg1"


def test_provisioning_state(provider: Any, arm: Any) -> None:
    def with_state(state: str) -> Any:
        def get(request: httpx.Request) -> httpx.Response:
            stored = arm.resources[request.url.path.lower()]
            return httpx.Response(200, json={**stored, "properties": {"provisioningState": state}})

        return get

    arm.script = [_pass, _pass, with_state("Creating"), with_state("Updating"), with_state("Succeeded")]
    assert provider.create(GROUP, INPUTS).outputs["name"] == "rg1"
    assert [method for method, _ in arm.requests] == ["GET", "PUT", "GET", "GET", "GET"]


def test_delete_waits(provider: Any, arm: Any) -> None:
    arm.script = [
        lambda _: httpx.Response(202, headers={"location": OPERATION, "retry-after": "0"}),
        lambda _: httpx.Response(202, headers={"location": OPERATION, "retry-after": "0"}),
        lambda _: httpx.Response(204),
    ]
    provider.delete(GROUP, ID)
    assert [method for method, _ in arm.requests] == ["DELETE", "GET", "GET"]


def test_a_resource_whose_operation_failed_is_kept(provider: Any, arm: Any) -> None:
    failure = {"error": {"code": "Conflict", "message": "No capacity."}}
    put = _accepted(arm, **{"azure-asyncoperation": OPERATION})
    arm.script = [_pass, put, lambda _: _running("Failed", **failure)]
    with pytest.raises(api.InitializationError) as caught:
        provider.create(GROUP, INPUTS)
    assert caught.value.id == ID
    assert caught.value.outputs["name"] == "rg1"
    assert caught.value.inputs == INPUTS
    assert 'Code="Conflict" Message="No capacity."' in caught.value.reasons[0]


def test_a_resource_whose_location_answers_an_error_is_kept(provider: Any, arm: Any) -> None:
    def put(request: httpx.Request) -> httpx.Response:
        arm._put(request, request.url.path.lower())
        return httpx.Response(202, headers={"location": OPERATION, "retry-after": "0"})

    arm.script = [_pass, put, lambda _: _error(409, "NoCapacity")]
    with pytest.raises(api.InitializationError, match='Code="NoCapacity"') as caught:
        provider.create(GROUP, INPUTS)
    assert caught.value.id == ID


def test_a_resource_that_failed_without_a_trace_is_not_kept(provider: Any, arm: Any) -> None:
    def put(request: httpx.Request) -> httpx.Response:
        return httpx.Response(202, headers={"azure-asyncoperation": OPERATION, "retry-after": "0"})

    arm.script = [_pass, put, lambda _: _running("Failed", error={"code": "Quota", "message": "Full."})]
    with pytest.raises(ArmError, match='Code="Quota" Message="Full'):
        provider.create(GROUP, INPUTS)


def test_a_refused_put_leaves_nothing(provider: Any, arm: Any) -> None:
    arm.script = [_pass, lambda _: _error(403, "AuthorizationFailed")]
    with pytest.raises(ArmError, match='Status=403 Code="AuthorizationFailed"'):
        provider.create(GROUP, INPUTS)
    assert [method for method, _ in arm.requests] == ["GET", "PUT"]


def test_a_cancelled_creation_keeps_what_exists(provider: Any, arm: Any) -> None:
    put = _accepted(arm, **{"azure-asyncoperation": OPERATION})
    arm.script = [_pass, put]
    arm.script += [
        lambda _: httpx.Response(200, json={"status": "InProgress"}, headers={"retry-after": "30"})
    ]
    request = api.Create(
        resource=api.Resource(urn="urn", token=GROUP, name="thing"), inputs=INPUTS, timeout=0, preview=False
    )

    async def scenario(running: Any) -> api.InitializationError:
        creation = asyncio.create_task(running.create(request))
        while len(arm.requests) < 3:  # noqa: ASYNC110  # the fake counts, it does not announce
            await asyncio.sleep(0)
        await running.cancel()
        with pytest.raises(
            api.InitializationError, match="cancelled while Azure was still working"
        ) as caught:
            await asyncio.wait_for(creation, 5)
        with pytest.raises(api.ProviderError, match="cancelled before GET"):
            await running.create(request)
        return caught.value

    assert provider.run(scenario).id == ID


def test_custom_timeouts_end_a_creation(provider: Any, arm: Any) -> None:
    put = _accepted(arm, **{"azure-asyncoperation": OPERATION})
    arm.script = [put, lambda _: httpx.Response(200, json={}, headers={"retry-after": "30"})]
    with pytest.raises(api.InitializationError, match=r"was not ready after 0\.2 s \(customTimeouts\)"):
        provider.update(GROUP, ID, (INPUTS, {}), INPUTS, timeout=0.2)


def test_one_token_serves_all_calls(provider: Any, arm: Any) -> None:
    provider.create(GROUP, INPUTS)
    assert arm.tokens == 1


def test_timings_are_written_on_request(
    provider: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "timings.jsonl"
    monkeypatch.setenv("PROVIDER_TIMINGS", str(file))
    provider.create(GROUP, INPUTS)
    call, process = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    assert (call["call"], call["token"]) == ("create", GROUP)
    assert call["wall"] == pytest.approx(call["waiting"] + call["own"])
    assert 0 < call["own"] < call["wall"]
    assert process["call"] == "process"
    assert process["cpu"] > 0


def test_bytes_are_sent_as_they_are_and_retried(provider: Any, arm: Any) -> None:
    url = "https://account.blob.core.windows.net/container/a.py?sig=x"
    sent: list[tuple[str, bytes]] = []

    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"x-ms-error-code": "ServerBusy", "retry-after": "0"})

    def stored(request: httpx.Request) -> httpx.Response:
        sent.append((request.headers["x-ms-blob-type"], request.content))
        return httpx.Response(201)

    arm.script = [busy, stored]
    headers = {"x-ms-blob-type": "BlockBlob"}
    provider.run(lambda each: each._arm.send_bytes("PUT", url, b"print(1)\n", headers))

    assert sent == [("BlockBlob", b"print(1)\n")]


def test_a_refusal_of_the_blob_service_is_told_by_its_code(provider: Any, arm: Any) -> None:
    headers = {"x-ms-error-code": "AuthorizationFailure"}
    xml = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationFailure</Code><Message>'
        "This request is not authorized to perform this operation.\nRequestId:1\n</Message></Error>"
    )
    arm.script = [lambda _: httpx.Response(403, headers=headers, text=xml)]

    told = (
        'Status=403 Code="AuthorizationFailure" '
        'Message="This request is not authorized to perform this operation."$'
    )
    with pytest.raises(ArmError, match=told):
        provider.run(lambda each: each._arm.send_bytes("PUT", "https://a.blob.core.windows.net/c/x", b"", {}))
