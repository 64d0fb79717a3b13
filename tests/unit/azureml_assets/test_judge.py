"""One wrong document: the plugin tells what is wrong with all of the stack's, and nothing that is secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azureml_assets.kinds import Target
from resource_provider.provider import ProviderError
from resource_provider.values import Secret
from tests.support.plugin import Plugin, PluginError, running_plugin

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240709.v1"


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Plugin]:
    with running_plugin(tmp_path, Target("sub", "group", "workspace")) as plugin:
        yield plugin


def environment(plugin: Plugin, name: str, **data: Any) -> dict[str, Any]:
    return plugin.document(f"{name}.yml", "environment", name=name, version="1", **{"image": IMAGE, **data})


def told(inputs: dict[str, Any], kind: str = "environment", **more: Any) -> dict[str, Any]:
    document = {"file": inputs["file"], "spec": inputs["spec"], "kind": kind, "routes": False}
    return {**document, "unknown": [], "places": {}, **more}


def test_a_wrong_document_is_told_with_all_others_that_are_wrong(plugin: Plugin) -> None:
    one = environment(plugin, "one", imge="x")
    two = environment(plugin, "two", conda_fle="x")
    good = environment(plugin, "good")
    assert plugin.told(*map(told, (two, good, one))) == []

    with pytest.raises(PluginError) as refused:
        plugin.check("Environment", one)

    (reason,) = refused.value.reasons
    heading, first, second = reason.splitlines()
    assert heading == "the assets of the stack have 2 mistakes; nothing of them was sent:"
    assert first.startswith("  one.yml:5: imge · found: an unknown key")
    assert second.startswith("  two.yml:5: conda_fle · found: an unknown key")
    assert refused.value.properties == [""]  # of a named property the engine prints the value


def test_a_right_document_does_not_suffer_from_the_others(plugin: Plugin) -> None:
    good, wrong = environment(plugin, "good"), environment(plugin, "wrong", imge="x")
    plugin.told(told(wrong), told(good))

    assert plugin.check("Environment", good)["version"] == "1"


def test_all_documents_are_looked_at_when_the_program_asks(plugin: Plugin) -> None:
    wrong = environment(plugin, "wrong", imge="x")
    endpoint = plugin.document(
        "endpoint.yml", "managedOnlineEndpoint", name="churn", auth_mode="key", traffic={"blue": 60}
    )
    traffic = told(endpoint, "online_endpoint", routes=True)
    rest = told(
        {**endpoint, "spec": {k: v for k, v in endpoint["spec"].items() if k != "traffic"}}, "online_endpoint"
    )

    found = plugin.told(told(wrong), traffic, rest, check=True)

    assert [(each["file"], each["line"], each["key"]) for each in found] == [
        ("wrong.yml", 5, "imge"),
        ("endpoint.yml", 4, "traffic"),
    ]


def test_what_is_not_known_yet_is_no_mistake(plugin: Plugin) -> None:
    inputs = environment(plugin, "one", image=None)

    assert plugin.told(told(inputs), check=True)
    assert plugin.told(told(inputs, unknown=[["image"]]), check=True) == []


def test_a_mistake_in_a_change_of_the_stack_is_told_where_the_stack_has_it(plugin: Plugin) -> None:
    inputs = environment(plugin, "one", tags=3)
    place = ["Pulumi.dev.yaml", 12, "assets.overrides.one.yml.tags"]

    (found,) = plugin.told(told(inputs, places={"tags": place}), check=True)

    assert [found["file"], found["line"], found["key"]] == place


def test_a_version_that_cannot_change_is_told_with_its_line(plugin: Plugin) -> None:
    before = plugin.check("Environment", environment(plugin, "one"))

    with pytest.raises(PluginError) as refused:
        plugin.check("Environment", environment(plugin, "one", image=f"{IMAGE}-other"), before)

    (reason,) = refused.value.reasons
    assert reason.startswith(
        "one.yml:3: version · one:1 is registered, and a version cannot be changed; image"
    )


def component(plugin: Plugin) -> dict[str, Any]:
    plugin.file("src/train.py", "print(1)\n")
    return plugin.document(
        "component.yml",
        "commandComponent",
        name="train",
        version="auto",
        type="command",
        code="src",
        command="python train.py",
        environment="azureml:training:1",
    )


def test_files_that_cannot_be_read_are_told_by_name(plugin: Plugin) -> None:
    inputs = component(plugin)
    source = plugin.root / "src"
    (source / "gone.py").symlink_to("nowhere.py")
    (source / "loop").symlink_to("../src")
    os.mkfifo(source / "pipe")

    with pytest.raises(PluginError) as refused:
        plugin.check("Component", inputs)

    told = sorted(line.partition(" · allowed")[0] for line in refused.value.reasons[0].splitlines()[1:])
    assert told == [
        "  component.yml:5: code · found: src/gone.py, a link to 'nowhere.py', which is not there",
        "  component.yml:5: code · found: src/loop, a link to '../src', which is a folder around it",
        "  component.yml:5: code · found: src/pipe, which is no file but a pipe, a socket or a device",
    ]


def test_files_that_are_ignored_need_not_be_readable(plugin: Plugin) -> None:
    inputs = component(plugin)
    (plugin.root / "src/gone.py").symlink_to("nowhere.py")
    plugin.file("src/.amlignore", "gone.py\n")

    assert plugin.check("Component", inputs)["contentHash"]


def test_a_file_that_goes_while_it_is_sent_is_told(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = component(plugin)

    def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "src/train.py")

    monkeypatch.setattr(plugin.provider._versions, "create", gone)

    with pytest.raises(ProviderError, match=r"^src/train.py cannot be read: No such file or directory"):
        plugin.create("Component", inputs)


def deployment(plugin: Plugin, **data: Any) -> dict[str, Any]:
    spec = {"endpoint_name": "churn", "model": "azureml:churn:1", "instance_count": 1, "name": "blue", **data}
    return plugin.document("blue.yml", "managedOnlineDeployment", **spec)


def test_a_size_that_a_deployment_keeps_is_told_in_the_preview(plugin: Plugin) -> None:
    before = plugin.check("OnlineDeployment", deployment(plugin, instance_type="Standard_DS2_v2"))

    with pytest.raises(PluginError) as refused:
        plugin.check("OnlineDeployment", deployment(plugin, instance_type="Standard_DS3_v2"), before)

    (reason,) = refused.value.reasons
    assert reason == (
        "blue.yml:6: instance_type · found: 'Standard_DS3_v2' in place of 'Standard_DS2_v2' · allowed: its "
        "value for as long as the deployment is there; write a deployment of another name, move the traffic "
        "to it, then remove this one"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"instance_type": "Standard_DS2_v2"}, {"instance_type": "standard_ds2_v2"}),
        ({"instance_type": "Standard_DS2_v2"}, {"instance_type": "Standard_DS3_v2", "name": "green"}),
        ({"instance_type": "Standard_DS2_v2"}, {"instance_type": "Standard_DS2_v2", "instance_count": 3}),
    ],
)
def test_a_deployment_that_keeps_its_size_may_change(
    plugin: Plugin, old: dict[str, Any], new: dict[str, Any]
) -> None:
    before = plugin.check("OnlineDeployment", deployment(plugin, **old))

    assert plugin.check("OnlineDeployment", deployment(plugin, **new), before)


def endpoint(plugin: Plugin, **data: Any) -> dict[str, Any]:
    return plugin.document("endpoint.yml", "managedOnlineEndpoint", name="churn", auth_mode="key", **data)


def test_the_identity_that_an_endpoint_keeps_is_told_in_the_preview(plugin: Plugin) -> None:
    assigned = {"type": "user_assigned", "user_assigned_identities": [{"resource_id": "/subscriptions/x"}]}
    before = plugin.check("OnlineEndpoint", endpoint(plugin))

    with pytest.raises(PluginError) as refused:
        plugin.check("OnlineEndpoint", endpoint(plugin, identity=assigned), before)

    (reason,) = refused.value.reasons
    assert "identity.type · found: 'user_assigned' in place of 'system_assigned'" in reason
    assert "another name" in reason


def test_a_datastore_of_another_type_is_made_anew(plugin: Plugin) -> None:
    blob = plugin.document(
        "s.yml", "azureBlob", name="s", type="azure_blob", account_name="stlake", container_name="c1x"
    )
    before = plugin.check("Datastore", blob)
    share = plugin.document(
        "s.yml", "azureFile", name="s", type="azure_file", account_name="stlake", file_share_name="c1x"
    )

    changes = plugin.diff("Datastore", before, plugin.check("Datastore", share, before))

    assert changes["spec.type"] is True
    assert plugin.deletes_first("Datastore", before, plugin.check("Datastore", share, before)) is True


def test_a_connection_string_that_the_stack_puts_in_is_told(plugin: Plugin) -> None:
    inputs = environment(plugin, "one", description="plain")
    key = "a" * 43 + "="
    changed = {**inputs, "spec": {**inputs["spec"], "description": f"AccountName=st;AccountKey={key}"}}

    with pytest.raises(PluginError) as refused:
        plugin.check("Environment", changed)

    (reason,) = refused.value.reasons
    assert "description · found: a connection string with a key" in reason
    assert key not in reason


def test_the_key_of_an_api_is_a_secret_wherever_it_stands(plugin: Plugin) -> None:
    data = {"name": "partner", "type": "api_key", "api_base": "https://partner.contoso.com"}
    inputs = plugin.document("api.yml", "connection", **data, api_key="")
    given = {**inputs, "spec": {**inputs["spec"], "api_key": "for-tests-only"}}

    assert plugin.check("Connection", given)["spec"]["api_key"] == Secret("for-tests-only")

    with pytest.raises(PluginError, match=r"api.yml:5: api_key · found: a secret value · allowed: no secret"):
        plugin.check("Connection", plugin.document("api.yml", "connection", **data, api_key="for-tests-only"))


def test_a_secret_that_the_stack_has_not_been_given_is_told(plugin: Plugin) -> None:
    store = plugin.document(
        "ml_assets/assets/datastores/partner.yml",
        "azureBlob",
        name="partner",
        type="azure_blob",
        account_name="stpartner",
        container_name="inbox",
        credentials={"account_key": ""},
    )

    with pytest.raises(PluginError) as refused:
        plugin.check("Datastore", store)

    assert refused.value.reasons == [
        (
            "ml_assets/assets/datastores/partner.yml:7: credentials.account_key · found: an empty secret · "
            "allowed: the secret, as one of the stack · example: pulumi config set --secret --path "
            "'azureml-platform:settings.assets.overrides[\"datastores/partner.yml\"].credentials.account_key'"
        )
    ]
