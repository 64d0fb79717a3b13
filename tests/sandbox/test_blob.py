"""Blobs with azure-storage-blob: who gets in, who does not, and what the refusals look like."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.identity import ClientSecretCredential
from azure.storage.blob import (
    AccountSasPermissions,
    BlobServiceClient,
    ContainerSasPermissions,
    ResourceTypes,
    generate_account_sas,
    generate_container_sas,
)

from sandbox.blob import CLIENT_ADDRESS
from tests.support.azure import AzureHttp
from tests.support.sandbox import RunningSandbox

VERSION = "2024-01-01"
# Built-in roles ("Azure built-in roles", Storage).
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"

Service = Callable[..., BlobServiceClient]


class Account:
    """A storage account of the test's own."""

    def __init__(self, azure: AzureHttp, group: str) -> None:
        self.azure = azure
        self.name = f"st{uuid.uuid4().hex[:16]}"
        self.id = f"{group}/providers/Microsoft.Storage/storageAccounts/{self.name}"
        self.url = f"https://{self.name}.blob.core.windows.net"
        self.configure()

    def configure(self, **properties: Any) -> None:
        body = {
            "location": "westeurope",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {"allowSharedKeyAccess": False, "allowBlobPublicAccess": False, **properties},
        }
        self.azure.put(self.id, VERSION, body)

    def container(self, name: str = "data") -> None:
        self.azure.put(f"{self.id}/blobServices/default/containers/{name}", VERSION, {"properties": {}})

    def key(self) -> str:
        answer = self.azure.arm("POST", f"{self.id}/listKeys", VERSION)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["keys"][0]["value"])


@pytest.fixture
def account(azure: AzureHttp, resource_group: str) -> Account:
    return Account(azure, resource_group)


@pytest.fixture
def service(sandbox: RunningSandbox, account: Account) -> Iterator[Service]:
    """Makes clients of the account's blob service, signed in as a principal or by a key or SAS."""
    made: list[BlobServiceClient] = []
    with sandbox.entered():

        def make(principal: str = "", credential: Any = None, url: str = "") -> BlobServiceClient:
            if principal:
                known = sandbox.settings.principal(principal)
                credential = ClientSecretCredential(
                    sandbox.settings.tenant_id, known.application_id, known.secret
                )
            made.append(BlobServiceClient(url or account.url, credential=credential, retry_total=0))
            return made[-1]

        yield make
        for client in made:
            client.close()


def assign(account: Account, role: str, principal: str, scope: str = "") -> None:
    account.azure.assign(
        scope or account.id, role, account.azure.sandbox.settings.principal(principal).object_id
    )


def refused(raised: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str | None]:
    error = raised.value
    return error.status_code, getattr(error, "error_code", None)


def test_contributor_of_blobs_writes_lists_reads_and_deletes(account: Account, service: Service) -> None:
    account.container()
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    container = service("contributor").get_container_client("data")
    content = bytes(range(256)) * 40_000  # more than one chunk each way
    container.upload_blob("folder/a name with ü.bin", content, metadata={"k": "v"})
    container.upload_blob("empty", b"")
    assert sorted(blob.name for blob in container.list_blobs()) == ["empty", "folder/a name with ü.bin"]
    blob = container.get_blob_client("folder/a name with ü.bin")
    assert blob.download_blob().readall() == content
    assert blob.get_blob_properties().metadata == {"k": "v"}
    blob.delete_blob()
    assert not blob.exists()


def test_an_owner_has_no_data_rights(account: Account, service: Service) -> None:
    account.container()
    assign(account, OWNER, "nobody")
    with pytest.raises(HttpResponseError) as raised:
        service("nobody").get_container_client("data").upload_blob("x", b"x")
    assert refused(raised) == (403, "AuthorizationPermissionMismatch")
    assert "not authorized to perform this operation using this permission" in str(raised.value)


def test_reader_of_blobs_can_not_write(account: Account, service: Service) -> None:
    account.container()
    assign(account, BLOB_READER, "reader")
    container = service("reader").get_container_client("data")
    assert list(container.list_blobs()) == []
    with pytest.raises(HttpResponseError) as raised:
        container.upload_blob("x", b"x")
    assert refused(raised) == (403, "AuthorizationPermissionMismatch")


def test_role_on_one_container_reaches_no_other(account: Account, service: Service) -> None:
    account.container("mine")
    account.container("other")
    assign(account, BLOB_CONTRIBUTOR, "nobody", f"{account.id}/blobServices/default/containers/mine")
    client = service("nobody")
    client.get_container_client("mine").upload_blob("x", b"x")
    for operation in (
        lambda: client.get_container_client("other").upload_blob("x", b"x"),
        lambda: list(client.list_containers()),
        lambda: client.create_container("new"),
    ):
        with pytest.raises(HttpResponseError) as raised:
            operation()
        assert refused(raised) == (403, "AuthorizationPermissionMismatch")


