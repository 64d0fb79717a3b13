"""The CONNECT proxy, spoken to byte by byte."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import requests

from sandbox.proxy import ConnectProxy
from tests.support.azure import MANAGEMENT, AzureHttp
from tests.support.sandbox import RunningSandbox


def ask(sandbox: RunningSandbox, head: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", sandbox.settings.ports.proxy), timeout=15) as client:
        client.sendall(head)
        answer = b""
        while chunk := client.recv(4096):
            answer += chunk
        return answer


@pytest.mark.parametrize(
    ("head", "status", "told"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", 403, b"example.com is not Azure"),
        (b"CONNECT azure.com.example.com:443 HTTP/1.1\r\n\r\n", 403, b"is not Azure"),
        (b"CONNECT management.azure.com:80 HTTP/1.1\r\n\r\n", 403, b"only port 443"),
        (b"CONNECT management.azure.com HTTP/1.1\r\n\r\n", 400, b"is not HOST:PORT"),
        (b"GET http://management.azure.com/ HTTP/1.1\r\n\r\n", 403, b"Azure answers over TLS only"),
        (b"nonsense\r\n\r\n", 400, b"not an HTTP/1.1 request"),
        (b"CONNECT nosuchaccount.blob.core.windows.net:443 HTTP/1.1\r\n\r\n", 503, b"does not resolve"),
    ],
)
def test_refusals_name_the_host_and_the_reason(
    sandbox: RunningSandbox, head: bytes, status: int, told: bytes
) -> None:
    answer = ask(sandbox, head)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert told in answer.split(b"\r\n")[0], "clients show the status line only"
    assert told in answer.split(b"\r\n\r\n")[1]


def test_header_that_does_not_end_is_refused(sandbox: RunningSandbox) -> None:
    head = b"CONNECT management.azure.com:443 HTTP/1.1\r\nX: " + b"x" * 80_000
    assert b"431" in ask(sandbox, head)[:20]


def test_half_closed_client_still_gets_its_answer(sandbox: RunningSandbox) -> None:
    """A client may close its sending side after the request; the answer must come through."""
    context = ssl.create_default_context(cafile=str(sandbox.folder.ca_bundle))
    with socket.create_connection(("127.0.0.1", sandbox.settings.ports.proxy), timeout=15) as raw:
        raw.sendall(b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(
            raw, server_hostname="management.azure.com", suppress_ragged_eofs=True
        ) as tls:
            tls.sendall(
                b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n"
                b"Host: management.azure.com\r\nConnection: close\r\n\r\n"
            )
            answer = b""
            while chunk := tls.recv(4096):
                answer += chunk
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"}")


def test_many_connections_at_once(sandbox: RunningSandbox) -> None:
    statuses: list[int] = []

    def get() -> None:
        with AzureHttp(sandbox) as client:
            url = f"{MANAGEMENT}/metadata/endpoints?api-version=2022-09-01"
            statuses.extend(client.session.get(url, timeout=30).status_code for _ in range(3))

    threads = [threading.Thread(target=get) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 120


def test_unknown_service_of_azure_is_refused_by_name(azure: AzureHttp) -> None:
    answer = azure.session.get("https://kv-x.vault.azure.net/secrets")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "The sandbox does not emulate kv-x.vault.azure.net."


def test_certificate_is_for_the_name_asked_for(azure: AzureHttp) -> None:
    names = ("management.azure.com", "login.windows.net", "x.vault.azure.net", "westeurope.api.azureml.ms")
    for name in names:
        azure.session.get(f"https://{name}/", timeout=10)  # raises SSLError otherwise
    with pytest.raises(requests.exceptions.SSLError):
        azure.session.get(f"{MANAGEMENT}/", verify=True, timeout=10)


@pytest.fixture
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_more_connections_than_the_limit_are_refused(event_loop: asyncio.AbstractEventLoop) -> None:
    async def run() -> bytes:
        proxy = ConnectProxy(1, lambda name: True, limit=1)
        server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        waiting = await asyncio.open_connection("127.0.0.1", port)
        second = await asyncio.open_connection("127.0.0.1", port)
        second[1].write(b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n")
        answer = await second[0].read()
        for _, writer in (waiting, second):
            writer.close()
            await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return answer

    answer = event_loop.run_until_complete(asyncio.wait_for(run(), 20))
    assert answer.startswith(b"HTTP/1.1 503 more than 1 connections are open")
