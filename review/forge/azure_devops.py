"""Azure DevOps: comments of a pull request, each in a thread of its own.

Sources: Azure DevOps REST API 7.1, "Pull Request Threads" (list, create), "Pull Request Thread Comments"
(update, delete); the token's own identity is that of "Connection Data". Lists that have pages say so by the
header x-ms-continuationtoken; threads come in one page today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from review.forge.errors import ForgeError, GoneError
from review.forge.messages import Message
from review.forge.transport import Transport

LONGEST: Final = 150_000  # characters of a comment
VERSION: Final[Mapping[str, str | int]] = {"api-version": "7.1"}
_CONTINUATION: Final = "x-ms-continuationtoken"
_PAGES: Final = 1_000
_ACTIVE: Final = 1  # status of a thread: shown open
_TEXT: Final = 1  # type of a comment
HINTS: Final = {
    401: "SYSTEM_ACCESSTOKEN is not accepted: give the step `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
    403: "the build's identity may not write: give `<project> Build Service` the permission "
    "`Contribute to pull "
    "requests` on the repository",
    404: "there is no such pull request in the repository, or the build's identity may not see it",
}


@dataclass(frozen=True)
class Threads:
    """The threads of one pull request; the address of `transport` is that of the organisation."""

    transport: Transport
    project: str
    repository: str
    number: int
    longest: int = LONGEST

    @property
    def _path(self) -> str:
        repository = (
            f"{quote(self.project, safe='')}/_apis/git/repositories/{quote(self.repository, safe='')}"
        )
        return f"/{repository}/pullRequests/{self.number}/threads"

    def ours(self) -> Iterator[Message]:
        """Comments of ours that are not deleted, oldest first."""
        its = identity(self.transport)
        for thread in self._threads():
            if thread.get("isDeleted"):
                continue
            for comment in thread.get("comments") or ():
                ours = (comment.get("author") or {}).get("id") == its
                if ours and not comment.get("isDeleted"):
                    yield _message(thread["id"], comment)

    def create(self, text: str) -> Message:
        """A new thread with one comment."""
        comment = {"parentCommentId": 0, "content": text, "commentType": _TEXT}
        body = {"comments": [comment], "status": _ACTIVE}
        try:
            thread = self._request("POST", self._path, body)
        except GoneError as error:  # no other round brings the pull request back
            raise ForgeError(f"pull request {self.number}: {error}") from error
        return _message(thread["id"], thread["comments"][0])

    def update(self, message: Message, text: str) -> Message:
        """Another text."""
        thread = message.id.split("/")[0]
        return _message(thread, self._request("PATCH", self._comment(message), {"content": text}))

    def remove(self, message: Message) -> None:
        """Deletes it."""
        self._request("DELETE", self._comment(message))

    def _comment(self, message: Message) -> str:
        thread, comment = message.id.split("/")
        return f"{self._path}/{thread}/comments/{comment}"

    def _threads(self) -> Iterator[Any]:
        params = dict(VERSION)
        for _ in range(_PAGES):
            answer = self.transport.request("GET", self._path, params=params)
            yield from answer.json()["value"]
            if not (token := answer.headers.get(_CONTINUATION)):
                return
            params["continuationToken"] = token
        raise ForgeError(f"{self._path}: more than {_PAGES} pages")

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.transport.request(method, path, body=body, params=VERSION)
        return answer.json() if answer.content else None


def identity(transport: Transport) -> str:
    """The id under which the token writes."""
    answer = transport.request("GET", "/_apis/connectionData").json()
    found = (answer.get("authenticatedUser") or {}).get("id")
    if not isinstance(found, str) or not found:
        raise ForgeError("Azure DevOps does not say whose the token is: is SYSTEM_ACCESSTOKEN the job's own?")
    return found


def _message(thread: int | str, comment: Any) -> Message:
    return Message(f"{thread}/{comment['id']}", comment.get("content") or "")
