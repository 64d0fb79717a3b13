"""How a policy pack differs from the one of the base of the pull request: levels, exemptions, settings, code.

A pull request that breaks a rule can also take the rule away: its own pack then finds nothing. So the two
folders are compared. `config/` of a pack has a file for each environment in the form that
`pulumi preview --policy-pack-config` takes: policy -> level, or an object with `enforcementLevel`,
`exemptions` and settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from review.document import PolicyChange
from review.errors import ReviewError
from review.untrusted import as_list, as_mapping, as_text
from review.values import ABSENT, cleaned, shown

_CONFIG: Final = "config"
_LEVEL: Final = "enforcementLevel"
_EXEMPTIONS: Final = "exemptions"
_STRENGTH: Final = {"disabled": 0, "advisory": 1, "remediate": 2, "mandatory": 2}
_STRONGEST: Final = 2
_MOST_FILES: Final = 4  # that are told by name


def policy_changes(before: Path, after: Path, stack: str) -> tuple[PolicyChange, ...]:
    """What differs for a stack. `before`, `after`: folders of the pack. ReviewError for what is none."""
    was, now = _files(before), _files(after)
    differing = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    levels = [name for name in differing if _is_config(name)]
    code = [name for name in differing if not _is_config(name)]
    known = [name for name in {*was, *now} if _is_config(name)]
    found = [
        each for name in levels if _holds_for(stack, name, known) for each in _configured(name, was, now)
    ]
    if code:
        more = f" and {len(code) - _MOST_FILES} more" if len(code) > _MOST_FILES else ""
        text = f"what the policies themselves say changes, in {', '.join(code[:_MOST_FILES])}{more}"
        found.append(PolicyChange(file=code[0], text=text, weaker=True))
    return tuple(found)


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise ReviewError(f"{folder}: no folder; allowed: the folder of a policy pack")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _is_config(name: str) -> bool:
    return name.startswith(f"{_CONFIG}/") and name.endswith(".json")


def _holds_for(stack: str, name: str, known: Sequence[str]) -> bool:
    """Whether a file is the one of a stack: of its name, or of what its name begins with; else any may be."""
    last = stack.rsplit("/", 1)[-1]
    stems = [Path(each).stem for each in known]
    its = [stem for stem in stems if last == stem or last.startswith(f"{stem}-")]
    return not its or Path(name).stem == max(its, key=len)


def _configured(name: str, was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[PolicyChange]:
    if name not in was or name not in now:
        done = "is new" if name in now else "goes"
        yield PolicyChange(file=name, text=f"the levels of {name}, which {done}", weaker=True)
        return
    before, after = _read(was[name]), _read(now[name])
    if before is None or after is None:
        yield PolicyChange(file=name, text=f"{name} differs, and cannot be read", weaker=True)
        return
    for policy in dict.fromkeys((*before, *after)):
        for text, weaker in _differences(_entry(before.get(policy)), _entry(after.get(policy))):
            yield PolicyChange(file=name, policy=policy, text=text, weaker=weaker)


def _read(content: bytes) -> Mapping[str, Any] | None:
    try:
        value = cleaned(json.loads(content))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _entry(value: object) -> Mapping[str, Any]:
    return {_LEVEL: value} if isinstance(value, str) else as_mapping(value)


def _differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each difference, and whether more may pass by it."""
    if was.get(_LEVEL) != now.get(_LEVEL):
        before, after = as_text(was.get(_LEVEL)), as_text(now.get(_LEVEL))
        weaker = _STRENGTH.get(after, 0) < _STRENGTH.get(before, _STRONGEST)
        yield f"{_level(before)} → {_level(after)}", weaker
    old, new = as_list(was.get(_EXEMPTIONS)), as_list(now.get(_EXEMPTIONS))
    yield from ((f"lets through {_exemption(each)}", True) for each in new if each not in old)
    yield from ((f"no longer lets through {_exemption(each)}", False) for each in old if each not in new)
    for key in dict.fromkeys((*was, *now)):
        if key not in (_LEVEL, _EXEMPTIONS) and was.get(key, ABSENT) != now.get(key, ABSENT):
            yield f"{key}: {shown(was.get(key, ABSENT))} → {shown(now.get(key, ABSENT))}", True


def _level(level: str) -> str:
    return level or "the pack's own level"


def _exemption(entry: object) -> str:
    """`storage-account until 2026-12-31 (ml-platform-team: change 4711)`."""
    words = {key: as_text(value) for key, value in as_mapping(entry).items()}
    until = f" until {shown(words['expires'])}" if words.get("expires") else ""
    why = ": ".join(shown(words[key]) for key in ("owner", "reason") if words.get(key))
    return f"{shown(words.get('resource', '') or '?')}{until}{f' ({why})' if why else ''}"
