"""A key that a datastore or a connection cannot do without: Azure ML gets it, and nothing else shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.asset_stack import azure, changed, take
from tests.support.stack import PulumiStack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-assets-with-secrets")]

MakeStack = Callable[[str], PulumiStack]
URL = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
KEY, OTHER_KEY = "Zm9yIHRlc3RzIG9ubHksIG5vdCBhIGtleQ==", "YW5vdGhlciBvbmUgZm9yIHRlc3RzIG9ubHk="
PASSWORD = "for-tests-only-4711"
STORE: dict[str, Any] = {
    "$schema": URL.format("azureBlob"),
    "name": "partner_blob",
    "type": "azure_blob",
    "account_name": "stpartner",
    "container_name": "inbox",
    "credentials": {"account_key": ""},
}
CONNECTION: dict[str, Any] = {
    "$schema": URL.format("workspaceConnection"),
    "name": "partner-db",
    "type": "azure_sql_db",
    "target": "Server=tcp:partner.database.windows.net,1433",
    "credentials": {"type": "username_password", "username": "ada", "password": ""},
}


class Secretive:
    """A stack whose configuration holds secrets, and everything that its commands say."""

    def __init__(self, stack: PulumiStack) -> None:
        self.stack = stack
        stack.pulumi("config", check=False)  # makes the stack, and the copy of its file with the salt
        self.file = stack.folder / "with-secrets.yaml"
        shutil.copy(stack.sandbox.folder.stack_copy(stack.stack), self.file)
        self.said = ""

    def run(self, command: str, *arguments: str, check: bool = True) -> str:
        """A command with that configuration."""
        done = self.stack.pulumi(command, *arguments, "--config-file", str(self.file), check=check)
        self.said += done.stdout + done.stderr
        return done.stdout

    def set_secret(self, file: str, key: str, value: str) -> None:
        """As the plugin's own advice says it."""
        path = f'azureml-platform:settings.assets.overrides["{file}"].credentials.{key}'
        self.run("config set --secret --path", path, value)

    def kept(self) -> str:
        """All that the engine keeps in its backend, and in its configuration."""
        files = [path for path in self.stack.sandbox.folder.pulumi_state.rglob("*") if path.is_file()]
        return "".join(path.read_text(errors="replace") for path in [self.file, *files])


def assert_hidden(secretive: Secretive) -> None:
    for secret in (KEY, OTHER_KEY, PASSWORD):
        assert secret not in secretive.said
        assert secret not in secretive.kept()


def secrets_of(stack: PulumiStack, id: str, action: str) -> dict[str, Any]:
    return azure(stack, f"{id}/{action}", "POST", {}, "2024-10-01-preview")


def test_keys_are_used_and_never_shown(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    assets = stack.own_assets()
    for file, document in {"datastores/partner.yml": STORE, "connections/partner.yml": CONNECTION}.items():
        Path(assets / file).write_text(yaml.safe_dump(document))
    stack.change_settings(take(["datastores/partner.yml", "connections/partner.yml"]))
    secretive = Secretive(stack)
    secretive.set_secret("datastores/partner.yml", "account_key", KEY)
    secretive.set_secret("connections/partner.yml", "password", PASSWORD)

    secretive.run("preview", "--diff")
    secretive.run("preview", "--json")
    secretive.run("up", "--yes", "--skip-preview", "--json")

    ids = {each["urn"].rpartition("::")[2]: each.get("id", "") for each in stack.resources()}
    with stack.sandbox.entered():
        assert secrets_of(stack, ids["partner_blob"], "listSecrets")["key"] == KEY
        given = secrets_of(stack, ids["partner-db"], "listsecrets")["properties"]["credentials"]
    assert given == {"username": "ada", "password": PASSWORD}
    assert_hidden(secretive)

    secretive.set_secret("datastores/partner.yml", "account_key", OTHER_KEY)
    shown = secretive.run("preview", "--diff")
    assert "account_key: [secret] => [secret]" in shown
    assert "~ 1 to update" in shown
    stack.sandbox.cli("faults", "add", "--match", "PUT */datastores/partner_blob", "--status", "400")
    secretive.run("up", "--yes", "--skip-preview", check=False)
    secretive.run("up", "--yes", "--skip-preview")
    with stack.sandbox.entered():
        assert secrets_of(stack, ids["partner_blob"], "listSecrets")["key"] == OTHER_KEY
    secretive.run("refresh", "--yes", "--skip-preview", "--diff")
    assert "to update" not in secretive.run("preview")
    assert_hidden(secretive)


def test_a_datastore_by_identity_has_no_key_anywhere(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(take(["datastores/*"]))
    stack.up()

    stores = [each for each in stack.resources() if each["type"] == "azureml-assets:index:Datastore"]

    assert len(stores) == 3
    for store in stores:
        assert "credentials" not in store["inputs"]["spec"]
        with stack.sandbox.entered():
            body = azure(stack, store["id"], api_version="2024-10-01-preview")
        assert body["properties"]["credentials"] == {"credentialsType": "None"}
    assert changed(stack) == {}
