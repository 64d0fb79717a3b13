"""Stacks that nobody wants any more: a forge tells no pipeline of every end of a pull request.

GitHub runs no workflow for a pull request with conflicts, not even when it is closed.
Source: "Events that trigger workflows", pull_request.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final

_OF_A_PULL_REQUEST: Final = re.compile(r"ephemeral-([0-9]{1,6})")


def left_over(stacks: Sequence[Any], wanted: Collection[int]) -> list[str]:
    """Of `pulumi stack ls --json`, the stacks of pull requests that are not among the wanted ones.

    A stack that somebody has named, such as ephemeral-ada, is not of a pull request and stays.
    """
    names = sorted(str(stack["name"]).rpartition("/")[2] for stack in stacks)
    found = [(name, _OF_A_PULL_REQUEST.fullmatch(name)) for name in names]
    return [name for name, match in found if match and int(match[1]) not in wanted]
