"""What goes wrong at a forge: told in one line with what to do, never with the token."""

from __future__ import annotations


class ForgeError(Exception):
    """The forge refused, or did not answer."""


class GoneError(ForgeError):
    """What was to be changed is not there (404 or 410)."""


class UncertainError(ForgeError):
    """A request that makes something broke: whether it was made is not known."""
