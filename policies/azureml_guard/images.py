"""Names of container images, and pins of conda and pip packages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from azureml_guard.facts import Truth, both
from azureml_guard.values import UNKNOWN, reveal

_DOCKER_HUB: Final = "docker.io"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.IGNORECASE)


@dataclass(frozen=True)
class Image:
    """A name of an image taken apart; `tag` and `digest` are empty where it has none."""

    registry: str
    tag: str
    digest: str

    @property
    def is_tagged(self) -> bool:
        """Whether it says more than latest, which is what an image without tag means."""
        return bool(self.digest) or self.tag.lower() not in ("", "latest")


def image_of(name: str) -> Image:
    """`REGISTRY/REPOSITORY:TAG@sha256:DIGEST`; Docker Hub where no registry is named."""
    whole, _, digest = name.strip().partition("@")
    first, _, rest = whole.partition("/")
    is_host = bool(rest) and ("." in first or ":" in first or first == "localhost")
    _, _, tag = whole.rsplit("/", 1)[-1].partition(":")
    return Image(first.lower() if is_host else _DOCKER_HUB, tag, digest if _DIGEST.fullmatch(digest) else "")


# `name=1.2`, `channel::name==1.2=build`: conda takes one = for "this version", with all below it.
_CONDA_PIN: Final = re.compile(r"(?:[^\s=]+::)?[\w.-]+\s*={1,2}\s*[\w.!+-]+(?:=[\w.*-]+)?")
_PIP_PIN: Final = re.compile(r"[\w.-]+(?:\[[^\]]*\])?\s*={2,3}\s*[\w.!+-]+\s*(?:;.*)?(?:\s+--hash=\S+)*")
_PIP_URL: Final = re.compile(r".*(?:@[0-9a-f]{40}\b|#.*sha256=[0-9a-f]{64}\b).*", re.IGNORECASE)
_PIP_OPTION: Final = re.compile(r"--(?!editable).*|-[if]\s.*")  # which index, which kind of archive
_PIP_FILE: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)[\s=].*")


def packages_are_pinned(conda: Any) -> Truth:
    """Whether a conda file, as text or as a mapping, pins every package.

    False for what is no conda file; None where it depends on what is not known, such as a file beside it.
    """
    if isinstance(conda, str):
        try:
            conda = yaml.safe_load(conda)
        except yaml.YAMLError:
            return False
    if not isinstance(conda, Mapping):
        return False
    dependencies = reveal(conda.get("dependencies"))
    if dependencies is UNKNOWN:
        return None
    return both(*_pins(dependencies)) if isinstance(dependencies, list) else False


def _pins(dependencies: list[Any]) -> Iterator[Truth]:
    for each in map(reveal, dependencies):
        if each is UNKNOWN:
            yield None
        elif isinstance(each, str):
            yield _CONDA_PIN.fullmatch(each.strip()) is not None
        elif isinstance(each, Mapping):
            for line in _lines(each.get("pip")):
                yield _pip_pin(line)
        else:
            yield False


def _lines(pip: Any) -> list[Any]:
    lines = reveal(pip)
    return list(map(reveal, lines)) if isinstance(lines, list) else [lines]


def _pip_pin(line: Any) -> Truth:
    if line is UNKNOWN:
        return None
    if not isinstance(line, str):
        return False
    text = line.split(" #", 1)[0].strip()
    if _PIP_FILE.fullmatch(text):
        return None
    if _PIP_OPTION.fullmatch(text):
        return True
    return _PIP_PIN.fullmatch(text) is not None or _PIP_URL.fullmatch(text) is not None
