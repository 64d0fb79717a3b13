"""The file of an ephemeral stack: what dev has, under a name of its own.

The workload is part of every name in Azure, and of the hash in those that Azure gives only once: another
workload is all that keeps two environments apart. It has 9 characters at most, so a stack's own name has 6.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

SOURCE: Final = "Pulumi.dev.yaml"
KEY: Final = "azureml-platform:settings"
_STACK: Final = re.compile(r"ephemeral-([a-z0-9]{1,6})")
_ALLOWED: Final = "ephemeral-NAME, NAME being 1 to 6 lower-case letters or digits, such as ephemeral-7"
_HEADER: Final = f"# Written by `make ephemeral` from {SOURCE}; not committed.\n"


class EphemeralError(Exception):
    """What people have to mend, in one line."""


def workload(stack: str) -> str:
    """The workload of an ephemeral stack.

    Raises:
        EphemeralError: the stack is none: nothing here ever touches dev, staging or prod.
    """
    found = _STACK.fullmatch(stack)
    if found is None:
        raise EphemeralError(f"STACK is {stack!r}; allowed: {_ALLOWED}")
    return f"eph{found[1]}"


def stack_file(stack: str, source: str, secrets_provider: str) -> str:
    """The content of Pulumi.STACK.yaml, made of that of dev; an empty `secrets_provider` leaves it out.

    Raises:
        EphemeralError: not an ephemeral stack, or dev's file is not one that another stack can use.
    """
    name = workload(stack)
    config = _config(source)
    config[KEY] = {**config[KEY], "workload": name}
    content: dict[str, Any] = {"config": config}
    if secrets_provider:
        content = {"secretsprovider": secrets_provider, **content}
    return _HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def write(stack: str, folder: Path, secrets_provider: str) -> Path:
    """Write the file into the project's folder; where it is."""
    target = folder / f"Pulumi.{stack}.yaml"
    content = stack_file(stack, (folder / SOURCE).read_text(encoding="utf-8"), secrets_provider)
    target.write_text(content, encoding="utf-8")
    return target


def _config(source: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise EphemeralError(f"{SOURCE} is not YAML: {' '.join(str(error).split())}") from error
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, dict) or not isinstance(config.get(KEY), dict):
        raise EphemeralError(f"{SOURCE} has no map config.{KEY}, which the environment would be made of")
    if "secure" in _keys(config):
        raise EphemeralError(
            f"{SOURCE} holds encrypted values (`secure:`), which only dev's own secrets provider can read; "
            "an ephemeral environment takes plain values only"
        )
    return config


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(key) for key in value}.union(*(_keys(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_keys(item) for item in value))
    return set()
