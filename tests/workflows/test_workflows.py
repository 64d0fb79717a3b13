"""The workflows of both forges: what they run exists, what they may do is little, a fork gets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.actionlint import actionlint
from tests.support.recorded_stack import ROOT

GITHUB: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AZURE_DEVOPS: Final = sorted((ROOT / "azure-pipelines").rglob("*.yml"))
TARGETS: Final = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# Commands of the shell, and of every runner.
COMMANDS: Final = {
    "cat",
    "echo",
    "export",
    "sed",
    "set",
    "subscription=$(az account show --query id --output tsv)",
}
# What a job may be given, and why it is needed at most.
WRITES: Final = {
    "preview.yml": {"id-token", "pull-requests"},
    "deploy.yml": {"id-token"},
    "deploy-environment.yml": {"id-token"},
    "drift.yml": {"id-token", "issues"},
    "ephemeral.yml": {"id-token", "pull-requests"},
    "destroy-ephemeral.yml": {"id-token", "pull-requests"},
}
# What asks or tells the forge.
TOLD_THE_TOKEN: Final = {
    "pr-comment",
    "review-previous",
    "review-approved",
    "drift-issue",
    "ephemeral-comment",
    "destroy-left-over",
}


@dataclass(frozen=True)
class Job:
    """One job of a workflow of GitHub."""

    file: str
    name: str
    content: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.content.get("steps", ()))

    @property
    def signs_in(self) -> bool:
        return bool(self.content["permissions"].get("id-token") == "write")


def jobs() -> Iterator[Job]:
    for path in GITHUB:
        for name, content in read(path)["jobs"].items():
            yield Job(path.name, name, content)


def read(path: Path) -> dict[Any, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict), path
    return content


JOBS: Final = list(jobs())
each_job = pytest.mark.parametrize("job", JOBS, ids=lambda job: f"{job.file}-{job.name}")
each_workflow = pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
each_pipeline = pytest.mark.parametrize("path", AZURE_DEVOPS, ids=lambda path: path.name)


def scripts(value: Any) -> Iterator[str]:
    """Every script in a pipeline of Azure DevOps, whatever is around it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("script", "bash", "pwsh", "inlineScript"):
                yield item
            else:
                yield from scripts(item)
    elif isinstance(value, list):
        for item in value:
            yield from scripts(item)


def unknown(script: str) -> list[str]:
    """What a script calls that is neither a target of make nor a command that every runner has."""
    lines = script.replace("\\\n", " ").splitlines()
    called = [part.strip() for line in lines for part in re.split(r"[|&;]+", line) if part.strip()]
    made = re.findall(r"make (?:--silent )?([a-z-]+)", script)
    wrong = [part for part in called if _first(part) not in COMMANDS | {"make"}]
    return [*wrong, *(target for target in made if target not in TARGETS)]


def _first(command: str) -> str:
    return command.replace('"', "") if re.match(r"\w+=", command) else command.split(maxsplit=1)[0]


def test_there_are_workflows() -> None:
    assert {path.name for path in GITHUB} == set(WRITES)
    both = {"preview.yml", "deploy.yml", "drift.yml", "ephemeral.yml", "destroy-ephemeral.yml"}
    assert both <= {path.name for path in AZURE_DEVOPS}


