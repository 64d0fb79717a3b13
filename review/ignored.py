"""Properties whose changes the engine ignores from now on: the option `ignoreChanges`, as it was and will be.

What the program says of such a property has no effect any more. Events do not tell it: it stands in the
deployed state, and in the plan that a preview can save (`pulumi preview --save-plan`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from review.document import ProtectionChange
from review.errors import ReviewError
from review.untrusted import as_list, as_mapping, as_text


def ignored_changes(deployed: Iterable[Mapping[str, Any]], plan: Path) -> Iterator[ProtectionChange]:
    """One for each resource that is there. `deployed`: resources of the state; `plan`: that of the preview.

    Raises:
        ReviewError: the file is no plan; OSError: it can't be read.
    """
    goals = _goals(plan)
    for resource in deployed:
        urn = as_text(resource.get("urn"))
        goal = as_mapping(as_mapping(goals.get(urn)).get("goal"))
        before = as_list(resource.get("ignoreChanges"))
        new = [each for each in map(as_text, as_list(goal.get("ignoreChanges"))) if each not in before]
        if new:
            text = f"ignores from now on what the program says of {', '.join(new)}"
            yield ProtectionChange(urn=urn, name=urn.rsplit("::", 1)[-1], text=text, grave=False)


def _goals(plan: Path) -> Mapping[str, Any]:
    try:
        found = as_mapping(json.loads(plan.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise ReviewError(f"{plan}: {error}; allowed: what `pulumi preview --save-plan` writes") from error
    if "resourcePlans" not in found:
        raise ReviewError(f"{plan}: no resourcePlans; allowed: what `pulumi preview --save-plan` writes")
    return as_mapping(found["resourcePlans"])
