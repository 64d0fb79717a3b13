"""Reads the stack's settings: the only place that knows `pulumi.Config`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pulumi
from pulumi.runtime import config as pulumi_config

from infra.settings.check import check
from infra.settings.errors import Mistake, SettingsError, nearest
from infra.settings.model import ENVIRONMENTS, KEY, PROJECT, StackSettings

FULL_KEY: Final = f"{PROJECT}:{KEY}"
# The exit code by which a program tells Pulumi that the user has been shown the error already. After any
# other one, and after pulumi.RunError, the engine adds "an unhandled error occurred".
# Source: PYTHON_PROCESS_EXITED_AFTER_SHOWING_USER_ACTIONABLE_MESSAGE_CODE in pulumi-language-python-exec.
MESSAGE_SHOWN: Final = 32


def load_settings() -> StackSettings:
    """The settings of the selected stack.

    When anything is wrong, all mistakes are shown as one error, and SystemExit ends the program.
    """
    stack = pulumi.get_stack()
    source = f"the configuration of stack '{stack}' (Pulumi.{stack}.yaml, {FULL_KEY})"
    with ending_by(SettingsError):
        _refuse_other_keys(source)
        settings = check(_raw_settings(), source)
        _refuse_other_environment(settings, stack, source)
    return settings


@contextmanager
def ending_by(*errors: type[Exception]) -> Iterator[None]:
    """Show a user's mistakes, raised as one of `errors`, as one error, and end the program by SystemExit."""
    try:
        yield
    except errors as error:
        pulumi.log.error(str(error))
        raise SystemExit(MESSAGE_SHOWN) from None


def _raw_settings() -> object:
    text = pulumi.Config(PROJECT).get(KEY)
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _refuse_other_keys(source: str) -> None:
    """Refuse `azureml-platform:anything-else`, which nothing would read."""
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    mistakes = []
    for full_name in given:
        namespace, _, name = full_name.partition(":")
        if namespace == PROJECT and name != KEY:
            meant = "; did you mean 'settings'?" if nearest(name, [KEY]) else ""
            mistakes.append(
                Mistake(
                    key=full_name,
                    found="an unknown key",
                    allowed=f"{PROJECT}:{KEY}{meant}",
                    example=f"{PROJECT}:{KEY}",
                )
            )
    if mistakes:
        raise SettingsError(mistakes, source)


def _refuse_other_environment(settings: StackSettings, stack: str, source: str) -> None:
    """Refuse the settings of one environment in the stack of another, as after copying a file."""
    if stack in ENVIRONMENTS and stack != settings.environment:
        mistake = Mistake(
            key="environment",
            found=f"'{settings.environment}'",
            allowed=f"{stack} in the stack '{stack}'",
            example=stack,
        )
        raise SettingsError([mistake], source)
