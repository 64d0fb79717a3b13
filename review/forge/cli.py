"""`python -m review.forge`: comment, issue, pull-requests, artifact; on the forge whose variables are set.

Exit status: 0 good, 1 the forge refused, 2 wrong usage, 4 there is no such artifact.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from review.document import Review, Verdict
from review.errors import ReviewError
from review.forge import artifacts, here, messages
from review.forge.errors import ForgeError
from review.forge.github import pull_requests
from review.loading import load

NO_ARTIFACT: Final = 4


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run one command; its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options, environment)
    except (ForgeError, ReviewError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m review.forge", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    comment = commands.add_parser("comment", help="write a review to the pull request, in its one comment")
    comment.add_argument("markdown", type=Path, help="what `python -m review --markdown` wrote")
    comment.add_argument(
        "--review", type=Path, help="its JSON: a review of no change makes no comment, but updates one"
    )
    comment.add_argument("--pull-request", type=int, help="its number; else that of the run")
    issue = commands.add_parser("issue", help="write a text to its one open issue, or task on Azure DevOps")
    issue.add_argument("markdown", type=Path, help="a text whose first line is <!-- name -->")
    issue.add_argument("--title", required=True, help="the title of a new one")
    issue.add_argument("--label", required=True, help="the label by which it is found")
    issue.add_argument("--close", action="store_true", help="close it: the text is needed for its name only")
    listed = commands.add_parser("pull-requests", help="print the numbers of those that are open (GitHub)")
    listed.add_argument("--label", required=True, help="only those with this label")
    artifact = commands.add_parser("artifact", help="unpack what an earlier run has kept (GitHub)")
    artifact.add_argument("name")
    artifact.add_argument("--into", type=Path, required=True, help="the folder")
    return parser


def _comment(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    create = options.review is None or _says_something(load(options.review))
    text = options.markdown.read_text(encoding="utf-8")
    if options.review and (address := here.run_address(environment)):
        text = f"{text.rstrip()}\n\n[The page of this review, with the graph of resources]({address})\n"
    with here.comments(environment, options.pull_request) as place:
        done = messages.put(place, text, create=create)
    duplicates = f", {done.removed} duplicates removed" if done.removed else ""
    print(f"comment {done.done}{duplicates} {done.url}".rstrip())
    return 0


def _says_something(review: Review) -> bool:
    quiet = review.complete and review.verdict is Verdict.SAFE and not set(review.counts) - {"same", "read"}
    return not quiet


def _issue(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    text = options.markdown.read_text(encoding="utf-8")
    with here.issues(environment, options.title, options.label) as place:
        if options.close:
            print(f"issues closed: {messages.clear(place, messages.marker(text))}")
            return 0
        done = messages.put(place, text)
    print(f"issue {done.done} {done.url}".rstrip())
    return 0


def _pull_requests(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    with here.github_repository(environment) as github:
        print(*pull_requests(github, options.label), sep="\n")
    return 0


def _artifact(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    with here.github_repository(environment) as github:
        found = artifacts.fetch(github, options.name, options.into)
    if found:
        print(f"{options.name} is in {options.into}")
        return 0
    print(f"there is no artifact {options.name}", file=sys.stderr)
    return NO_ARTIFACT


_COMMANDS = {"comment": _comment, "issue": _issue, "pull-requests": _pull_requests, "artifact": _artifact}
