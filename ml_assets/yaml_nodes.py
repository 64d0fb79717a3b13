"""YAML text as a tree of marked nodes, within limits.

Built from PyYAML's events and not from its composer: that one recurses without a limit, and its
aliases make a tree of any size out of a few lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from ml_assets.mistakes import DocumentError, Mistake, wording

DEEPEST: Final = 50  # nested maps and lists; a pipeline in a schedule has 10
MOST_VALUES: Final = 50_000  # after aliases are replaced by what they stand for

# libyaml's parser is ten times faster; PyYAML has it wherever it was built with libyaml.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """A single value: its text as written, and the tag that YAML gives it."""

    text: str
    tag: str

    def constructed(self) -> Any:
        """The Python value by PyYAML's rules; raises what PyYAML raises for a text that does not fit."""
        if self.tag == "tag:yaml.org,2002:str":
            return self.text
        constructor = yaml.constructor.SafeConstructor()
        return constructor.construct_object(yaml.ScalarNode(self.tag, self.text))


@dataclass(frozen=True)
class Marked:
    """A node and its line, from 1. A map is a tuple of pairs, since its keys may still be wrong."""

    line: int
    value: Scalar | list[Marked] | tuple[tuple[Marked, Marked], ...]
    size: int  # values in it, itself included


def parsed(text: str, file: str) -> Marked | None:
    """The tree of the one document in a text; None where there is none.

    Raises DocumentError for text that is no YAML, or more of it than the limits allow.
    """
    try:
        return _Builder(text, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise _error(file, line, *_explained(text, line, error)) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        found = "a control character"
        raise _error(file, line, found, "printable text, tabs only within values") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise _error(file, 1, f"no YAML ({error})", "YAML") from None


def _explained(text: str, line: int, error: yaml.MarkedYAMLError) -> tuple[str, str]:
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "a tab in the indentation", "spaces"
    problem = " ".join(part for part in (error.context, error.problem) if part)
    return f"no YAML ({problem})", "YAML"


def _error(file: str, line: int, found: str, allowed: str) -> DocumentError:
    return DocumentError([Mistake(file, line, "", wording(found=found, allowed=allowed))])


class _Builder:
    def __init__(self, text: str, file: str) -> None:
        self._events = _LOADER(text)
        self._file = file
        self._anchors: dict[str, Marked | None] = {}  # None while the node is being built
        self._left = MOST_VALUES

    def document(self) -> Marked | None:
        self._events.get_event()  # the stream's start
        if isinstance(self._events.peek_event(), yaml.StreamEndEvent):
            return None
        self._events.get_event()  # the document's start
        node = self._node(0)
        self._events.get_event()  # the document's end
        following = self._events.get_event()
        if not isinstance(following, yaml.StreamEndEvent):
            line = following.start_mark.line + 1
            raise _error(self._file, line, "a second document after '---'", "one document in a file")
        return node

    def _node(self, depth: int) -> Marked:
        event = self._events.get_event()
        line = event.start_mark.line + 1
        if depth > DEEPEST:
            raise _error(self._file, line, f"more than {DEEPEST} levels", f"at most {DEEPEST} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._collection(event, line, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str | None, line: int) -> Marked:
        target = self._anchors.get(anchor or "")
        if target is None:
            known = anchor in self._anchors
            found = f"the alias *{anchor}" + (" within what it stands for" if known else " of no anchor")
            raise _error(self._file, line, found, f"an alias after its anchor, &{anchor}")
        self._count(target.size, line)
        return target

    def _collection(self, event: yaml.NodeEvent, line: int, depth: int) -> Marked:
        self._count(1, line)
        before = self._left
        if isinstance(event, yaml.ScalarEvent):
            tag = event.tag
            if tag is None or tag == "!":
                tag = self._events.resolve(yaml.ScalarNode, event.value, event.implicit)
            return Marked(line, Scalar(event.value, tag), 1)
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{kind}"):  # type: ignore[attr-defined]
            found = f"the tag {event.tag}"  # type: ignore[attr-defined]
            raise _error(self._file, line, found, "maps and lists without a tag")
        if kind == "seq":
            items = []
            while not isinstance(self._events.peek_event(), yaml.SequenceEndEvent):
                items.append(self._node(depth + 1))
            self._events.get_event()
            return Marked(line, items, before - self._left + 1)
        pairs = []
        while not isinstance(self._events.peek_event(), yaml.MappingEndEvent):
            pairs.append((self._node(depth + 1), self._node(depth + 1)))
        self._events.get_event()
        return Marked(line, tuple(pairs), before - self._left + 1)

    def _count(self, values: int, line: int) -> None:
        self._left -= values
        if self._left < 0:
            found = f"more than {MOST_VALUES} values once its aliases are replaced"
            raise _error(self._file, line, found, f"at most {MOST_VALUES} values")
