"""Stage 2 in whole stacks: assets up with the platform, changed, drifted, interrupted, and gone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from azureml_assets.submit import find_job
from azureml_assets.submit import submit as submit_job
from sandbox.folder import REPOSITORY
from tests.support.asset_stack import ASSETS, azure, changed, client, take
from tests.support.azure_clients import AzureClients
from tests.support.stack import PulumiStack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-assets")]

MakeStack = Callable[[str], PulumiStack]


def test_the_whole_catalogue_lives_with_its_platform(pulumi_stack: MakeStack) -> None:
    """One stack through its life, since each step costs seconds."""
    stack = pulumi_stack("dev")
    assets = stack.own_assets()
    stack.change_settings(take(["**"], exclude=["feature-store/**"]))

    stack.up()
    outputs = stack.outputs()
    assert stack.preview().changes() == {}
    assert set(stack.refresh()) == {"same"}

    registered = outputs["assets"]
    component = registered[f"{ASSETS}/components/prep/component.yml"]
    with stack.sandbox.entered():
        ml = client(stack, outputs)
        _, name, version = component.split(":")
        found = ml.components.get(name, version)
        assert code_of(stack, str(found.code)) == local_files(assets / "components/prep/src")
        assert {each.name for each in ml.schedules.list()} >= {"retrain-churn", "import-customers"}
        endpoint = ml.online_endpoints.get(
            registered[f"{ASSETS}/endpoints/online/churn/endpoint.yml"].split(":")[1]
        )
        assert sum(endpoint.traffic.values()) == 100
        batch = registered[f"{ASSETS}/endpoints/batch/churn/endpoint.yml"].split(":")[1]
        assert ml.batch_endpoints.get(batch).defaults.deployment_name

    script = assets / "components/prep/src/prep.py"
    script.write_text(script.read_text() + "\n# another line\n")
    changes = changed(stack)
    assert changes["prep"] == "replace"
    assert changes["churn_training"] == "replace"  # a pipeline that has it as a step
    assert "evaluate" not in changes
    stack.up()
    with stack.sandbox.entered():
        assert client(stack, outputs).components.get(name, version).version == version  # the older one stays

    stack.destroy()
    assert stack.resources() == []


def code_of(stack: PulumiStack, code: str) -> dict[str, bytes]:
    """Name and bytes of the files of a code asset, as they lie in the storage account."""
    uri = azure(stack, code.removeprefix("azureml:"))["properties"]["codeUri"].replace(":443/", "/")
    account, container, folder = uri.removeprefix("https://").split("/", 2)
    credential = AzureClients(stack.sandbox.subscription_id).credential
    with ContainerClient(f"https://{account}", container, credential=credential) as store:
        names = [blob.name for blob in store.list_blobs(name_starts_with=f"{folder}/")]
        return {name.removeprefix(f"{folder}/"): store.download_blob(name).readall() for name in names}


def local_files(folder: Path) -> dict[str, bytes]:
    """Name and bytes of the files that are uploaded of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_small_changes_and_their_undoing(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    assets = stack.own_assets()
    stack.change_settings(take(["environments/*", "datastores/product-blob.yml", "jobs/train.yml"]))
    refused = stack.pulumi("preview", check=False)
    assert refused.returncode != 0
    assert "jobs/train.yml" in refused.stdout + refused.stderr  # needs components that are not included

    stack.change_settings(take(["environments/*", "datastores/product-blob.yml"]))
    stack.up()
    outputs = stack.outputs()
    name, version = outputs["assets"][f"{ASSETS}/environments/training-sklearn.yml"].split(":")[1:]

    document = assets / "environments/training-sklearn.yml"
    text = document.read_text()
    document.write_text(text + "\n# a comment changes nothing\n")
    assert stack.preview().changes() == {}

    with stack.sandbox.entered():
        client(stack, outputs).environments.archive(name, version)
    assert stack.refresh()["update"] == 1
    assert changed(stack) == {name: "update"}
    stack.up()
    assert stack.preview().changes() == {}

    document.write_text(text.replace("version: auto", 'version: "7"'))
    stack.up()
    conda = next((assets / "environments").rglob("conda.y*ml"))
    conda.write_text(conda.read_text() + "\n# other bytes\n")
    refused = stack.pulumi("preview", check=False)
    assert refused.returncode != 0
    assert f"{name}:7 is registered, and a version cannot be changed" in refused.stdout + refused.stderr
    assert f"{conda.name} changed" in refused.stdout + refused.stderr


def test_what_fails_leaves_the_rest_and_is_mended_by_the_next_up(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(take(["environments/*", "components/prep/*", "components/evaluate/*"]))
    stack.sandbox.cli(
        "faults", "add", "--match", "PUT */components/prep/*", "--status", "400", "--times", "1"
    )

    failed = stack.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", check=False)

    output = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "Traceback" not in output
    assert "azureml-assets:index:Component (prep)" in output
    made = {resource["urn"].rsplit("::", 1)[-1] for resource in stack.resources()}
    assert {"evaluate", "training-sklearn"} <= made
    assert "prep" not in made

    counts = stack.up()
    assert counts["create"] == 1
    assert stack.preview().changes() == {}


def test_an_upload_without_its_registration_is_completed_and_leaves_nothing_double(
    pulumi_stack: MakeStack,
) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(take(["components/prep/*"]))
    stack.sandbox.cli("faults", "add", "--match", "PUT */codes/*", "--status", "400", "--times", "1")
    assert stack.pulumi("up", "--yes", "--skip-preview", check=False).returncode != 0

    stack.up()

    outputs = stack.outputs()
    with stack.sandbox.entered():
        ml = client(stack, outputs)
        assert len(list(ml.components.list("prep"))) == 1
        assert len(azure(stack, f"{outputs['workspaceId']}/codes")["value"]) == 1


def test_an_asset_that_is_registered_already_is_adopted(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(take(["environments/scoring.yml"]))
    stack.up()
    state = next(each for each in stack.resources() if each["type"] == "azureml-assets:index:Environment")

    stack.pulumi(f"state delete {state['urn']} --force --yes")
    counts = stack.up()

    assert counts["create"] == 1  # adopted: it is registered with this content
    assert stack.preview().changes() == {}


def test_every_job_is_submitted_as_the_stack_has_it(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    assets = stack.own_assets()
    stack.change_settings(take(["**"], exclude=["feature-store/**", "endpoints/**", "schedules/**"]))
    stack.up()

    def submit(job: str) -> subprocess.CompletedProcess[str]:
        paths = f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'ml_assets/provider'}"
        words = [sys.executable, "-m", "azureml_assets.submit", "--stack=dev", job]
        return stack.sandbox.cli(
            "run", "--", "env", f"PYTHONPATH={paths}", *words, check=False, directory=stack.folder
        )

    done = submit("jobs/train.yml")
    wrong = submit("jobs/tran.yml")

    assert done.returncode == 0, done.stderr
    name = done.stdout.split(" as ", 1)[1].split()[0]
    outputs = stack.outputs()
    with stack.sandbox.entered():
        assert client(stack, outputs).jobs.get(name).status in ("NotStarted", "Queued")
        with pytest.raises(ResourceNotFoundError):
            client(stack, outputs).jobs.get("other")
    assert wrong.returncode == 1
    assert "stack dev has no job jobs/tran.yml. Did you mean jobs/train.yml?" in wrong.stderr

    deployment = json.loads(stack.pulumi("stack export").stdout)["deployment"]
    with stack.sandbox.entered():
        for file in sorted((assets / "jobs").glob("*.yml")):
            job = find_job(deployment, f"jobs/{file.name}", "dev")
            name, _ = asyncio.run(submit_job(job, stack.folder))
            assert client(stack, outputs).jobs.get(name).status in ("NotStarted", "Queued"), file.name
