"""A team's pull requests on a local forge: the jobs of the workflows, in a sandbox in the place of Azure.

What people would read is in tests/workflows/comments/, a file for each. After a wanted change of the review,
`UPDATE_COMMENTS=1 pytest tests/workflows -m slow` writes them anew; read them then.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.folder import REPOSITORY
from tests.support.forges import TOKEN, Forge, serve
from tests.support.sandbox import RunningSandbox
from tests.support.stack import SETTINGS, without_assets
from tests.support.workflow_runs import Checkout, Run

EXPECTED: Final = REPOSITORY / "tests" / "workflows" / "comments"
ENVIRONMENTS: Final = ("dev", "staging", "prod")
Change = tuple[str, str, str]  # file, old text, new text


@dataclass(frozen=True)
class Team:
    """What people do with one repository, and what its workflows answer."""

    checkout: Checkout

    @property
    def forge(self) -> Forge:
        """Where the pull requests are."""
        return self.checkout.forge

    def opens(self, number: int, *changes: Change, environment: str = "dev") -> Run:
        """A pull request from main; its preview for one environment."""
        self.branches(number, *changes)
        return self.previews(environment)

    def branches(self, number: int, *changes: Change) -> None:
        """A pull request from main, before any preview has run."""
        self.forge.number = number
        self.forge.comments.clear()
        self.checkout.git("switch", "--quiet", "--create", f"change-{number}", "main")
        self._commits(*changes)

    def pushes(self, *changes: Change, environment: str = "dev") -> Run:
        """Another commit to its branch, and its preview."""
        self._commits(*changes)
        return self.previews(environment)

    def _commits(self, *changes: Change) -> None:
        for change in changes:
            self.checkout.replace(*change)
        if changes:
            self.checkout.commit("Change the platform")

    def previews(self, environment: str, event: str = "pull_request") -> Run:
        """The job `review`: of the merge of the pull request, or of what is checked out."""
        with self.merge() if event == "pull_request" else nullcontext():
            return self.checkout.run("preview.yml", "review", event=event, environment=environment)

    @contextmanager
    def merge(self) -> Iterator[None]:
        """What GitHub checks out for a pull request: its merge into main, whose first parent is main."""
        branch = self.checkout.git("branch", "--show-current")
        self.checkout.git("switch", "--quiet", "--detach", "main")
        self.checkout.git("merge", "--quiet", "--no-ff", "--message", "Merge", branch)
        yield
        self.checkout.git("switch", "--quiet", branch)

    def merges(self, branch: str = "") -> None:
        """The branch becomes one commit on main, as GitHub squashes it."""
        branch = branch or self.checkout.git("branch", "--show-current")
        self.checkout.git("switch", "--quiet", "main")
        self.checkout.git("merge", "--quiet", "--squash", branch)
        self.checkout.commit(f"Merge {branch}")

    def deploys(
        self, environment: str = "dev", before: Mapping[str, Callable[[], None]] | None = None
    ) -> Run:
        """The job of one environment, of what is checked out."""
        return self.checkout.run(
            "deploy-environment.yml", "deploy", event="push", environment=environment, before=before
        )

    def deploys_all(self, before: Mapping[str, Callable[[], None]] | None = None) -> dict[str, Run]:
        """The jobs of deploy.yml, each only after the one that it needs succeeded; `before` in the first."""
        workflow = self.checkout.folder / ".github" / "workflows" / "deploy.yml"
        done: dict[str, Run] = {}
        for name, job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].items():
            needed = job.get("needs")
            if needed is None or (needed in done and not done[needed].failed):
                done[name] = self.deploys(job["with"]["environment"], {} if done else before)
        return done

    def drifts(self, environment: str = "dev") -> Run:
        """The night."""
        return self.checkout.run("drift.yml", "drift", event="schedule", environment=environment)

    def comment(self, environment: str = "dev") -> str:
        """The one comment of an environment, with what differs from run to run taken out."""
        marker = f"<!-- stack-review:v1 azureml-platform/{environment} -->\n"
        (text,) = (each["body"] for each in self.forge.comments if each["body"].startswith(marker))
        return timeless(text)

    def commented(self) -> list[str]:
        """The environments that have a comment."""
        markers = [each["body"].split("\n", 1)[0] for each in self.forge.comments]
        return [marker.removesuffix(" -->").rpartition("/")[2] for marker in markers]


@contextmanager
def team(sandboxes: Path, name: str, folder: Path, *, assets: bool, keep: bool) -> Iterator[Team]:
    """A repository with the files of this one, and an empty sandbox; no step may tell the token."""
    running = RunningSandbox(sandboxes, name)
    running.start()
    with serve() as forge:
        checkout = Checkout(folder, running, forge)
        if not assets:
            for environment in ENVIRONMENTS:
                change_settings(folder / f"Pulumi.{environment}.yaml", without_assets)
            checkout.commit("Take no assets")
        yield Team(checkout)
    if not keep:
        running.supervisor.stop()
    assert TOKEN not in "".join(checkout.printed)


def change_settings(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the settings in a stack's file."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content["config"][SETTINGS])
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def as_expected(name: str, text: str) -> bool:
    """Whether a comment is the one in comments/."""
    path = EXPECTED / f"{name}.md"
    if os.environ.get("UPDATE_COMMENTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), path.name, "now", "", "", 0, "")
    assert text == expected, "\n".join(lines)
    return True


def first_screen(text: str) -> str:
    """What a reader sees before unfolding anything."""
    return text.partition("\n<details>")[0]


def reasons(text: str) -> str:
    """All reasons of a review, one a line: the engine tells many changes in another order in every run."""
    lines = [line.partition("; **and ")[0] for line in text.splitlines() if line.startswith(("- 🔴", "- 🟡"))]
    return "\n".join(sorted({line.partition(": can ")[0] for line in lines})) + "\n"


def timeless(text: str) -> str:
    """A review without what differs from run to run."""
    text = re.sub(r"commit [0-9a-f]{12}", "commit COMMIT", text)
    text = re.sub(r"of [0-9a-f]{12}", "of COMMIT", text)
    return re.sub(r"until \d{4}-\d{2}-\d{2}", "until DAY", text)
