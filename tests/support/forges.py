"""A local forge: GitHub's and Azure DevOps's APIs as far as reviews use them, in their documented shapes.

Shapes: GitHub REST API 2022-11-28 (issue comments, issues, artifacts; Link header, 100 a page at most), Azure
DevOps REST API 7.1 (pull request threads and their comments, connection data). `fault` answers first.
"""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TOKEN: Final = "ghs_made-up-token-of-the-test"
BOT: Final = "github-actions[bot]"
BUILD: Final = "b0000000-0000-4000-8000-00000000b01d"


@dataclass
class Answer:
    """What is answered; `drop` closes the connection instead, after the work where `late`."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    late: bool = False


@dataclass
class Forge:
    """What the forge holds, and what was asked of it: (method, path) in order."""

    address: str = ""
    number: int = 7  # of the pull request
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    files: dict[int, bytes] = field(default_factory=dict)
    threads: list[dict[str, Any]] = field(default_factory=list)
    work_items: list[dict[str, Any]] = field(default_factory=list)
    states: tuple[tuple[str, str], ...] = (("To Do", "Proposed"), ("Done", "Completed"), ("Cut", "Removed"))
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    # Called with method and path before the work; an answer replaces it.
    fault: Callable[[str, str], Answer | None] = lambda method, path: None
    threads_a_page: int = 0

    @property
    def github(self) -> dict[str, str]:
        """What GitHub Actions sets in a run of the pull request."""
        return {
            "GITHUB_REPOSITORY": "owner/platform",
            "GITHUB_API_URL": self.address,
            "GITHUB_GRAPHQL_URL": f"{self.address}/graphql",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REF": f"refs/pull/{self.number}/merge",
        }

    @property
    def azure_devops(self) -> dict[str, str]:
        """What Azure Pipelines sets in a run of the pull request."""
        return {
            "SYSTEM_COLLECTIONURI": f"{self.address}/organisation/",
            "SYSTEM_TEAMPROJECT": "ML platform",
            "BUILD_REPOSITORY_ID": "platform",
            "SYSTEM_ACCESSTOKEN": TOKEN,
            "SYSTEM_PULLREQUEST_PULLREQUESTID": str(self.number),
        }

    def comment(self, text: str, author: str = BOT) -> dict[str, Any]:
        """A comment on GitHub that is there already."""
        self.comments.append(_entry(len(self.comments) + 1, text, author))
        return self.comments[-1]

    def thread(self, text: str, author: str = BUILD) -> dict[str, Any]:
        """A thread on Azure DevOps that is there already."""
        comment = {
            "id": 1,
            "parentCommentId": 0,
            "content": text,
            "commentType": "text",
            "author": {"id": author},
        }
        self.threads.append({"id": len(self.threads) + 1, "status": "active", "comments": [comment]})
        return self.threads[-1]

    def artifact(self, name: str, files: Mapping[str, str], *, fork: bool = False, created: str = "") -> int:
        """An artifact that is there already; its id."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        number = len(self.artifacts) + 1
        self.files[number] = packed.getvalue()
        self.artifacts.append(
            {
                "id": number,
                "name": name,
                "expired": False,
                "created_at": created or f"2026-11-01T00:00:{number:02}Z",
                "workflow_run": {"id": 1, "repository_id": 1, "head_repository_id": 2 if fork else 1},
            }
        )
        return number

    def count(self, method: str, pattern: str) -> int:
        """How often something was asked."""
        return sum(each == method and re.search(pattern, path) is not None for each, path in self.asked)


def _entry(number: int, text: str, author: str) -> dict[str, Any]:
    return {
        "id": number,
        "number": number,
        "body": text,
        "state": "open",
        "user": {"login": author, "type": "Bot" if author.endswith("[bot]") else "User"},
        "html_url": f"https://forge.test/{number}",
    }


