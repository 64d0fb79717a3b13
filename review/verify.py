"""`python -m review verify REVIEW`: whether what would be applied now is what was reviewed.

Exit status: 0 it is, 3 it is not, 2 for input that says neither. The content decides (the git tree), the
commit only where a tree is not known: a merge makes another commit of the same content, as long as nothing
else was merged before it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from review.document import Review
from review.errors import BAD_INPUT, ReviewError
from review.loading import load
from review.state import DeployedState, deployed_state

DIFFERS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Now:
    """What would be applied: the commit, its git tree (empty: not known), the stack and its state."""

    commit: str
    tree: str
    stack: str
    state: DeployedState


def main(arguments: Sequence[str]) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m review verify", description=__doc__.splitlines()[0])
    parser.add_argument("review", type=Path, help="the JSON of the review that was read and approved")
    parser.add_argument("--commit", required=True, help="the commit that would be applied")
    parser.add_argument("--tree", default="", help="its git tree: git rev-parse HEAD^{tree}")
    parser.add_argument("--stack", required=True, help="the stack that it would be applied to")
    parser.add_argument("--state", type=Path, required=True, help="`pulumi stack export` of that stack, now")
    parser.add_argument("--history", type=Path, help="`pulumi stack history --json` of it")
    options = parser.parse_args(arguments)
    try:
        review = load(options.review)
        state = deployed_state(options.state, options.history)
    except (ReviewError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    now = Now(commit=options.commit, tree=options.tree, stack=options.stack, state=state)
    found = list(differences(review, now))
    if not found:
        print(f"{review.stack}: commit {now.commit[:12]} and state {state} are the reviewed ones")
        return 0
    print(f"refused: what would be applied to {now.stack} now is not what was reviewed:", file=sys.stderr)
    for each in found:
        print(f"  {each}", file=sys.stderr)
    print(
        "Nothing was changed. Review this commit against the state as it is now, read that review, "
        "then deploy again.",
        file=sys.stderr,
    )
    return DIFFERS


def differences(review: Review, now: Now) -> Iterator[str]:
    """One line for each thing that is not as reviewed."""
    if review.stack != now.stack:
        yield f"stack · reviewed: {review.stack or 'unknown'} · now: {now.stack}"
    if not review.complete:
        yield "preview · reviewed: one that failed or was cut off · allowed: a whole one"
    known = review.tree and now.tree
    same = review.tree == now.tree if known else review.commit and review.commit == now.commit
    if not same:
        reviewed = f"{review.commit[:12]} (tree {review.tree[:12] or 'unknown'})" if review.commit else "none"
        yield f"commit · reviewed: {reviewed} · now: {now.commit[:12]} (tree {now.tree[:12] or 'unknown'})"
    if not review.state_hash:
        yield f"state · reviewed: none was given · now: {now.state}"
    elif review.state_hash != now.state.hash:
        yield f"state · reviewed: {DeployedState(review.state_serial, review.state_hash)} · now: {now.state}"
