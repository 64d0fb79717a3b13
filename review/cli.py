"""`python -m review PREVIEW`: reads a preview, writes its review, and ends with its verdict as exit status.

Exit status: 0 safe, 10 look, 20 stop; 0 for all of them unless --fail-on asks otherwise; 2 for input that no
review can be made of.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from review.build import Made, build
from review.cost import Pricing
from review.document import Review, Verdict
from review.errors import ReviewError
from review.events import LARGEST, read
from review.render.html import html
from review.render.markdown import markdown

EXIT_STATUS: Final = {Verdict.SAFE: 0, Verdict.LOOK: 10, Verdict.STOP: 20}
_BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = _parser().parse_args(arguments)
    try:
        review = _made(options)
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
        return _BAD_INPUT
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


def _made(options: argparse.Namespace) -> Review:
    preview = read(_text(options.preview))
    now = dt.datetime.now(dt.timezone.utc)
    made = Made(commit=options.commit, at=now.isoformat(timespec="seconds"))
    pricing = Pricing(currency=options.currency, limit=options.cost_limit, today=now.date())
    return build(preview, made, _previous(options.previous), pricing)


def _previous(path: Path | None) -> Review | None:
    if path is None or not path.exists():
        return None
    try:
        return Review.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ReviewError(
            f"{path}: {where}: {first['msg']}; allowed: what --json of this program wrote"
        ) from error


def _text(path: Path) -> str:
    data = sys.stdin.buffer.read(LARGEST + 1) if str(path) == "-" else path.read_bytes()
    if len(data) > LARGEST:
        raise ReviewError(f"{path}: more than {LARGEST} bytes")
    return data.decode("utf-8", errors="replace")
