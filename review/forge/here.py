"""The forge that this process runs for, from the variables that its pipelines set.

Sources: GitHub "Default environment variables", Azure Pipelines "Use predefined variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote

from review.forge import azure_devops, github, work_items
from review.forge.errors import ForgeError
from review.forge.messages import Place
from review.forge.transport import Transport

_GITHUB: Final = ("GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_TOKEN")
_AZURE_DEVOPS: Final = (
    "SYSTEM_COLLECTIONURI",
    "SYSTEM_TEAMPROJECT",
    "BUILD_REPOSITORY_ID",
    "SYSTEM_ACCESSTOKEN",
)
_PULL_REQUEST_REF: Final = re.compile(r"refs/pull/(\d+)/(?:merge|head)")


@contextmanager
def comments(environment: Mapping[str, str], number: int | None = None) -> Iterator[Place]:
    """The comments of the pull request of this run, or of the one with this number.

    Raises:
        ForgeError: variables are missing, all of them named.
    """
    if environment.get("SYSTEM_COLLECTIONURI"):
        given = _given(environment, _AZURE_DEVOPS)
        here = number or _number(environment.get("SYSTEM_PULLREQUEST_PULLREQUESTID", ""))
        with _organisation(given, azure_devops.HINTS) as transport:
            yield azure_devops.Threads(
                transport, given["SYSTEM_TEAMPROJECT"], given["BUILD_REPOSITORY_ID"], here
            )
        return
    found = _PULL_REQUEST_REF.fullmatch(environment.get("GITHUB_REF", ""))
    here = number or _number(found[1] if found else "")
    with github_repository(environment) as repository:
        yield github.Comments(repository, here)


@contextmanager
def issues(environment: Mapping[str, str], title: str, label: str) -> Iterator[Place]:
    """The open issues with a label, or on Azure DevOps the open tasks with a tag, of this run's project.

    Raises:
        ForgeError: variables are missing, all of them named.
    """
    if environment.get("SYSTEM_COLLECTIONURI"):
        given = _given(environment, _AZURE_DEVOPS)
        with _organisation(given, work_items.HINTS) as transport:
            yield work_items.WorkItems(transport, given["SYSTEM_TEAMPROJECT"], title, label)
        return
    with github_repository(environment) as repository:
        yield github.Issues(repository, title, label)


def _organisation(given: Mapping[str, str], hints: Mapping[int, str]) -> Transport:
    return Transport(
        base=given["SYSTEM_COLLECTIONURI"].rstrip("/"),
        authorization=f"Bearer {given['SYSTEM_ACCESSTOKEN']}",
        token=given["SYSTEM_ACCESSTOKEN"],
        hints=hints,
    )


@contextmanager
def github_repository(environment: Mapping[str, str]) -> Iterator[github.GitHub]:
    """The repository on GitHub that this run is of."""
    given = _given(environment, _GITHUB)
    with Transport(
        base=given["GITHUB_API_URL"],
        authorization=f"Bearer {given['GITHUB_TOKEN']}",
        token=given["GITHUB_TOKEN"],
        hints=github.HINTS,
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    ) as transport:
        yield github.GitHub(transport, given["GITHUB_REPOSITORY"], given["GITHUB_GRAPHQL_URL"])


def run_address(environment: Mapping[str, str]) -> str:
    """Where people find this run and what it has kept; empty outside of a pipeline."""
    build, collection = environment.get("BUILD_BUILDID"), environment.get("SYSTEM_COLLECTIONURI")
    if build and collection:
        project = quote(environment.get("SYSTEM_TEAMPROJECT", ""), safe="")
        return f"{collection.rstrip('/')}/{project}/_build/results?buildId={quote(build)}&view=artifacts"
    run, server = environment.get("GITHUB_RUN_ID"), environment.get("GITHUB_SERVER_URL")
    repository = environment.get("GITHUB_REPOSITORY", "")
    return f"{server}/{repository}/actions/runs/{quote(run)}#artifacts" if run and server else ""


def _given(environment: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise ForgeError(
            f"not set: {', '.join(missing)}; a pipeline sets them, but the token only where the step says "
            "`env: GITHUB_TOKEN: ${{ github.token }}`, or `SYSTEM_ACCESSTOKEN: "
            "$(System.AccessToken)` on Azure DevOps"
        )
    return {name: environment[name] for name in names}


def _number(text: str) -> int:
    if not text.isdigit():
        raise ForgeError("this run is not of a pull request: give --pull-request NUMBER, or run it on one")
    return int(text)
