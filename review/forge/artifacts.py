"""The review that an earlier run of a workflow has kept as an artifact, found by its name.

Names hold the git tree or the pull request, so the newest of a name is the one. An artifact of a run of a
fork is never taken: whoever opens a pull request from a fork writes its workflow, and so its artifacts.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from review.forge.errors import ForgeError
from review.forge.github import GitHub

LARGEST: Final = 64_000_000  # bytes, packed and unpacked


def fetch(github: GitHub, name: str, folder: Path) -> bool:
    """Unpack the newest artifact of a name into a folder; False where there is none.

    Raises:
        ForgeError: the forge refuses, or what it gives is no plain folder of files.
    """
    found = sorted(_usable(github, name), key=lambda each: str(each["created_at"]))
    if not found:
        return False
    content = github.transport.download(
        f"/repos/{github.repository}/actions/artifacts/{found[-1]['id']}/zip", LARGEST
    )
    _unpack(content, name, folder)
    return True


def _usable(github: GitHub, name: str) -> Iterator[Any]:
    for page in github.pages("/actions/artifacts", name=name):
        for artifact in page["artifacts"]:
            run = artifact.get("workflow_run") or {}
            own = run.get("head_repository_id") is not None
            own = own and run.get("head_repository_id") == run.get("repository_id")
            if own and artifact["name"] == name and not artifact["expired"]:
                yield artifact


def _unpack(content: bytes, name: str, folder: Path) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise ForgeError(f"the artifact {name} is no zip file; run the preview again") from error
    entries = archive.infolist()
    if any("/" in each.filename or "\\" in each.filename for each in entries):
        raise ForgeError(f"the artifact {name} has folders in it: it is no review of ours")
    if sum(each.file_size for each in entries) > LARGEST:
        raise ForgeError(f"the artifact {name} unpacks to more than {LARGEST} bytes: it is no review of ours")
    folder.mkdir(parents=True, exist_ok=True)
    for each in entries:
        (folder / each.filename).write_bytes(archive.read(each))
