"""Submits a job of the catalogue, as the stack's last update has resolved it.

The state of the stack holds every job's document with references and overrides put in, and the
hash of its files. What is submitted is that document with those files, or nothing: when they have
changed since, an update has to come first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from azureml_assets import content as contents
from azureml_assets import version_calls
from azureml_assets.asset import Asset
from azureml_assets.codes import Codes
from azureml_assets.credentials import ManagementCredentials
from azureml_assets.files import unreadable
from azureml_assets.kinds import Target, type_of
from azureml_assets.refusals import explained
from azureml_assets.registration import uploaded_paths
from azureml_assets.sdk_process import SdkProcess
from azureml_assets.uploads import Uploads
from ml_assets.mistakes import nearest
from resource_provider.arm_client import MANAGEMENT, ArmClient
from resource_provider.arm_errors import ArmError
from resource_provider.http import Http
from resource_provider.provider import ProviderError

_TOKEN = "azureml-assets:index:Job"
_ASSETS = "ml_assets/assets/"


def main(arguments: Sequence[str] | None = None, root: Path | None = None) -> int:
    """The exit status: 0 submitted, 1 an error that was printed."""
    parser = argparse.ArgumentParser(prog="submit", description="Submit a job of the catalogue.")
    parser.add_argument("--stack", required=True, help="the stack that the job belongs to")
    parser.add_argument("job", help="its file, such as jobs/train.yml")
    known = parser.parse_args(arguments)
    try:
        inputs = find_job(_deployment(known.stack), known.job, known.stack)
        name, studio = asyncio.run(submit(inputs, root or Path.cwd()))
    except (ProviderError, OSError) as failed:
        error = unreadable(failed) if isinstance(failed, OSError) else failed
        told = explained(error) if isinstance(error, ArmError) else error
        print(f"error: {told}", file=sys.stderr)
        return 1
    print(f"submitted {known.job} as {name}")
    print(f"  {studio}")
    return 0


def find_job(deployment: Mapping[str, Any], job: str, stack: str) -> dict[str, Any]:
    """The inputs of a job in a stack's state. ProviderError with the jobs that there are."""
    file = job if job.startswith(_ASSETS) else _ASSETS + job
    jobs = {
        str(resource["inputs"]["file"]): resource["inputs"]
        for resource in deployment.get("resources", [])
        if resource.get("type") == _TOKEN
    }
    if file in jobs:
        return dict(jobs[file])
    if not jobs:
        raise ProviderError(
            f"stack {stack} has no jobs yet: let `assets` in Pulumi.{stack}.yaml include them, "
            "and bring it up"
        )
    meant = nearest(file, jobs)
    guess = f" Did you mean {meant.removeprefix(_ASSETS)}?" if meant else ""
    known = ", ".join(sorted(each.removeprefix(_ASSETS) for each in jobs))
    raise ProviderError(f"stack {stack} has no job {job}.{guess} It has {known}")


async def submit(inputs: Mapping[str, Any], root: Path) -> tuple[str, str]:
    """Uploads what the job needs and submits it: its name, and its page in the studio."""
    asset, spec = type_of(_TOKEN), dict(inputs["spec"])
    file = root / str(inputs["file"])
    content = contents.read(asset.kind, spec, file.parent, root)
    if contents.content_hash(asset.kind, spec, content) != inputs["contentHash"]:
        raise ProviderError(
            f"files of {inputs['file']} have changed since the stack's last update; bring it up, then submit"
        )
    job = Asset(asset, Target.of(inputs["target"]), spec, file, content, str(inputs["contentHash"]))
    http, sdk = Http(), SdkProcess()
    arm = ArmClient(http, MANAGEMENT, ManagementCredentials(sdk))
    uploads = Uploads(arm, sdk)
    try:
        values = await uploaded_paths(job, Codes(arm, uploads), uploads, sdk)
        return await sdk.run(version_calls.submit, job, contents.replaced(spec, values))
    finally:
        await sdk.close()
        await http.close()


def _deployment(stack: str) -> dict[str, Any]:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise ProviderError("pulumi is not on PATH: in the sandbox run `make submit JOB=...`")
    done = subprocess.run(
        [pulumi, "stack", "export", "--stack", stack, "--non-interactive"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProviderError(f"the state of stack {stack} cannot be read: {' '.join(done.stderr.split())}")
    deployment: dict[str, Any] = json.loads(done.stdout)["deployment"]
    return deployment


if __name__ == "__main__":
    sys.exit(main())
