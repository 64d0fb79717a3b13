"""A sandbox whose files are damaged, lost or refused by the disk: told in one line, or mended at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.cli import main
from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder
from sandbox.settings import load_settings, new_settings
from sandbox.supervisor import Supervisor
from tests.support.sandbox import RunningSandbox

MakeSandbox = Callable[[], RunningSandbox]


def states(sandbox: RunningSandbox) -> dict[str, str]:
    return {entry["name"]: entry["state"] for entry in sandbox.status()["processes"]}


def test_two_services_never_share_a_port(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    settings = own_sandbox.settings
    same = dataclasses.replace(settings.ports, proxy=settings.ports.azure)
    dataclasses.replace(settings, ports=same).save()
    own_sandbox.cli("start")
    assert len(set(vars(own_sandbox.settings.ports).values())) == len(vars(same))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells its range in a file")
def test_no_outgoing_connection_is_given_a_port_of_the_sandbox(own_sandbox: RunningSandbox) -> None:
    """One that took a port between its choice and the start of Azurite failed the start."""
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    lowest, highest = map(int, given.split())
    assert not [port for port in vars(own_sandbox.settings.ports).values() if lowest <= port <= highest]


def test_a_removed_folder_leaves_no_process_behind(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    sandbox.cli("start")
    left = [Path("/proc") / str(sandbox.pid(name)) for name in ("emulator", "azurite")]
    shutil.rmtree(sandbox.folder.path)
    if sys.platform == "linux":
        _wait_for(lambda: not any(process.exists() for process in left))
    assert not sandbox.folder.path.exists(), "they wrote nothing in the end"


def test_a_lost_bundle_is_made_again(own_sandbox: RunningSandbox) -> None:
    own_sandbox.folder.ca_bundle.unlink()
    assert own_sandbox.cli("run", "--", sys.executable, "-c", _GET_METADATA).stdout == "200\n"


@pytest.mark.parametrize("content", [b"", b"\0 garbage \xff", b"-----BEGIN PRIVATE KEY-----\nAA==\n"])
def test_a_broken_signing_key_is_made_anew(make_sandbox: MakeSandbox, content: bytes) -> None:
    sandbox = make_sandbox()
    sandbox.folder.path.mkdir(parents=True)
    sandbox.folder.signing_key.write_bytes(content)
    assert sandbox.cli("token").stdout.count(".") == 2


@pytest.mark.parametrize("name", ["ca.pem", "server.key", "signing.key", "ca-bundle.pem", "config.json"])
def test_what_the_disk_refuses_is_told_in_one_line(make_sandbox: MakeSandbox, name: str) -> None:
    sandbox = make_sandbox()
    (sandbox.folder.path / name).mkdir(parents=True)
    done = sandbox.cli("start", check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert name in done.stderr
    assert f"Is a directory; the sandbox needs {sandbox.home} to be writable" in done.stderr


def test_a_full_disk_is_told_in_one_line(
    make_sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as a write tells it: without the file

    monkeypatch.setenv("AZURE_SANDBOX_HOME", str(make_sandbox().home))
    monkeypatch.setattr(Supervisor, "start", full)
    assert main(["start"]) == 1
    assert capsys.readouterr().err.startswith("error: No space left on device; the sandbox needs ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON (line 1"),
        ("[]", "is not a sandbox's configuration"),
        ('{"ports": {}}', "KeyError: 'principals'"),
        ('{"principals": [], "ports": {"proxy": "x"}}', "a port is not a number"),
        ('{"principals": [{"federated": [], "roles": "Owner"}]}', "roles is not a list of texts"),
    ],
)
def test_corrupt_configuration_is_told_in_one_line(
    make_sandbox: MakeSandbox, content: str, told: str
) -> None:
    sandbox = make_sandbox()
    sandbox.folder.path.mkdir(parents=True)
    sandbox.folder.config.write_text(content)
    done = sandbox.cli("start", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"error: {sandbox.folder.config} {told.split(' (', maxsplit=1)[0].split(':', maxsplit=1)[0]}"[:40]
    )
    assert told in done.stderr
    assert "delete it and start again" in done.stderr
    assert done.stderr.count("\n") == 1
    sandbox.folder.config.unlink()


def test_configuration_that_is_not_text_is_told_in_one_line(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    sandbox.folder.path.mkdir(parents=True)
    sandbox.folder.config.write_bytes(b"\xff\xfe\x00")
    done = sandbox.cli("status", check=False)
    assert done.returncode == 1
    assert "is not JSON (not even text in UTF-8); delete it and start again" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("ports", "proxy"), True, "a port is not a number"),
        (("latency",), -1, "latency is not a number from 0 to"),
        (("rbac_delay",), float("nan"), "rbac_delay is not a number from 0 to"),
        (("token",), "a\n", "token is not a text"),
        (("token",), "", "token must not be empty"),
        (("principals", 0, "secret"), 5, "secret is not a text"),
        (("principals", 0, "federated", 0, "subject"), None, "subject is not a text"),
    ],
)
def test_values_of_the_configuration_are_checked(
    tmp_path: Path, path: tuple[str | int, ...], value: object, told: str
) -> None:
    folder = SandboxFolder(tmp_path)
    new_settings(folder).save()
    content = json.loads(folder.config.read_text())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    folder.config.write_text(json.dumps(content))
    with pytest.raises(SandboxError, match=told):
        load_settings(folder)


def test_corrupt_state_is_told_and_reset_mends_it(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    for file in own_sandbox.folder.path.glob("arm.sqlite*"):
        file.unlink()
    own_sandbox.folder.database.write_bytes(b"this is no database, " * 300)

    done = own_sandbox.cli("start", check=False)
    assert done.returncode == 1
    assert str(own_sandbox.folder.database) in done.stderr
    assert "reset" in done.stderr
    assert done.stderr.count("\n") == 1
    assert states(own_sandbox) == {"emulator": "stopped", "azurite": "stopped"}, (
        "nothing is left half-started"
    )

    own_sandbox.cli("reset")
    own_sandbox.cli("start")


def test_expired_certificate_is_renewed_under_the_same_authority(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    folder = own_sandbox.folder
    authority = folder.ca_certificate.read_bytes()
    _expire(folder.server_certificate, folder.server_key, folder.ca_certificate, folder.ca_key)

    done = own_sandbox.cli("run", "--", sys.executable, "-c", _GET_METADATA)
    assert done.stdout == "200\n"
    ends = x509.load_pem_x509_certificate(folder.server_certificate.read_bytes()).not_valid_after_utc
    assert ends > dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=300)
    assert folder.ca_certificate.read_bytes() == authority


_GET_METADATA = "import urllib.request as r; print(r.urlopen('https://management.azure.com/metadata/endpoints?api-version=2022-09-01').status)"


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _expire(certificate: Path, key: Path, ca: Path, ca_key: Path) -> None:
    """Replace a certificate by one that ended yesterday, all else the same."""
    old = x509.load_pem_x509_certificate(certificate.read_bytes())
    private = serialization.load_pem_private_key(ca_key.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    now = dt.datetime.now(dt.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(old.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now - dt.timedelta(days=1))
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    certificate.write_bytes(builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
