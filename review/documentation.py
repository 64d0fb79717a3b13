"""Writes docs/review.md from the table of rules: `python -m review.documentation`.

A test fails while the page is older than the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from review.cli import EXIT_STATUS
from review.document import Verdict
from review.rule import Rule
from review.rules import RULES

DOCUMENT_FILE: Final = Path(__file__).resolve().parents[1] / "docs" / "review.md"
_INTRODUCTION: Final = """\
# Review of a preview

What a change of a stack means, for somebody who has a minute: a verdict with its reasons, what is deleted or
replaced, who gains or loses access, what is opened, what becomes of assets, what the policies say, what it
costs, how long it takes.

```sh
PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json --policy-pack policies > preview.jsonl
python -m review preview.jsonl
```

With `--refresh`, the preview also finds what somebody changed in the cloud beside Pulumi; the review tells it
as drift. It works on any Pulumi program. What it knows of Azure shows for azure-native and for the assets of
this project; of other providers it tells what changes, is replaced or deleted. Nothing is sent anywhere, and
no value that the engine marks as secret shows.

| option | does |
|---|---|
| `--markdown FILE` | write the comment, of 60,000 bytes at most; else it goes to standard output |
| `--html FILE` | write the page: one file, which works offline |
| `--json FILE` | write the document |
| `--previous FILE` | the document of the last review: what is different since stands first |
| `--commit ID`, `--tree ID` | the commit that was previewed, and its git tree |
| `--state FILE`, `--history FILE` | the deployed state that it was previewed against, and its number |
| `--plan FILE` | the plan that the preview saved: which properties are ignored from now on |
| `--policies BASE HEAD` | two folders of the policy pack, to say how they differ |
| `--currency EUR`, `--cost-limit 500` | currency of the prices, and the increase a month that needs a look |
| `--fail-on look`, `--fail-on stop` | end with the verdict as exit status, from that one on |

Where `SOURCE_DATE_EPOCH` is set, to seconds since 1970, a review is of that time: the same input gives the
same review on every day.

`python -m review verify REVIEW` says whether what was reviewed is still what would be applied, and
`python -m review drift REFRESH` writes an issue of what was changed beside the program.
[Pull requests](pull-requests.md) puts them together.

## Exit status

| status | means |
|---|---|
"""
_STATUS: Final = {
    Verdict.SAFE: "safe: no rule fired; also any verdict below the one of `--fail-on`, and all without it",
    Verdict.LOOK: "look: somebody who knows the platform reads what is named",
    Verdict.STOP: "stop: it must not be applied as it is",
}
_BAD_INPUT: Final = "| 2 | no review can be made of the input; one line on standard error says why |"
_DOCUMENT: Final = """
## The document

[review.schema.json](review.schema.json) is the JSON Schema of what `--json` writes. Fields are only ever
added. A value that is known only after the update is told as that, a replacement that hangs on one as
possible, and what has no price as not priced. A preview that failed, was cut off, or has events that cannot
be read is not complete, and stops.

## Rules

The verdict is that of the gravest rule that fired, never a sum. Each reason names its rule.

| id | verdict | fires when | think of |
|---|---|---|---|
"""


def document() -> str:
    """The page."""
    status = [f"| {EXIT_STATUS[verdict]} | {text} |" for verdict, text in _STATUS.items()]
    return "".join(
        [
            _INTRODUCTION,
            "\n".join([status[0], _BAD_INPUT, *status[1:]]),
            "\n",
            _DOCUMENT,
            *(f"{row}\n" for row in _rows()),
        ]
    )


def _rows() -> Iterator[str]:
    gravest_first = sorted(RULES, key=lambda rule: -rule.verdict.rank)
    yield from (_row(rule) for rule in gravest_first)


def _row(rule: Rule) -> str:
    return f"| {rule.id} | {rule.verdict.value} | {rule.title} | {rule.why} |"


if __name__ == "__main__":
    DOCUMENT_FILE.write_text(document(), encoding="utf-8")
