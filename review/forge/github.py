"""GitHub: comments of a pull request, issues of a repository, artifacts of its workflows.

Sources: GitHub REST API 2022-11-28, "Issue comments", "Issues", "Actions artifacts", "Using pagination in
the REST API"; the token's own name is asked of GraphQL (`viewer`), because `GET /user` is closed to the
token of a workflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

from review.forge.errors import ForgeError, GoneError
from review.forge.messages import Message
from review.forge.transport import Transport

LONGEST: Final = 65_536  # characters of a body
_PAGE: Final = 100
_PAGES: Final = 1_000  # a forge whose pages never end must not hold a job for ever
HINTS: Final = {
    401: "GITHUB_TOKEN is not accepted: give the job's own, ${{ github.token }}",
    403: "the token may not do this: the job needs `pull-requests: write` for comments, `issues: "
    "write` for issues, "
    "`actions: read` for artifacts; the token of a pull request from a fork never has them",
    404: "there is no such thing in GITHUB_REPOSITORY, or the token may not see it",
    410: "issues are switched off in this repository",
    422: "GitHub does not take it as it is: see its message",
}


@dataclass(frozen=True)
class GitHub:
    """A repository: `owner/name`, and the two addresses of its API."""

    transport: Transport
    repository: str
    graphql: str

    def login(self) -> str:
        """The name under which the token writes."""
        query = {"query": "query { viewer { login } }"}
        answer = self.transport.request("POST", self.graphql, body=query, reads=True)
        data = answer.json().get("data") or {}
        login = (data.get("viewer") or {}).get("login")
        if not isinstance(login, str) or not login:
            raise ForgeError("GitHub does not say whose the token is: is GITHUB_TOKEN the job's own?")
        return login

    def pages(self, path: str, **params: str | int) -> Iterator[Any]:
        """Every page of a list, following the Link header."""
        answer = self.transport.request(
            "GET", f"/repos/{self.repository}{path}", params={"per_page": _PAGE, **params}
        )
        yield answer.json()
        for _ in range(_PAGES):
            following = next_page(answer)
            if following is None:
                return
            answer = self.transport.request("GET", following)
            yield answer.json()
        raise ForgeError(f"{path}: more than {_PAGES} pages")

    def change(self, method: str, path: str, body: Any = None) -> Any:
        """One change; the object that GitHub answers, None for an empty answer."""
        answer = self.transport.request(method, f"/repos/{self.repository}{path}", body=body)
        return answer.json() if answer.content else None


def next_page(answer: httpx.Response) -> str | None:
    """The address of the next page."""
    return answer.links.get("next", {}).get("url")


@dataclass(frozen=True)
class Comments:
    """The comments of one pull request."""

    github: GitHub
    number: int
    longest: int = LONGEST

    def ours(self) -> Iterator[Message]:
        """Ours, oldest first, as GitHub lists them."""
        login = self.github.login()
        for page in self.github.pages(f"/issues/{self.number}/comments"):
            for each in page:
                if (each.get("user") or {}).get("login") == login:
                    yield _message(each, "id")

    def create(self, text: str) -> Message:
        """A new comment."""
        path = f"/issues/{self.number}/comments"
        try:
            return _message(self.github.change("POST", path, {"body": text}), "id")
        except GoneError as error:  # no other round brings the pull request back
            raise ForgeError(f"pull request {self.number}: {error}") from error

    def update(self, message: Message, text: str) -> Message:
        """Another text."""
        return _message(self.github.change("PATCH", f"/issues/comments/{message.id}", {"body": text}), "id")

    def remove(self, message: Message) -> None:
        """Deletes it."""
        self.github.change("DELETE", f"/issues/comments/{message.id}")


def pull_requests(github: GitHub, label: str) -> Iterator[int]:
    """The numbers of open pull requests that have a label. GitHub lists them among the issues."""
    for page in github.pages("/issues", state="open", labels=label):
        yield from (int(each["number"]) for each in page if "pull_request" in each)


@dataclass(frozen=True)
class Issues:
    """The open issues of a repository that have one label; `title` is what a new one is called."""

    github: GitHub
    title: str
    label: str
    longest: int = LONGEST

    def ours(self) -> Iterator[Message]:
        """Ours, oldest first."""
        login = self.github.login()
        for page in self.github.pages(
            "/issues", state="open", labels=self.label, sort="created", direction="asc"
        ):
            for each in page:
                # A pull request is an issue too.
                if "pull_request" not in each and (each.get("user") or {}).get("login") == login:
                    yield _message(each, "number")

    def create(self, text: str) -> Message:
        """A new issue with the label."""
        body = {"title": self.title, "body": text, "labels": [self.label]}
        try:
            made = self.github.change("POST", "/issues", body)
        except GoneError as error:
            raise ForgeError(str(error)) from error
        given = {each.get("name") for each in made.get("labels", ())}
        if self.label not in given:  # GitHub leaves it out in silence
            raise ForgeError(
                f"{made['html_url']} was made without the label {self.label!r}, by which it would be found "
                "again: make the label in the repository, and give it to the issue"
            )
        return _message(made, "number")

    def update(self, message: Message, text: str) -> Message:
        """Another text."""
        return _message(self.github.change("PATCH", f"/issues/{message.id}", {"body": text}), "number")

    def remove(self, message: Message) -> None:
        """Closes it: issues are not deleted."""
        self.github.change("PATCH", f"/issues/{message.id}", {"state": "closed"})


def _message(entry: Any, key: str) -> Message:
    return Message(str(entry[key]), entry.get("body") or "", entry.get("html_url") or "")
