"""The provider's settings, and how it signs in."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from resource_provider.http import Http
from resource_provider.provider import ProviderError
from resource_provider.values import UNKNOWN, Secret
from sandbox.azure_native.configuration import Configuration, configuration, problems
from sandbox.azure_native.credentials import Credentials

SIGN_IN = {"ARM_TENANT_ID": "tenant", "ARM_CLIENT_ID": "client"}


def test_configuration_goes_before_the_environment() -> None:
    variables = {"ARM_SUBSCRIPTION_ID": "arm", "AZURE_SUBSCRIPTION_ID": "azure", "AZURE_TENANT_ID": "tenant"}
    found = configuration({"subscriptionId": Secret("configured")}, variables)
    assert (found.subscription_id, found.tenant_id) == ("configured", "tenant")
    assert configuration({"subscriptionId": UNKNOWN}, variables).subscription_id == "arm"


def test_a_missing_subscription_says_what_to_set() -> None:
    with pytest.raises(
        ProviderError, match="config set azure-native:subscriptionId …` or ARM_SUBSCRIPTION_ID"
    ):
        _ = configuration({}, {}).subscription_id


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"location": "westeurope", "version": "3.29.0"}, []),
        ({"subscriptionID": "x"}, [("subscriptionID", "is not a setting of azure-native")]),
        ({"useMsi": True}, [("useMsi", "is not supported by the sandbox's stand-in")]),
        ({"environment": "mars"}, [("environment", "must be one of public, usgovernment, china")]),
        ({"environment": UNKNOWN}, []),
    ],
)
def test_wrong_settings_are_named(config: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = problems(config)
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert all(words in reason for (_, reason), (_, words) in zip(found, expected, strict=True))


def test_national_clouds_have_their_own_endpoints() -> None:
    assert configuration({"environment": "china"}, {}).cloud.authority == "https://login.chinacloudapi.cn"


def _sign_in(settings: Configuration, answer: httpx.Response | Exception) -> tuple[str, dict[str, list[str]]]:
    seen: dict[str, list[str]] = {}

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "tokens.example":
            return httpx.Response(200, json={"value": "from-actions"})
        assert str(request.url) == "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"
        seen.update(parse_qs(request.content.decode()))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> str:
        return await Credentials(settings, Http(1, httpx.MockTransport(handle))).token()

    return asyncio.run(scenario()), seen


GOOD = httpx.Response(200, json={"access_token": "token", "expires_in": 60})


def test_client_secret() -> None:
    token, form = _sign_in(configuration({}, {**SIGN_IN, "ARM_CLIENT_SECRET": "s"}), GOOD)
    assert token == "token"
    assert form["client_secret"] == ["s"]
    assert form["scope"] == ["https://management.azure.com/.default"]


@pytest.mark.parametrize(
    ("variables", "assertion"),
    [
        ({"ARM_OIDC_TOKEN": "given"}, "given"),
        ({"ARM_OIDC_TOKEN_FILE_PATH": "FILE"}, "from-file"),
        (
            {
                "ARM_USE_OIDC": "true",
                "ACTIONS_ID_TOKEN_REQUEST_URL": "https://tokens.example/x?api=1",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r",
            },
            "from-actions",
        ),
    ],
)
def test_federated_tokens(variables: Mapping[str, str], assertion: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n", encoding="utf-8")
    named = {name: str(file) if value == "FILE" else value for name, value in variables.items()}
    _, form = _sign_in(configuration({}, {**SIGN_IN, **named}), GOOD)
    assert form["client_assertion"] == [assertion]
    assert "client_secret" not in form


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"ARM_USE_OIDC": "true"}, "useOidc is set, but there is no OIDC token"),
        ({"ARM_OIDC_TOKEN_FILE_PATH": "/nowhere/token"}, "the OIDC token file /nowhere/token does not exist"),
    ],
)
def test_missing_federated_tokens(variables: Mapping[str, str], words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        _sign_in(configuration({}, {**SIGN_IN, **variables}), GOOD)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            httpx.Response(401, json={"error_description": "AADSTS7000215: Invalid client secret provided."}),
            "cannot sign in as client: AADSTS7000215",
        ),
        (httpx.Response(500, text="oops"), "cannot sign in as client: HTTP 500"),
        (httpx.ConnectError("refused"), "cannot sign in at https://login.microsoftonline.com: refused"),
    ],
)
def test_a_refused_sign_in_is_explained(answer: httpx.Response | Exception, words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        _sign_in(configuration({}, {**SIGN_IN, "ARM_CLIENT_SECRET": "s"}), answer)
