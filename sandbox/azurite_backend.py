"""Storage accounts and containers in Azurite, as Resource Manager creates and deletes them.

Resource Manager must not wait for another process inside a transaction, so calls are
put into a queue that one thread works off in order; whoever needs their effect (the
blob front) waits for the queue. The account list is written to disk first: Azurite
reads it when it starts again.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import logging
import queue
import ssl
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable

from sandbox.children import accounts_file, local_request
from sandbox.folder import write_private
from sandbox.hosts import BLOB_SUFFIX
from sandbox.ports import LOOPBACK
from sandbox.settings import SandboxSettings
from sandbox.tokens import Identity, TokenService

_LOG = logging.getLogger("sandbox.azurite")
_GIVE_UP_AFTER = 30.0  # seconds without Azurite; the account list on disk still holds what was wanted
_KEPT_OPEN = 4.0  # seconds; Node.js closes a connection that was idle for five
_API_VERSION = "2021-12-02"
# Azurite does not look at who asks, only that the token is well formed and for storage.
_SELF = Identity("00000000-0000-4000-8000-0000000b0000", "00000000-0000-4000-8000-0000000a0000")
# What Azurite derives every user delegation key from; a constant in its published source.
_DELEGATION_SEED = b"I17GKLvcJUossaebtsEDZZ2RJ8GNLwLH4m7hRMxbVbkx6wNIRAABj4Rtw0FBhFuEAgmbL4gFMzUw+AStz9Sqdg=="
_GONE = (404, 409)  # already deleted, or being deleted


class AzuriteBackend:
    """Implements `sandbox.arm.context.BlobBackend` over one Azurite process."""

    def __init__(self, settings: SandboxSettings, tokens: TokenService) -> None:
        self._settings = settings
        self._tokens = tokens
        self._file = accounts_file(settings.folder)
        self._connection = http.client.HTTPSConnection(
            LOOPBACK,
            settings.ports.azurite,
            timeout=10,
            context=ssl.create_default_context(cafile=str(settings.folder.ca_certificate)),
        )
        self._used = 0.0  # when, on the monotonic clock
        self._work: queue.Queue[Callable[[], None]] = queue.Queue()
        threading.Thread(target=self._run, name="azurite-backend", daemon=True).start()

    def ensure_account(self, name: str, key: str) -> None:
        """Make the account answer, with this base 64 key."""
        self._work.put(lambda: self._set_accounts({**self._accounts(), name: key}))

    def delete_account(self, name: str) -> None:
        """Remove the account with its containers."""
        self._work.put(lambda: self._delete_account(name))

    def ensure_container(self, account: str, container: str) -> None:
        """Create the container unless it is there."""
        self._work.put(lambda: self._expect("PUT", account, container, 201, 409))

    def delete_container(self, account: str, container: str) -> None:
        """Remove the container with its blobs."""
        self._work.put(lambda: self._expect("DELETE", account, container, 202, *_GONE))

    def delegation_key(self, signer: tuple[str, str], start: str, expiry: str, version: str, /) -> str:
        """The base 64 key with which a principal signs; worked out here, as Azurite does."""
        text = "\n".join([*signer, start, expiry, "b", version])
        return base64.b64encode(hmac.new(_DELEGATION_SEED, text.encode(), hashlib.sha256).digest()).decode()

    async def settled(self) -> None:
        """Wait until everything asked for so far has happened."""
        if self._work.unfinished_tasks:
            await asyncio.get_running_loop().run_in_executor(None, self._work.join)

    def _run(self) -> None:
        while True:
            task = self._work.get()
            try:
                self._insist(task)
            except Exception:  # noqa: BLE001 - the thread has to live on for the next task; the log says what was lost
                _LOG.exception("a change of storage accounts was not carried out")
            finally:
                self._work.task_done()

    @staticmethod
    def _insist(task: Callable[[], None]) -> None:
        """Repeat a task while Azurite is away: it is being started again, or stays away."""
        deadline = time.monotonic() + _GIVE_UP_AFTER
        while True:
            try:
                return task()
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _accounts(self) -> dict[str, str]:
        try:
            accounts: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return accounts

    def _set_accounts(self, accounts: dict[str, str]) -> None:
        write_private(self._file, json.dumps(accounts, indent=1, sort_keys=True).encode())
        settings = self._settings
        answer = local_request(
            settings.ports.azurite_control, settings.token, "PUT", "/accounts", content=accounts
        )
        if answer is None:
            raise ConnectionError("Azurite's launcher does not answer")

    def _delete_account(self, name: str) -> None:
        accounts = self._accounts()
        if name not in accounts:
            return
        status, listing = self._request("GET", name, "/?comp=list")
        if status == 200:
            for entry in ET.fromstring(listing.lstrip(b"\xef\xbb\xbf")).iter("Name"):  # noqa: S314 - our own
                self._expect("DELETE", name, entry.text or "", 202, *_GONE)
        del accounts[name]
        self._set_accounts(accounts)

    def _expect(self, method: str, account: str, container: str, *accepted: int) -> None:
        status, body = self._request(method, account, f"/{container}?restype=container")
        if status not in accepted:
            text = body.decode("utf-8", "replace")
            raise RuntimeError(
                f"Azurite answered {status} to {method} of container {account}/{container}: {text}"
            )

    def _request(self, method: str, account: str, target: str) -> tuple[int, bytes]:
        connection = self._connection
        if time.monotonic() - self._used > _KEPT_OPEN:
            connection.close()
        token, _ = self._tokens.access_token(_SELF, "https://storage.azure.com")
        headers = {
            "Host": f"{account}{BLOB_SUFFIX}",
            "Authorization": f"Bearer {token}",
            "x-ms-version": _API_VERSION,
            "Content-Length": "0",
        }
        try:
            connection.request(method, target, headers=headers)
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
        self._used = time.monotonic()
        return response.status, body
