"""Envelope, ids, API versions, verbs and errors of the core, as ARM documents them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import httpx
import pytest

from sandbox.arm.caller import Caller
from sandbox.arm.errors import ArmError
from sandbox.arm.throttle import Quotas
from tests.support.arm import SUBSCRIPTION, ArmServer, running

STORAGE = "providers/Microsoft.Storage/storageAccounts"
IDENTITIES = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIAL = f"{IDENTITIES}/absent/federatedIdentityCredentials/x"
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
BOXES = "providers/Microsoft.Storage/boxes"


def test_answers_carry_arms_headers(arm: ArmServer) -> None:
    headers = arm.request("GET", f"{arm.subscription}/resourceGroups").headers
    assert headers["x-ms-request-id"]
    assert headers["x-ms-correlation-request-id"]
    assert headers["x-ms-routing-request-id"].startswith("SANDBOX:")
    assert 0 < int(headers["x-ms-ratelimit-remaining-subscription-reads"]) < 250
    assert headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "AuthenticationFailed"),
        ("Basic eA==", "AuthenticationFailedInvalidHeader"),
        ("Bearer", "AuthenticationFailedInvalidHeader"),
        ("Bearer stranger", "InvalidAuthenticationToken"),
        ("Bearer expired", "ExpiredAuthenticationToken"),
    ],
)
def test_a_missing_or_bad_token_is_401_and_names_the_authority(
    arm: ArmServer, header: str | None, code: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = httpx.get(
        f"{arm.base_url}{arm.subscription}?api-version=2022-12-01", headers=headers, trust_env=False
    )
    assert (response.status_code, response.json()["error"]["code"]) == (401, code)
    assert 'Bearer authorization_uri="https://login.windows.net/' in response.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("method", "path", "version", "status", "code"),
    [
        ("GET", "{s}/resourceGroups/rg", "", 400, "MissingApiVersionParameter"),
        ("GET", "{s}/resourceGroups/rg", "2019-13-45-x!", 400, "InvalidApiVersionParameter"),
        ("GET", "{s}/resourceGroups/rg", "1999-01-01", 400, "InvalidApiVersionParameter"),
        ("GET", "{s}/resourceGroups/rg/" + STORAGE, "1999-01-01", 400, "NoRegisteredProviderFound"),
        ("GET", "{s}/" + ASSIGNMENTS, "1999-01-01", 404, "InvalidResourceType"),
        ("GET", "{s}/providers/Microsoft.Nothing/things", "2024-03-01", 404, "InvalidResourceNamespace"),
        ("GET", "{s}/resourceGroups/rg/" + BOXES, "2024-01-01", 404, "InvalidResourceType"),
        ("GET", "/subscriptions/not-a-guid/resourceGroups", "2024-03-01", 400, "InvalidSubscriptionId"),
        ("GET", "/subscriptions/" + "0" * 8 + SUBSCRIPTION[8:-1] + "9/resourceGroups", "2024-03-01", 404,
         "SubscriptionNotFound"),
        ("GET", "{s}/resourceGroups/absent", "2024-03-01", 404, "ResourceGroupNotFound"),
        ("GET", "{s}/resourceGroups/absent/" + STORAGE + "/x", "2024-01-01", 404, "ResourceGroupNotFound"),
        ("GET", "{s}/resourceGroups/rg/" + STORAGE + "/absent", "2024-01-01", 404, "ResourceNotFound"),
        ("GET", "{s}/resourceGroups/rg/" + CREDENTIAL, "2023-01-31", 404,
         "ParentResourceNotFound"),
        ("DELETE", "{s}/resourceGroups/rg/" + STORAGE, "2024-01-01", 405, "HttpMethodNotSupported"),
        ("POST", "{s}/resourceGroups/rg", "2024-03-01", 405, "MethodNotAllowed"),
        ("GET", "/nowhere", "2024-03-01", 404, "NotFound"),
        ("PUT", "{s}/resourceGroups/rg/providers/Microsoft.Resources/deployments/d", "2021-04-01", 501,
         "NotImplementedInSandbox"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_arms_code(
    arm: ArmServer, method: str, path: str, version: str, *, status: int, code: str
) -> None:
    arm.group("rg")
    found = arm.refused(method, path.format(s=arm.subscription), version=version)
    assert found[:2] == (status, code)


def test_version_errors_list_what_is_supported(arm: ArmServer) -> None:
    arm.group("rg")
    message = arm.refused("GET", f"{arm.subscription}/resourceGroups/rg/{STORAGE}", version="1999-01-01")[2]
    assert "for location 'westeurope' and API version '1999-01-01' for type 'storageAccounts'" in message
    assert "2024-01-01" in message
    assert "westeurope" in message.rpartition("The supported locations are")[2]


def test_ids_are_read_in_any_case_and_answered_in_one(arm: ArmServer) -> None:
    group = arm.group("MixedCase")
    assert group == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/MixedCase"
    shouted = f"/SUBSCRIPTIONS/{SUBSCRIPTION}/RESOURCEGROUPS/MIXEDCASE"
    assert arm.ok("GET", shouted)["id"] == group
    path = f"{shouted}/PROVIDERS/microsoft.managedidentity/USERASSIGNEDIDENTITIES/Id-One"
    created = arm.ok("PUT", path, {"location": "West Europe"}, version="2023-01-31")
    assert created["id"] == f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Id-One"
    assert created["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert created["location"] == "westeurope"
    again = arm.request("PUT", created["id"].lower(), {"location": "westeurope"})
    assert (again.status_code, again.json()["id"]) == (200, created["id"])


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "InvalidRequestContent"),
        (b"[]", "application/json", 400, "InvalidRequestContent"),
        (b"{}", "text/plain", 415, "UnsupportedMediaType"),
        (b"{}", "application/json", 400, "InvalidRequestContent"),  # location is required by the schema
        (b'{"location": 7}', "application/json", 400, "InvalidRequestContent"),
        (b'{"location": "westeurope", "colour": "red"}', "application/json", 400, "InvalidRequestContent"),
        (b'{"location": "atlantis"}', "application/json", 400, "LocationNotAvailableForResourceGroup"),
        (b" " * (4 * 1024 * 1024 + 1), "application/json", 413, "RequestContentTooLarge"),
    ],
)
def test_a_body_that_is_not_the_types_is_refused(
    arm: ArmServer, content: bytes, media_type: str, status: int, code: str
) -> None:
    url = f"{arm.base_url}{arm.subscription}/resourceGroups/rg?api-version=2024-03-01"
    headers = {"Authorization": "Bearer owner", "Content-Type": media_type}
    response = httpx.put(url, content=content, headers=headers, trust_env=False)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert arm.request("GET", f"{arm.subscription}/resourceGroups/rg").status_code == 404


def test_all_mistakes_of_a_body_are_reported_with_their_places(arm: ArmServer) -> None:
    response = arm.request(
        "PUT", f"{arm.subscription}/resourceGroups/rg", {"location": 1, "tags": {"a": 2}, "x": 3}
    )
    details = {item["target"] for item in response.json()["error"]["details"]}
    assert details == {"location", "tags.a", "x"}


def test_a_location_cannot_change(arm: ArmServer) -> None:
    group = arm.group()
    identity = arm.identity(group)
    assert arm.refused("PUT", group, {"location": "northeurope"})[:2] == (409, "InvalidResourceGroupLocation")
    assert arm.refused("PUT", identity["id"], {"location": "northeurope"})[:2] == (
        409,
        "InvalidResourceLocation",
    )


@pytest.mark.parametrize("name", ["ends.", "a" * 91, "spa%20ce", "a%26b"])
def test_a_group_name_has_a_rule(arm: ArmServer, name: str) -> None:
    found = arm.refused("PUT", f"{arm.subscription}/resourceGroups/{name}", {"location": "westeurope"})
    assert found[:2] == (400, "InvalidResourceGroup")


def test_put_replaces_tags_and_patch_replaces_them_too(arm: ArmServer) -> None:
    group = arm.group()
    arm.ok("PUT", group, {"location": "westeurope", "tags": {"a": "1", "b": "2"}})
    assert arm.ok("PATCH", group, {"tags": {"c": "3"}})["tags"] == {"c": "3"}
    assert arm.ok("PUT", group, {"location": "westeurope"})["tags"] == {}


@pytest.mark.parametrize(
    "tags", [{f"t{i}": "" for i in range(51)}, {"a" * 513: ""}, {"a": "b" * 257}, {"a/b": ""}]
)
def test_tags_have_limits(arm: ArmServer, tags: dict[str, str]) -> None:
    path = f"{arm.subscription}/resourceGroups/rg"
    assert arm.refused("PUT", path, {"location": "westeurope", "tags": tags})[0] == 400


def test_deleting_nothing_is_204_and_head_has_no_body(arm: ArmServer) -> None:
    group = arm.group()
    assert arm.request("DELETE", f"{group}/{IDENTITIES}/absent").status_code == 204
    assert arm.request("DELETE", f"{arm.subscription}/resourceGroups/absent").status_code == 204
    assert arm.request("HEAD", group).status_code == 204
    missing = arm.request("HEAD", f"{arm.subscription}/resourceGroups/absent")
    assert (missing.status_code, missing.content) == (404, b"")


def test_a_long_list_comes_in_pages() -> None:
    with running(page_size=2) as arm:
        for number in range(5):
            arm.group(f"rg{number}")
        names, pages, link = [], 0, f"{arm.subscription}/resourceGroups?api-version=2024-03-01"
        while link:
            page = arm.ok("GET", link.removeprefix(arm.base_url), version="")
            names += [item["name"] for item in page["value"]]
            pages, link = pages + 1, page.get("nextLink", "")
        assert (names, pages) == ([f"rg{number}" for number in range(5)], 3)
        assert arm.refused("GET", f"{arm.subscription}/resourceGroups?$skiptoken=x")[:2] == (
            400,
            "InvalidSkipToken",
        )


def test_an_unregistered_namespace_refuses_writes(arm: ArmServer) -> None:
    group = arm.group()
    provider = f"{arm.subscription}/providers/Microsoft.ManagedIdentity"
    assert arm.ok("GET", provider, version="2021-04-01")["registrationState"] == "Registered"
    arm.ok("POST", f"{provider}/unregister", version="2021-04-01")
    path = f"{group}/{IDENTITIES}/id-one"
    assert arm.refused("PUT", path, {"location": "westeurope"})[:2] == (
        409,
        "MissingSubscriptionRegistration",
    )
    arm.ok("POST", f"{provider}/register", version="2021-04-01")
    assert arm.request("PUT", path, {"location": "westeurope"}).status_code == 201


def test_quotas_refuse_when_enforced_and_refill_with_time() -> None:
    caller, now = Caller("p", "a", "t"), datetime(2026, 1, 1, tzinfo=timezone.utc)
    quotas = Quotas(enforced=True)
    for _ in range(200):
        quotas.take("PUT", "s", caller, now)
    with pytest.raises(ArmError) as refused:
        quotas.take("PUT", "s", caller, now)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    assert quotas.take("GET", "s", caller, now) == {"x-ms-ratelimit-remaining-subscription-reads": "249"}
    later = quotas.take("PUT", "s", caller, now + timedelta(seconds=1))
    assert later == {"x-ms-ratelimit-remaining-subscription-writes": "9"}


def test_a_throttled_request_says_when_to_come_back() -> None:
    with running(throttle=True) as arm:
        arm.app._quotas._buckets.clear()
        for _ in range(3):
            arm.ok("GET", f"{arm.subscription}/resourceGroups")
        for bucket in arm.app._quotas._buckets.values():
            bucket.level, bucket.filled = (
                0.0,
                bucket.filled + timedelta(hours=1),
            )  # nothing refills for an hour
        response = arm.request("GET", f"{arm.subscription}/resourceGroups")
        assert (response.status_code, response.headers["retry-after"]) == (429, "1")
        assert response.json()["error"]["code"] == "SubscriptionRequestsThrottled"
