"""Azure DevOps: the open work items of a project that have one tag, in the place of issues.

Sources: Azure DevOps REST API 7.1, "Wiql", "Work Items" (create, update, get batch), "Work Item Type States".
A work item is a task: the one type that every process of Azure DevOps has. Its description is HTML, of which
comments are not kept, so the text stands in it as text, with the line by which it is found again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from review.forge import azure_devops
from review.forge.errors import ForgeError, GoneError
from review.forge.messages import Message
from review.forge.transport import Transport

LONGEST: Final = 300_000  # characters; a field takes a million, and escapes count
_TYPE: Final = "Task"
_PATCH: Final = "application/json-patch+json"
_DESCRIPTION: Final = "System.Description"
_BATCH: Final = 200
_TAGS: Final = re.compile(r"<[^>]*>")
HINTS: Final = azure_devops.HINTS | {
    403: "the build's identity may not write: give `<project> Build Service` the permission "
    "`Edit work items in this node` on the area of the project",
    404: "there is no such project, or the build's identity may not see its work items",
}


@dataclass(frozen=True)
class WorkItems:
    """Open tasks with one tag; `title` is what a new one is called, `transport` reaches the organisation."""

    transport: Transport
    project: str
    title: str
    label: str
    longest: int = LONGEST

    def ours(self) -> Iterator[Message]:
        """Ours, oldest first."""
        identity = azure_devops.identity(self.transport)
        closed = ", ".join(_quoted(name) for name in self._states("Completed", "Removed"))
        query = (  # it only reads, and every value is quoted
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "  # noqa: S608
            f"AND [System.WorkItemType] = {_quoted(_TYPE)} AND [System.Tags] CONTAINS {_quoted(self.label)} "
            f"AND [System.State] NOT IN ({closed}) ORDER BY [System.Id]"
        )
        found = [each["id"] for each in self._ask("/wiql", {"query": query})["workItems"]]
        for start in range(0, len(found), _BATCH):
            fields = [_DESCRIPTION, "System.CreatedBy"]
            asked = {"ids": found[start : start + _BATCH], "fields": fields}
            for item in self._ask("/workitemsbatch", asked)["value"]:
                if (item["fields"].get("System.CreatedBy") or {}).get("id") == identity:
                    yield _message(item)

    def create(self, text: str) -> Message:
        """A new task with the tag."""
        fields = {"System.Title": self.title, "System.Tags": self.label, _DESCRIPTION: _as_html(text)}
        try:
            return _message(self._write("POST", f"/workitems/${_TYPE}", fields))
        except GoneError as error:
            raise ForgeError(str(error)) from error

    def update(self, message: Message, text: str) -> Message:
        """Another text."""
        return _message(self._write("PATCH", f"/workitems/{message.id}", {_DESCRIPTION: _as_html(text)}))

    def remove(self, message: Message) -> None:
        """Completes it: what was done stays to be read."""
        (done, *_) = self._states("Completed")
        self._write("PATCH", f"/workitems/{message.id}", {"System.State": done})

    def _states(self, *categories: str) -> list[str]:
        """The states of a task that mean so: each process has words of its own."""
        path = self._path(f"/workitemtypes/{_TYPE}/states")
        answer = self.transport.request("GET", path, params=azure_devops.VERSION).json()
        return [each["name"] for each in answer["value"] if each["category"] in categories]

    def _ask(self, path: str, body: Any) -> Any:
        path = self._path(path)
        return self.transport.request("POST", path, body=body, params=azure_devops.VERSION, reads=True).json()

    def _write(self, method: str, path: str, fields: dict[str, str]) -> Any:
        body = [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in fields.items()]
        path = self._path(path)
        return self.transport.request(
            method, path, body=body, params=azure_devops.VERSION, media=_PATCH
        ).json()

    def _path(self, path: str) -> str:
        return f"/{quote(self.project, safe='')}/_apis/wit{path}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _as_html(text: str) -> str:
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def _message(item: Any) -> Message:
    text = html.unescape(_TAGS.sub("", item["fields"].get(_DESCRIPTION) or ""))
    link = ((item.get("_links") or {}).get("html") or {}).get("href") or ""
    return Message(str(item["id"]), text, link)