def test_shared_key_and_its_signatures_are_refused(account: Account, service: Service) -> None:
    account.container()
    key = account.key()
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    sas = generate_account_sas(
        account.name, key, ResourceTypes(container=True), AccountSasPermissions(list=True), soon
    )
    container_sas = generate_container_sas(
        account.name, "data", key, permission=ContainerSasPermissions(list=True), expiry=soon
    )
    for credential in (key, sas, container_sas):
        with pytest.raises(HttpResponseError) as raised:
            list(service(credential=credential).get_container_client("data").list_blobs())
        assert refused(raised) == (403, "KeyBasedAuthenticationNotPermitted")


def test_shared_key_works_where_it_is_allowed(account: Account, service: Service) -> None:
    account.configure(allowSharedKeyAccess=True)
    account.container()
    service(credential=account.key()).get_container_client("data").upload_blob("x", b"x")
    wrong = base64.b64encode(b"wrong" * 12).decode()
    with pytest.raises(ClientAuthenticationError) as raised:
        list(service(credential=wrong).get_container_client("data").list_blobs())
    assert refused(raised) == (403, "AuthenticationFailed")


def test_unknown_account_does_not_resolve(service: Service) -> None:
    client = service("deployer", url="https://stdoesnotexist00.blob.core.windows.net")
    with pytest.raises(ServiceRequestError, match="does not resolve: no such storage account"):
        list(client.list_containers())


def test_deleted_account_is_gone_with_its_blobs(account: Account, service: Service) -> None:
    account.container()
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    service("contributor").get_container_client("data").upload_blob("x", b"x")
    assert account.azure.arm("DELETE", account.id, VERSION).status_code in (200, 204)
    with pytest.raises((ServiceRequestError, HttpResponseError)):
        list(service("contributor").list_containers())

    account.configure()
    account.container()
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    assert list(service("contributor").get_container_client("data").list_blobs()) == []


@pytest.mark.parametrize(
    "properties",
    [
        {"publicNetworkAccess": "Disabled"},
        {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}},
    ],
    ids=["public access disabled", "firewall denies"],
)
def test_closed_network_lets_nobody_in(
    account: Account, service: Service, properties: dict[str, Any]
) -> None:
    account.container()
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    account.configure(**properties)
    with pytest.raises(HttpResponseError) as raised:
        service("contributor").get_container_client("data").upload_blob("x", b"x")
    assert refused(raised) == (403, "AuthorizationFailure")


def test_firewall_rule_for_this_client_opens(account: Account, service: Service) -> None:
    account.container()
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    rules = {"defaultAction": "Deny", "ipRules": [{"value": str(CLIENT_ADDRESS), "action": "Allow"}]}
    account.configure(networkAcls=rules)
    service("contributor").get_container_client("data").upload_blob("x", b"x")


def test_anonymous_clients_are_challenged_or_refused(account: Account) -> None:
    account.container()
    session = account.azure.session
    new = session.get(f"{account.url}/data/x", headers={"x-ms-version": "2021-12-02"})
    assert (new.status_code, new.headers["x-ms-error-code"]) == (401, "NoAuthenticationInformation")
    assert "resource_id=https://storage.azure.com" in new.headers["WWW-Authenticate"]
    old = session.get(f"{account.url}/data/x")
    assert (old.status_code, old.headers["x-ms-error-code"]) == (409, "PublicAccessNotPermitted")
    assert "<Code>PublicAccessNotPermitted</Code>" in old.text


def test_token_for_another_audience_is_refused(account: Account) -> None:
    headers = {"Authorization": f"Bearer {account.azure.token()}", "x-ms-version": "2021-12-02"}
    answer = account.azure.session.get(f"{account.url}/?comp=list", headers=headers)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (401, "InvalidAuthenticationInfo")
    head = account.azure.session.head(f"{account.url}/data/x", headers=headers)
    assert (head.status_code, head.text) == (401, "")


def test_public_container_needs_the_accounts_consent(account: Account, service: Service) -> None:
    assign(account, BLOB_CONTRIBUTOR, "contributor")
    with pytest.raises(HttpResponseError) as raised:
        service("contributor").create_container("open", public_access="blob")
    assert refused(raised) == (409, "PublicAccessNotPermitted")


def test_blobs_survive_a_restart(own_sandbox: RunningSandbox) -> None:
    with AzureHttp(own_sandbox) as azure:
        group = f"/subscriptions/{own_sandbox.subscription_id}/resourceGroups/rg-kept"
        azure.put(group, "2024-03-01", {"location": "westeurope"})
        account = Account(azure, group)
        account.container()
        token = azure.token("https://storage.azure.com/.default")
        headers = {
            "Authorization": f"Bearer {token}",
            "x-ms-version": "2021-12-02",
            "x-ms-blob-type": "BlockBlob",
        }
        written = azure.session.put(f"{account.url}/data/kept", data=b"still here", headers=headers)
        assert written.status_code == 201, written.text
    own_sandbox.cli("stop")
    own_sandbox.cli("start")
    with AzureHttp(own_sandbox) as azure:
        assert azure.session.get(f"{account.url}/data/kept", headers=headers).content == b"still here"
