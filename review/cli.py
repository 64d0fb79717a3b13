"""`python -m review PREVIEW`: reads a preview, writes its review, and ends with its verdict as exit status.
`python -m review verify REVIEW` says whether what was reviewed is still what would be applied;
`python -m review drift REFRESH` what was changed beside the program.

Exit status: 0 safe, 10 look, 20 stop; 0 for all of them unless --fail-on asks otherwise; 2 for input that no
review can be made of.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from review import drift, verify
from review.build import Made, build
from review.cost import Pricing
from review.document import PolicyChange, Review, Verdict
from review.errors import BAD_INPUT, ReviewError
from review.events import read
from review.ignored import ignored_changes
from review.loading import load, text_of
from review.policy_files import policy_changes
from review.render.html import html
from review.render.markdown import markdown
from review.state import deployed_resources, deployed_state, sources
from review.untrusted import as_text

EXIT_STATUS: Final = {Verdict.SAFE: 0, Verdict.LOOK: 10, Verdict.STOP: 20}
# The time of a review that comes out the same again. Source: "SOURCE_DATE_EPOCH", reproducible-builds.org.
_EPOCH: Final = "SOURCE_DATE_EPOCH"


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["verify"]:
        return verify.main(words[1:])
    if words[:1] == ["drift"]:
        return drift.main(words[1:])
    options = _parser().parse_args(words)
    try:
        review = _made(options, _now(environment))
        if options.json:
            options.json.write_text(review.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
        if options.markdown:
            options.markdown.write_text(markdown(review), encoding="utf-8")
        if options.html:
            options.html.write_text(html(review), encoding="utf-8")
        if not (options.json or options.markdown or options.html):
            sys.stdout.write(markdown(review))
    except (ReviewError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    fails = options.fail_on and review.verdict.rank >= Verdict(options.fail_on).rank
    return EXIT_STATUS[review.verdict] if fails else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__.splitlines()[0])
    parser.add_argument(
        "preview", type=Path, help="what the engine printed of a preview; - for standard input"
    )
    parser.add_argument("--commit", default="", help="the commit that was previewed")
    parser.add_argument(
        "--state", type=Path, help="`pulumi stack export` of the state it was previewed against"
    )
    parser.add_argument("--tree", default="", help="its git tree: git rev-parse HEAD^{tree}")
    parser.add_argument("--history", type=Path, help="`pulumi stack history --json`, which numbers the state")
    parser.add_argument(
        "--policies",
        type=Path,
        nargs=2,
        metavar=("BASE", "HEAD"),
        help="folders of the policy pack: of the base of the pull request, and as the preview ran with it",
    )
    parser.add_argument("--plan", type=Path, help="what the preview wrote by --save-plan, if it did")
    parser.add_argument("--previous", type=Path, help="the JSON of the last review of the pull request")
    parser.add_argument("--markdown", type=Path, help="write the comment here")
    parser.add_argument("--html", type=Path, help="write the page here")
    parser.add_argument("--json", type=Path, help="write the document here")
    parser.add_argument("--currency", type=str.upper, default="USD", help="of the prices; USD if left out")
    parser.add_argument(
        "--cost-limit",
        type=float,
        default=500.0,
        help="the increase a month that needs a look; 500 if left out",
    )
    parser.add_argument("--fail-on", choices=["look", "stop"], help="exit with 10 or 20 from this verdict on")
    return parser


def _made(options: argparse.Namespace, now: dt.datetime) -> Review:
    preview = read(text_of(options.preview))
    state = deployed_state(options.state, options.history) if options.state else None
    deployed = deployed_resources(options.state) if options.state else []
    has_plan = options.plan and options.plan.exists()  # a preview that failed writes none
    made = Made(
        commit=options.commit,
        tree=options.tree,
        state_serial=state.serial if state else None,
        state_hash=state.hash if state else "",
        at=now.isoformat(timespec="seconds"),
        providers={as_text(each.get("urn")): as_text(each.get("provider")) for each in deployed},
        sources=sources(deployed),
        ignored=tuple(ignored_changes(deployed, options.plan)) if has_plan else (),
        policy_changes=_policy_changes(options.policies, preview.stack),
    )
    pricing = Pricing(currency=options.currency, limit=options.cost_limit, today=now.date())
    return build(preview, made, _previous(options.previous), pricing)


def _now(environment: Mapping[str, str]) -> dt.datetime:
    """What a review is dated with, and the age of prices is counted to."""
    seconds = environment.get(_EPOCH)
    if not seconds:
        return dt.datetime.now(dt.timezone.utc)
    try:
        return dt.datetime.fromtimestamp(int(seconds), dt.timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise ReviewError(
            f"{_EPOCH} is {seconds[:40]!r}; allowed: seconds since 1970, such as 1790000000; "
            "without it, a review is of now"
        ) from error


def _policy_changes(folders: Sequence[Path] | None, stack: str) -> tuple[PolicyChange, ...]:
    if folders is None:
        return ()
    before, after = folders
    return policy_changes(before, after, stack)


def _previous(path: Path | None) -> Review | None:
    """The last review; None where there is none, or none that this program can read: a later one wrote it."""
    if path is None or not path.exists():
        return None
    try:
        return load(path)
    except ReviewError as error:
        print(f"warning: nothing is compared with the last review: {error}", file=sys.stderr)
        return None