@contextmanager
def serve() -> Iterator[Forge]:
    """A forge on loopback, until the block ends."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: else each answer waits for an acknowledgement
        disable_nagle_algorithm = True

        def log_message(self, format: str, *words: object) -> None:
            """Nothing: tests read `asked`."""

        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            media = self.headers.get("content-type")
            body = json.loads(self.rfile.read(length)) if length else None
            forge.asked.append((self.command, self.path))
            forge.authorizations.append(self.headers.get("authorization"))
            fault = forge.fault(self.command, self.path)
            answer = (
                fault if fault and not fault.late else _answer(forge, self.command, self.path, body, media)
            )
            if fault and fault.late:
                answer = fault
            if answer.drop:
                self.close_connection = True
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            content = b"" if answer.body is None else content
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _do  # noqa: N815 - the base class's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(forge: Forge, method: str, address: str, body: Any, media: str | None) -> Answer:
    path = urlsplit(address).path
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if path == "/graphql":
        return Answer(body={"data": {"viewer": {"login": BOT}}})
    if path.startswith("/organisation/ML%20platform/_apis/wit/") and query.get("api-version") == "7.1":
        return _work_items(forge, method, path.partition("/wit")[2], body, media)
    if path.startswith("/organisation/"):
        return _azure_devops(forge, method, path.removeprefix("/organisation"), query, body)
    if path.startswith("/storage/"):
        return Answer(body=forge.files[int(path.rsplit("/", 1)[-1])])
    return _github(forge, method, path.removeprefix("/repos/owner/platform"), query, body)


def _github(forge: Forge, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
    if match := re.fullmatch(r"/issues/comments/(\d+)", path):
        return _change(forge.comments, int(match[1]), method, body)
    if match := re.fullmatch(r"/issues/(\d+)", path):
        return _change(forge.issues, int(match[1]), method, body)
    if path == f"/issues/{forge.number}/comments":
        if method == "POST":
            return Answer(201, forge.comment(body["body"]))
        return _page(forge, path, forge.comments, query)
    if path == "/issues":
        if method == "POST":
            issue = _entry(len(forge.issues) + 1, body["body"], BOT)
            forge.issues.append(
                {**issue, "title": body["title"], "labels": [{"name": each} for each in body["labels"]]}
            )
            return Answer(201, forge.issues[-1])
        wanted = [
            each
            for each in forge.issues
            if each["state"] == query["state"] and {"name": query["labels"]} in each["labels"]
        ]
        return _page(forge, path, wanted, query)
    if path == "/actions/artifacts":
        found = [each for each in forge.artifacts if each["name"] == query["name"]]
        page = _page(forge, path, found, query)
        return Answer(200, {"total_count": len(found), "artifacts": page.body}, page.headers)
    if match := re.fullmatch(r"/actions/artifacts/(\d+)/zip", path):
        return Answer(302, None, {"location": f"{forge.address}/storage/{match[1]}"})
    return Answer(404, {"message": "Not Found"})


def _page(forge: Forge, path: str, entries: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
    size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
    headers = {}
    if page * size < len(entries):
        rest = "&".join(
            f"{name}={value}" for name, value in query.items() if name not in ("page", "per_page")
        )
        following = f"{forge.address}/repos/owner/platform{path}?per_page={size}&page={page + 1}&{rest}"
        headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
    return Answer(200, entries[(page - 1) * size : page * size], headers)


def _change(entries: list[dict[str, Any]], number: int, method: str, body: Any) -> Answer:
    for entry in entries:
        if entry["id"] == number:
            if method == "DELETE":
                entries.remove(entry)
                return Answer(204)
            entry.update(body)
            return Answer(200, entry)
    return Answer(404, {"message": "Not Found"})


def _work_items(forge: Forge, method: str, path: str, body: Any, media: str | None) -> Answer:
    """The description is HTML, of which a comment is lost; a change is a JSON patch, and nothing else."""
    if path == "/workitemtypes/Task/states":
        return Answer(body={"value": [{"name": name, "category": kind} for name, kind in forge.states]})
    if path == "/wiql":
        (tag,) = re.findall(r"\[System.Tags\] CONTAINS '([^']*)'", body["query"])
        (names,) = re.findall(r"\[System.State\] NOT IN \(([^)]*)\)", body["query"])
        wanted = [
            each
            for each in forge.work_items
            if tag in each["fields"]["System.Tags"].split("; ")
            and f"'{each['fields']['System.State']}'" not in names.split(", ")
        ]
        return Answer(body={"queryType": "flat", "workItems": [{"id": each["id"]} for each in wanted]})
    if path == "/workitemsbatch":
        return Answer(body={"value": [each for each in forge.work_items if each["id"] in body["ids"]]})
    if media != "application/json-patch+json":
        return Answer(415, {"message": "TF400813: The content type is not supported."})
    fields = {each["path"].removeprefix("/fields/"): each["value"] for each in body}
    if "System.Description" in fields:
        fields["System.Description"] = re.sub(
            r"<!--.*?-->", "", fields["System.Description"], flags=re.DOTALL
        )
    if (method, path) == ("POST", "/workitems/$Task"):
        number = len(forge.work_items) + 1
        made = {"System.State": forge.states[0][0], "System.CreatedBy": {"id": BUILD}, **fields}
        links = {"html": {"href": f"https://forge.test/work/{number}"}}
        forge.work_items.append({"id": number, "fields": made, "_links": links})
        return Answer(200, forge.work_items[-1])
    for item in forge.work_items:
        if method == "PATCH" and path == f"/workitems/{item['id']}":
            item["fields"].update(fields)
            return Answer(200, item)
    return Answer(404, {"message": "TF401232: Work item does not exist, or you do not have permissions."})


def _azure_devops(forge: Forge, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
    if path == "/_apis/connectionData":
        return Answer(body={"authenticatedUser": {"id": BUILD, "providerDisplayName": "ML Build Service"}})
    threads = f"/ML%20platform/_apis/git/repositories/platform/pullRequests/{forge.number}/threads"
    if not path.startswith(threads) or query.get("api-version") != "7.1":
        return Answer(
            404, {"message": "TF401180: The requested pull request was not found.", "typeKey": "GitPull"}
        )
    if path == threads and method == "POST":
        comment = body["comments"][0]
        thread = forge.thread(comment["content"])
        return Answer(200, thread)
    if path == threads:
        start, size = int(query.get("continuationToken", 0)), forge.threads_a_page or len(forge.threads) or 1
        more = start + size < len(forge.threads)
        headers = {"x-ms-continuationtoken": str(start + size)} if more else {}
        found = forge.threads[start : start + size]
        return Answer(200, {"value": found, "count": len(found)}, headers)
    match = re.fullmatch(rf"{re.escape(threads)}/(\d+)/comments/(\d+)", path)
    found = [each for each in forge.threads if match and each["id"] == int(match[1])]
    if not found:
        return Answer(404, {"message": "TF401180: The requested thread was not found."})
    comment = found[0]["comments"][0]
    if method == "DELETE":
        comment["isDeleted"] = True
        return Answer(200)
    comment["content"] = body["content"]
    return Answer(200, comment)
