"""requirements.txt is what requirements.in compiles to, is complete, and says nothing of an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bootstrap.python_environment import pinned_block
from tests.support.pulumi_project import ROOT

DIRECT = ROOT / "requirements.in"
COMPILED = ROOT / "requirements.txt"
SUPPORTED = ("3.10", "3.11", "3.12", "3.13")


def _pins(path: Path) -> Iterator[Requirement]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield Requirement(line.split(" #")[0].rstrip("\\ "))


def _versions(path: Path, python: str) -> dict[str, str]:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in _pins(path)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def test_each_direct_requirement_is_pinned_with_a_reason() -> None:
    lines = [
        line for line in DIRECT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[^ ;]+(; [^#]+)? +# \S.*", line)] == []


def test_the_compiled_file_holds_every_direct_pin_on_every_python() -> None:
    for python in SUPPORTED:
        direct, compiled = _versions(DIRECT, python), _versions(COMPILED, python)
        assert {name: compiled.get(name) for name in direct} == direct, f"on Python {python}; run `make lock`"


def test_the_compiled_file_holds_nothing_that_nobody_asked_for() -> None:
    text = COMPILED.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    known = {canonicalize_name(pin.name) for pin in _pins(COMPILED)}
    direct = {canonicalize_name(pin.name) for pin in _pins(DIRECT)}

    for block in blocks:
        name = canonicalize_name(block.split("==")[0])
        askers = set(re.findall(r"^    # +(?:via )?([a-z0-9._-]+)$", block, re.MULTILINE)) - {"via"}
        if name in direct:
            assert "-r requirements.in" in block, f"{name} is a direct requirement; run `make lock`"
        else:
            assert "-r requirements.in" not in block, (
                f"{name} was removed from requirements.in; run `make lock`"
            )
            assert askers, f"nothing needs {name}; run `make lock`"
        assert {canonicalize_name(asker) for asker in askers} <= known


def test_every_pin_has_hashes_and_no_index_is_named() -> None:
    text = COMPILED.read_text(encoding="utf-8")

    for pin in _pins(COMPILED):
        block = re.search(
            rf"^{re.escape(pin.name)}{re.escape(str(pin.specifier))}(?:.*\\\n)+.*\n", text, re.MULTILINE
        )
        assert block is not None, f"{pin} has no hash"
        assert "--hash=sha256:" in block.group()
    assert "://" not in text
    assert "--index-url" not in text


def test_the_environment_holds_what_is_pinned() -> None:
    for name in ("pulumi", "pulumi-azure-native", "azure-ai-ml", "pydantic", "uv"):
        assert version(name) in {
            str(pin.specifier).removeprefix("==")
            for pin in _pins(COMPILED)
            if canonicalize_name(pin.name) == name
        }


def test_the_installer_is_found_in_the_file_by_its_pin() -> None:
    block = pinned_block(COMPILED.read_text(encoding="utf-8"), "uv")

    lines = block.splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
    assert not lines[-1].endswith("\\")


def test_the_lock_of_azurite_names_no_registry() -> None:
    lock = (ROOT / "sandbox" / "azurite" / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') > 100
