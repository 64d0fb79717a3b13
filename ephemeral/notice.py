"""What a pull request is told about its environment, in one comment that is found again by its first line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ephemeral.settings import EphemeralError, workload

_OUTPUTS: Final = ("workspaceName", "resourceGroupName", "subscriptionId", "studioUrl")
# The names of Azure, and addresses without a character that Markdown knows.
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+|https://[A-Za-z0-9./?&=%:-]+")


def up(stack: str, outputs: Mapping[str, Any]) -> str:
    """Where the environment is, from the outputs of its stack.

    Raises:
        EphemeralError: an output is missing, or is no name and no address.
    """
    name, group, subscription, studio = (_plain(outputs, each) for each in _OUTPUTS)
    return f"""\
{_marker(stack)}
## {stack} is up

An environment of this pull request's own, with the settings of dev. Every push brings it up to date. When the
pull request is closed, or its label `ephemeral` taken off, it is taken down with everything in it.

| | |
|---|---|
| workspace | [{name}]({studio}) |
| resource group | {group} |
| subscription | {subscription} |

```sh
az configure --defaults workspace={name} group={group}
az ml job create --subscription {subscription} --file JOB.yml
```
"""


def gone(stack: str) -> str:
    """That it is taken down."""
    return f"""\
{_marker(stack)}
## {stack} is taken down

Azure keeps the deleted key vault and workspace for some days; nothing else of it is left. The label
`ephemeral`, put on once more, makes a new one.
"""


def _marker(stack: str) -> str:
    workload(stack)  # only an ephemeral stack has a notice
    return f"<!-- stack-ephemeral:v1 azureml-platform/{stack} -->"


def _plain(outputs: Mapping[str, Any], name: str) -> str:
    value = outputs.get(name)
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise EphemeralError(f"the stack's output {name} is {value!r}: was it brought up to its end?")
    return value
