"""Sign-in with azure-identity's own credentials, through the proxy; and what Azure says when it fails."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    ClientAssertionCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from sandbox.settings import GITHUB_ISSUER
from sandbox.tokens import Identity, TokenService
from tests.support.azure import MANAGEMENT, AzureHttp
from tests.support.sandbox import RunningSandbox

SCOPE = f"{MANAGEMENT}/.default"
IDENTITIES_VERSION = "2023-01-31"
UNKNOWN = "00000000-0000-4000-8000-0000000a0099"
SUBSCRIPTIONS_VERSION = "2022-12-01"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.fixture
def tokens(sandbox: RunningSandbox) -> TokenService:
    return TokenService(sandbox.folder.signing_key, sandbox.settings.tenant_id)


def test_default_credential_signs_in_as_the_chosen_principal(sandbox: RunningSandbox) -> None:
    for name in ("deployer", "reader", "nobody"):
        with sandbox.entered(name), DefaultAzureCredential() as credential:
            claims = claims_of(credential.get_token(SCOPE).token)
        principal = sandbox.settings.principal(name)
        assert claims["appid"] == principal.application_id
        assert claims["oid"] == claims["sub"] == principal.object_id


def test_token_says_what_entra_id_would(sandbox: RunningSandbox) -> None:
    deployer, tenant = sandbox.settings.principal("deployer"), sandbox.settings.tenant_id
    with (
        sandbox.entered(),
        ClientSecretCredential(tenant, deployer.application_id, deployer.secret) as credential,
    ):
        token = credential.get_token(SCOPE)
    claims = claims_of(token.token)
    assert claims["aud"] == MANAGEMENT
    assert claims["iss"] == f"https://sts.windows.net/{tenant}/"
    assert (claims["tid"], claims["ver"], claims["idtyp"], claims["appidacr"]) == (tenant, "1.0", "app", "1")
    assert claims["nbf"] <= time.time() < claims["exp"] == pytest.approx(token.expires_on, abs=2)


def test_signature_verifies_with_the_published_keys(azure: AzureHttp) -> None:
    tenant = azure.sandbox.settings.tenant_id
    base = "https://login.microsoftonline.com"
    configuration = azure.session.get(f"{base}/{tenant}/v2.0/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(azure.session.get(configuration["jwks_uri"]).json())
    token = azure.token()
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key.key, algorithms=["RS256"], audience=MANAGEMENT)["tid"] == tenant


@pytest.mark.parametrize(
    ("client", "secret", "scope", "told"),
    [
        ("", "wrong", SCOPE, "AADSTS7000215: Invalid client secret provided."),
        (UNKNOWN, "s", SCOPE, f"AADSTS700016: Application with identifier '{UNKNOWN}' was not found"),
        ("", "", "https://api.example.com/.default", "AADSTS500011: The resource principal named"),
        ("", "", f"{MANAGEMENT}/user_impersonation", "AADSTS1002012: The provided value for scope"),
    ],
)
def test_refusals_carry_the_documented_codes(
    sandbox: RunningSandbox, client: str, secret: str, scope: str, told: str
) -> None:
    deployer = sandbox.settings.principal("deployer")
    with (
        sandbox.entered(),
        ClientSecretCredential(
            sandbox.settings.tenant_id, client or deployer.application_id, secret or deployer.secret
        ) as credential,
        pytest.raises(ClientAuthenticationError) as raised,
    ):
        credential.get_token(scope)
    assert told in str(raised.value)


def test_wrong_secret_has_the_shape_that_msal_reads(azure: AzureHttp) -> None:
    deployer = azure.sandbox.settings.principal("deployer")
    answer = azure.session.post(
        f"https://login.microsoftonline.com/{azure.sandbox.settings.tenant_id}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": deployer.application_id,
            "client_secret": "x",
            "scope": SCOPE,
        },
        headers={"client-request-id": "11111111-2222-4333-8444-555555555555"},
    )
    error = answer.json()
    assert answer.status_code == 401
    assert (error["error"], error["error_codes"]) == ("invalid_client", [7000215])
    assert error["error_uri"] == "https://login.microsoftonline.com/error?code=7000215"
    assert error["correlation_id"] == "11111111-2222-4333-8444-555555555555"
    assert set(error) == {
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
        "error_uri",
    }


@pytest.mark.parametrize(
    ("missing", "code"),
    [("grant_type", 900144), ("client_id", 900144), ("client_secret", 7000218), ("scope", 900144)],
)
def test_missing_form_fields_are_named(azure: AzureHttp, missing: str, code: int) -> None:
    deployer = azure.sandbox.settings.principal("deployer")
    form = {
        "grant_type": "client_credentials",
        "client_id": deployer.application_id,
        "client_secret": deployer.secret,
        "scope": SCOPE,
    }
    del form[missing]
    url = f"https://login.microsoftonline.com/{azure.sandbox.settings.tenant_id}/oauth2/v2.0/token"
    error = azure.session.post(url, data=form).json()
    assert error["error_codes"] == [code]
    assert f"'{missing}'" in error["error_description"]


def test_unknown_tenant_is_told(azure: AzureHttp) -> None:
    url = f"https://login.microsoftonline.com/{uuid.UUID(int=9)}/v2.0/.well-known/openid-configuration"
    answer = azure.session.get(url)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (
        400,
        "invalid_tenant",
        [90002],
    )


def test_version_1_answers_with_texts(azure: AzureHttp) -> None:
    deployer, tenant = azure.sandbox.settings.principal("deployer"), azure.sandbox.settings.tenant_id
    answer = azure.session.post(
        f"https://login.microsoftonline.com/{tenant}/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": deployer.application_id,
            "client_secret": deployer.secret,
            "resource": "https://management.core.windows.net/",
        },
    ).json()
    assert answer["expires_in"] == "3600"
    assert claims_of(answer["access_token"])["aud"] == "https://management.core.windows.net/"


# Federated sign-in -------------------------------------------------------------------------


def federated(
    sandbox: RunningSandbox, assertion: str, client_id: str = ""
) -> AbstractContextManager[ClientAssertionCredential]:
    deployer = sandbox.settings.principal("deployer")
    return ClientAssertionCredential(
        sandbox.settings.tenant_id, client_id or deployer.application_id, lambda: assertion
    )


def test_workflow_token_signs_in_without_a_secret(sandbox: RunningSandbox) -> None:
    assertion = sandbox.cli("token", "--subject", "repo:sandbox/platform:environment:prod").stdout.strip()
    with sandbox.entered(), federated(sandbox, assertion) as credential:
        claims = claims_of(credential.get_token(SCOPE).token)
    assert claims["appid"] == sandbox.settings.principal("deployer").application_id


def test_workload_identity_reads_the_token_file(
    sandbox: RunningSandbox, tokens: TokenService, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(tokens.outside_token("repo:sandbox/platform:environment:dev"))
    deployer = sandbox.settings.principal("deployer")
    with (
        sandbox.entered(),
        WorkloadIdentityCredential(
            tenant_id=sandbox.settings.tenant_id, client_id=deployer.application_id, token_file_path=str(file)
        ) as credential,
    ):
        assert claims_of(credential.get_token(SCOPE).token)["oid"] == deployer.object_id


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda tokens: tokens.outside_token("repo:fork/platform:pull_request"), 700213),
        (lambda tokens: tokens.outside_token("repo:Sandbox/platform:environment:dev"), 700213),
        (
            lambda tokens: tokens.outside_token("repo:sandbox/platform:environment:dev", audience="api://x"),
            700212,
        ),
        (
            lambda tokens: tokens.outside_token(
                "repo:sandbox/platform:environment:dev", issuer=f"{GITHUB_ISSUER}/"
            ),
            700211,
        ),
        (lambda tokens: tokens.outside_token("repo:sandbox/platform:environment:dev", lifetime=-400), 700024),
        (
            lambda tokens: (
                tokens.outside_token("repo:sandbox/platform:environment:dev").rpartition(".")[0]
                + "."
                + "A" * 342
            ),
            700027,
        ),
        (lambda tokens: "no.token.at-all", 50027),
    ],
    ids=["subject", "case of the subject", "audience", "issuer", "expired", "signature", "malformed"],
)
def test_other_workflow_tokens_are_refused(
    sandbox: RunningSandbox, tokens: TokenService, make: Callable[[TokenService], str], code: int
) -> None:
    with (
        sandbox.entered(),
        federated(sandbox, make(tokens)) as credential,
        pytest.raises(ClientAuthenticationError, match=f"AADSTS{code}: "),
    ):
        credential.get_token(SCOPE)


# Managed identities ------------------------------------------------------------------------


@pytest.fixture
def managed_identity(azure: AzureHttp, resource_group: str) -> dict[str, Any]:
    path = f"{resource_group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-test"
    return azure.put(path, IDENTITIES_VERSION, {"location": "westeurope"})


@pytest.fixture
def app_service(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two variables that App Service sets for code with an identity."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{sandbox.settings.ports.local}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", sandbox.settings.token)


def test_managed_identity_gets_tokens_by_each_of_its_ids(
    managed_identity: dict[str, Any], app_service: None
) -> None:
    properties = managed_identity["properties"]
    by_client = ManagedIdentityCredential(client_id=properties["clientId"])
    by_object = ManagedIdentityCredential(identity_config={"object_id": properties["principalId"]})
    by_resource = ManagedIdentityCredential(identity_config={"resource_id": managed_identity["id"]})
    for credential in (by_client, by_object, by_resource):
        with credential:
            claims = claims_of(credential.get_token(SCOPE).token)
        assert (claims["oid"], claims["appid"]) == (properties["principalId"], properties["clientId"])
        assert claims["xms_mirid"].lower() == managed_identity["id"].lower()


def test_unknown_or_deleted_identity_gets_none(
    azure: AzureHttp, managed_identity: dict[str, Any], app_service: None
) -> None:
    assert azure.arm("DELETE", managed_identity["id"], IDENTITIES_VERSION).status_code in (200, 204)
    with (
        ManagedIdentityCredential(client_id=managed_identity["properties"]["clientId"]) as credential,
        pytest.raises((ClientAuthenticationError, CredentialUnavailableError)),
    ):
        credential.get_token(SCOPE)


def test_wrong_header_gets_no_token(app_service: None, sandbox: RunningSandbox, azure: AzureHttp) -> None:
    url = f"http://127.0.0.1:{sandbox.settings.ports.local}/msi/token"
    query = {"api-version": "2019-08-01", "resource": MANAGEMENT, "client_id": "x"}
    assert azure.session.get(url, params=query, headers={"X-IDENTITY-HEADER": "x"}).status_code == 401
    assert azure.session.get(f"http://127.0.0.1:{sandbox.settings.ports.local}/health").status_code == 403


def test_identity_with_federated_credential_signs_in(
    azure: AzureHttp, managed_identity: dict[str, Any], tokens: TokenService
) -> None:
    subject = "repo:a/b:ref:refs/heads/main"
    properties = {"issuer": GITHUB_ISSUER, "subject": subject, "audiences": ["api://AzureADTokenExchange"]}
    path = f"{managed_identity['id']}/federatedIdentityCredentials/main"
    azure.put(path, IDENTITIES_VERSION, {"properties": properties})
    client_id = managed_identity["properties"]["clientId"]
    with (
        azure.sandbox.entered(),
        federated(azure.sandbox, tokens.outside_token(subject), client_id) as credential,
    ):
        assert (
            claims_of(credential.get_token(SCOPE).token)["oid"]
            == managed_identity["properties"]["principalId"]
        )


# What Resource Manager makes of tokens --------------------------------------------------------


def test_resource_manager_refuses_what_is_not_for_it(azure: AzureHttp, tokens: TokenService) -> None:
    me = Identity(azure.principal.object_id, azure.principal.application_id)
    path = f"/subscriptions/{azure.sandbox.subscription_id}"
    forged = jwt.encode(claims_of(azure.token()), "x" * 40, algorithm="HS256")
    cases = {
        "InvalidAuthenticationTokenAudience": azure.token("https://storage.azure.com/.default"),
        "ExpiredAuthenticationToken": tokens.access_token(me, MANAGEMENT, lifetime=-400)[0],
        "InvalidAuthenticationTokenTenant": tokens.outside_token(
            "x", issuer="https://sts.windows.net/x/", audience=MANAGEMENT
        ),
        "InvalidAuthenticationToken": forged,
    }
    for code, token in cases.items():
        answer = azure.arm("GET", path, SUBSCRIPTIONS_VERSION, token=token)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code), answer.text
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_reader_reads_and_nobody_does_not(sandbox: RunningSandbox, resource_group: str) -> None:
    for name, status in (("reader", 200), ("nobody", 403)):
        with AzureHttp(sandbox, name) as client:
            assert client.arm("GET", resource_group, "2024-03-01").status_code == status
            refused = client.arm("PUT", resource_group, "2024-03-01", {"location": "westeurope"})
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "AuthorizationFailed"
        assert sandbox.settings.principal(name).object_id in refused.json()["error"]["message"]
