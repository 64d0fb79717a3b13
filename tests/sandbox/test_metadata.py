"""Cloud metadata in the shapes that each client reads, and the clients' own reading of it."""

from __future__ import annotations

import pytest

from tests.support.azure import MANAGEMENT, AzureHttp
from tests.support.sandbox import RunningSandbox

ENDPOINTS = f"{MANAGEMENT}/metadata/endpoints"


def test_azure_native_reads_an_object(azure: AzureHttp) -> None:
    answer = azure.session.get(ENDPOINTS, params={"api-version": "2022-09-01"})
    cloud = answer.json()
    assert (answer.status_code, cloud["name"]) == (200, "AzureCloud")
    assert cloud["resourceManager"].startswith(MANAGEMENT)
    assert cloud["authentication"]["loginEndpoint"] == "https://login.microsoftonline.com/"
    assert cloud["authentication"]["audiences"][0] == "https://management.core.windows.net/"
    assert cloud["suffixes"]["storage"] == "core.windows.net"
    assert cloud["suffixes"]["keyVaultDns"] == "vault.azure.net"
    assert cloud["microsoftGraphResourceId"] == "https://graph.microsoft.com/"


def test_azure_cli_reads_a_list(azure: AzureHttp) -> None:
    clouds = azure.session.get(ENDPOINTS, params={"api-version": "2019-05-01"}).json()
    assert [cloud["name"] for cloud in clouds] == ["AzureCloud"]


def test_oldest_version_has_endpoint_names(azure: AzureHttp) -> None:
    cloud = azure.session.get(ENDPOINTS, params={"api-version": "2015-01-01"}).json()
    assert set(cloud) == {"galleryEndpoint", "graphEndpoint", "portalEndpoint", "authentication"}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({}, "MissingApiVersionParameter"), ({"api-version": "1999-01-01"}, "InvalidApiVersionParameter")],
)
def test_version_is_required_and_checked(azure: AzureHttp, parameters: dict[str, str], code: str) -> None:
    answer = azure.session.get(ENDPOINTS, params=parameters)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_azure_ai_ml_finds_the_cloud(sandbox: RunningSandbox) -> None:
    program = (
        "import azure.ai.ml._azure_environments as e\n"
        f"clouds = e._get_clouds_by_metadata_url('{ENDPOINTS}?api-version=2019-05-01')\n"
        "print(clouds['AzureCloud']['resource_manager'], clouds['AzureCloud']['storage_endpoint'])\n"
    )
    done = sandbox.cli("run", "--", "python", "-W", "ignore", "-c", program)
    assert done.stdout.split() == ["https://management.azure.com/", "core.windows.net"]