@each_workflow
def test_actionlint_finds_nothing(path: Path) -> None:
    done = actionlint(str(path), directory=ROOT)

    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_actionlint_does_find_something(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(
        "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: 'echo ${{ nothing.here }}'}]}}\n"
    )

    done = actionlint(str(path), directory=tmp_path)

    assert done.returncode == 1
    assert 'undefined variable "nothing"' in done.stdout


@each_workflow
def test_no_permission_is_given_to_all_jobs(path: Path) -> None:
    assert read(path)["permissions"] == {}


@each_job
def test_a_job_writes_only_what_it_has_to(job: Job) -> None:
    given = job.content["permissions"]

    assert set(given.values()) <= {"read", "write"}
    assert {name for name, level in given.items() if level == "write"} <= WRITES[job.file]
    assert given["contents"] == "read"


@each_job
def test_a_job_has_an_end(job: Job) -> None:
    called = job.content.get("uses")  # the job of a called workflow has its own

    assert called or 0 < job.content["timeout-minutes"] <= 120


@each_job
def test_actions_are_pinned_by_commit_with_their_version(job: Job) -> None:
    text = (ROOT / ".github" / "workflows" / job.file).read_text(encoding="utf-8")
    used = [step["uses"] for step in job.steps if "uses" in step]

    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.search(rf"uses: {re.escape(action)}  # v\d+\.\d+\.\d+", text), (
            f"{action}: which version is it?"
        )


def test_an_action_has_one_pin_in_all_workflows() -> None:
    pins: dict[str, set[str]] = {}
    for job in JOBS:
        for step in job.steps:
            if "uses" in step:
                name, _, commit = step["uses"].partition("@")
                pins.setdefault(name, set()).add(commit)

    assert pins
    assert all(len(commits) == 1 for commits in pins.values()), pins


@each_job
def test_steps_run_make_or_a_command_that_is_there(job: Job) -> None:
    for step in job.steps:
        if "run" in step:
            assert unknown(step["run"]) == [], step


@each_pipeline
def test_pipelines_run_make_or_a_command_that_is_there(path: Path) -> None:
    for script in scripts(read(path)):
        assert unknown(re.sub(r"\$\{\{ parameters\.target \}\}", "review", script)) == [], script


@each_pipeline
def test_pipelines_name_only_targets_of_make(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    values = re.search(r"- name: target\n    type: string\n    values: \[(.*)\]", text)
    named = re.findall(r"^\s+target: ([\w-]+)$", text, re.MULTILINE) + (
        values[1].split(", ") if values else []
    )

    assert [target for target in named if target not in TARGETS] == []


@each_job
def test_no_text_from_outside_is_part_of_a_script(job: Job) -> None:
    for step in job.steps:
        assert "${{" not in step.get("run", ""), step


@each_pipeline
def test_no_parameter_or_variable_is_part_of_a_script_but_a_listed_target(path: Path) -> None:
    for script in scripts(read(path)):
        rest = script.replace("${{ parameters.target }}", "")
        assert "${{" not in rest, script
        assert not re.search(r"\$\([A-Za-z_.]+\)", rest), f"a macro is text in the script: {script}"


@each_job
def test_no_secret_is_stored_anywhere(job: Job) -> None:
    """Sign-in is by OIDC; the one token is the job's own, and only steps that write get it."""
    text = yaml.safe_dump(job.content)

    assert "secrets." not in text
    assert "secrets: inherit" not in text
    for step in job.steps:
        if "github.token" in yaml.safe_dump(step):
            assert step["run"].removeprefix("make ") in TOLD_THE_TOKEN, step
    assert "github.token" not in yaml.safe_dump(job.content.get("env", {}))


@each_job
def test_checkouts_keep_no_token(job: Job) -> None:
    checkouts = [step for step in job.steps if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert job.content.get("uses") or len(checkouts) == 1


@each_workflow
def test_no_workflow_runs_a_pull_request_with_the_rights_of_its_base(path: Path) -> None:
    triggers = read(path)[True]  # YAML 1.1 reads `on` as true

    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)


def test_a_job_that_signs_in_never_runs_for_a_fork() -> None:
    of_pull_requests = [job for job in JOBS if "pull_request" in read(GITHUB[0].parent / job.file)[True]]
    assert {job.file for job in of_pull_requests} == {"preview.yml", "ephemeral.yml", "destroy-ephemeral.yml"}

    for job in of_pull_requests:
        condition = str(job.content.get("if", ""))
        own = "github.event.pull_request.head.repo.full_name == github.repository" in condition
        own = own or condition == "github.event_name == 'schedule'"
        assert job.signs_in is own, job.name
        assert bool(job.content.get("environment")) is own, job.name


def test_what_takes_an_environment_down_is_never_the_branch() -> None:
    destroying = [job for job in JOBS if job.file == "destroy-ephemeral.yml"]
    checkouts = [step for job in destroying for step in job.steps if "checkout@" in step.get("uses", "")]

    assert {job.name for job in destroying} == {"destroy", "left-over"}
    assert {step["with"].get("ref", "main") for step in checkouts} == {"main"}
    assert "ref" in checkouts[0]["with"]  # of the job that a pull request starts; a schedule is on main


def test_what_runs_for_a_fork_reads_only_and_stays_in_the_sandbox() -> None:
    check = next(job for job in JOBS if (job.file, job.name) == ("preview.yml", "check"))

    assert check.content["permissions"] == {"contents": "read"}
    assert "AZURE" not in yaml.safe_dump(check.content)
    assert [step["run"] for step in check.steps if "run" in step] == ["make lint", "make up", "make review"]


def test_a_review_has_the_policies_of_the_base_to_compare_with() -> None:
    """The merge of a pull request is checked out; its first parent is the base."""
    jobs = [job for job in JOBS if any(step.get("run") == "make review" for step in job.steps)]
    depths = [
        step["with"].get("fetch-depth")
        for job in jobs
        for step in job.steps
        if "checkout@" in step.get("uses", "")
    ]
    text = (ROOT / "azure-pipelines" / "preview.yml").read_text()

    assert depths == [2, 2]
    assert text.count("- checkout: self") == text.count("fetchDepth: 2")


def test_pipelines_give_a_fork_no_service_connection() -> None:
    stages = {each["stage"]: each for each in read(ROOT / "azure-pipelines" / "preview.yml")["stages"]}

    assert "IsFork'], 'True'" in stages["review"]["condition"]
    assert "serviceConnection" not in yaml.safe_dump(stages["check"])
    assert "AccessToken" not in yaml.safe_dump(stages["check"])
    (ephemeral,) = read(ROOT / "azure-pipelines" / "ephemeral.yml")["jobs"]
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in ephemeral["condition"]


def test_every_job_that_signs_in_says_for_which_environment() -> None:
    for job in JOBS:
        if job.signs_in and job.steps:
            assert job.content["environment"], f"{job.file} {job.name}: the token's subject would be too wide"


def test_environments_are_deployed_one_after_the_other() -> None:
    deploy = read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]

    assert {name: job.get("needs") for name, job in deploy.items()} == {
        "dev": None,
        "staging": "dev",
        "prod": "staging",
    }
    assert all(job["with"] == {"environment": name} for name, job in deploy.items())


def test_a_deployment_is_refused_before_it_is_applied_and_checked_after() -> None:
    deploy = next(job for job in JOBS if job.file == "deploy-environment.yml")
    made = [step["run"] for step in deploy.steps if "run" in step]

    assert made == ["make setup", "make review-approved", "make apply", "make smoke"]
    recipe = re.search(r"^apply: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    assert "verify" in recipe[1].splitlines()[0]


@pytest.mark.parametrize("file", ["deploy-environment.yml", "ephemeral.yml", "destroy-ephemeral.yml"])
def test_two_runs_never_change_one_stack_at_once(file: str) -> None:
    job = next(job for job in JOBS if job.file == file)

    assert job.content["concurrency"]["group"] == f"stack-{job.content['env']['STACK']}"
    assert job.content["concurrency"]["cancel-in-progress"] is False


def test_the_engine_of_the_workflows_is_the_one_that_is_tested() -> None:
    pinned = re.search(r"pulumi/pkg/v3 v(\S+)", (ROOT / "sandbox/engine/cli/go.mod").read_text())
    assert pinned is not None

    installed = [
        step["with"]["pulumi-version"] for job in JOBS for step in job.steps if "pulumi/actions" in str(step)
    ]

    assert set(installed) == {pinned[1]}
