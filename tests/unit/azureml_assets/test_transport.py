"""The connections of Azure's own clients: certificates are read once, and still verified."""

from __future__ import annotations

import ssl

import pytest
import requests

from azureml_assets.transport import transport

URL = "https://management.azure.com/"


def pool(verify: object) -> dict[str, object]:
    session = transport().session
    assert session is not None
    request = requests.Request("GET", URL).prepare()
    adapter = session.get_adapter(URL)
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    return adapter.build_connection_pool_key_attributes(request, verify)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("verify", [True, requests.utils.DEFAULT_CA_BUNDLE_PATH])
def test_all_connections_verify_with_one_context(verify: object) -> None:
    context = pool(verify)["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 50
    assert pool(verify) == pool(verify)
    assert "ca_certs" not in pool(verify)  # with it, each connection would read the file again
