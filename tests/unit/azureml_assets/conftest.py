"""What the plugin's own tests share."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes a socket fails the test."""

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("an offline check made a socket")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
