"""The one shape of all components: their tokens, arguments, children and outputs."""

from __future__ import annotations

import ast

import pytest

from azureml_assets.kinds import type_of
from tests.architecture.source import ROOT, components, initializer, tree
from tests.support.recorded_stack import RecordedStack, recorded

# A changed token is another URN for every child: all of them would be replaced. Only ever add to this list.
TOKENS = {
    "Access": "azureml:infra:Access",
    "Catalog": "azureml:assets:Catalog",
    "Cluster": "azureml:infra:Cluster",
    "Foundation": "azureml:infra:Foundation",
    "Identity": "azureml:infra:Identity",
    "Insights": "azureml:infra:Insights",
    "Instance": "azureml:infra:Instance",
    "KeyVault": "azureml:infra:KeyVault",
    "Platform": "azureml:infra:Platform",
    "Registry": "azureml:infra:Registry",
    "Storage": "azureml:infra:Storage",
    "Workspace": "azureml:infra:Workspace",
}
# The Azure types of stage 1; the stand-in provider and the emulator have to know each.
AZURE_TYPES = {
    "azure-native:applicationinsights:Component",
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:authorization:RoleAssignment",
    "azure-native:containerregistry:Registry",
    "azure-native:keyvault:Vault",
    "azure-native:machinelearningservices:Compute",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:managedidentity:UserAssignedIdentity",
    "azure-native:operationalinsights:Workspace",
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:BlobServiceProperties",
    "azure-native:storage:FileServiceProperties",
    "azure-native:storage:StorageAccount",
}
# Those of stage 2, which the plugin has to know. A changed token replaces every resource of its type.
ASSET_TYPES = {
    f"azureml-assets:index:{name}"
    for name in (
        "BatchDeployment",
        "BatchEndpoint",
        "BatchDefaults",
        "Component",
        "Connection",
        "Data",
        "Datastore",
        "Environment",
        "FeatureSet",
        "FeatureStoreEntity",
        "Job",
        "Model",
        "OnlineDeployment",
        "OnlineEndpoint",
        "OnlineTraffic",
        "Schedule",
    )
}
COMPONENTS = {component.name: (path, component) for path, component in components()}
RUNS = [(stack, known) for stack in ("dev", "staging", "prod") for known in (True, False)]


@pytest.fixture(params=RUNS, ids=str)
def run(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(*request.param)


def calls(function: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a function or method of this name."""
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == name)
            or (isinstance(node.func, ast.Name) and node.func.id == name)
        )
    ]


def test_the_type_tokens_are_those_of_the_first_release() -> None:
    tokens = {}
    for name, (_, component) in COMPONENTS.items():
        first = calls(initializer(component), "__init__")[0].args[0]
        assert isinstance(first, ast.Constant), f"{name}: the token is a literal"
        tokens[name] = first.value

    assert tokens == TOKENS


def test_all_types_that_the_program_registers_are_listed() -> None:
    registered = {each.type for stack, known in RUNS for each in recorded(stack, known).resources}

    azure, others = AZURE_TYPES | set(TOKENS.values()), ASSET_TYPES | {TOKENS["Catalog"]}
    assert azure - others <= registered <= azure | others


def test_the_asset_types_are_those_of_the_plugin() -> None:
    """Literal in the source, so that a search for a token finds it."""
    tokens = {
        call.args[0].value
        for call in calls(tree(ROOT / "ml_assets" / "resources.py"), "__init__")
        if isinstance(call.args[0], ast.Constant)
    }

    assert tokens == ASSET_TYPES == {type_of(token).token for token in ASSET_TYPES}


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_component_registers_its_outputs_last(name: str) -> None:
    last = initializer(COMPONENTS[name][1]).body[-1]

    assert isinstance(last, ast.Expr)
    assert calls(last, "register_outputs")


def test_every_component_registered_outputs_when_run(run: RecordedStack) -> None:
    without = [component.name for component in run.components() if not component.outputs]

    assert without == []


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_component_takes_frozen_keyword_arguments(name: str) -> None:
    path, _ = COMPONENTS[name]
    arguments = next(
        node for node in tree(path).body if isinstance(node, ast.ClassDef) and node.name == f"{name}Args"
    )
    decorator = arguments.decorator_list[0]

    assert isinstance(decorator, ast.Call)
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in decorator.keywords}
    assert options == {"frozen": "True", "kw_only": "True"}


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_component_declares_its_outputs_with_types(name: str) -> None:
    _, component = COMPONENTS[name]
    declared = {
        node.target.id
        for node in component.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assigned = {
        target.attr
        for node in ast.walk(initializer(component))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }

    assert declared
    assert assigned == declared


@pytest.mark.parametrize("name", sorted(set(TOKENS) - {"Platform", "Catalog"}))
def test_childrens_options_come_from_one_maker(name: str) -> None:
    """Merged component options would put aliases and ignore_changes on every child."""
    path, _ = COMPONENTS[name]
    module = tree(path)

    assert not calls(module, "merge")
    assert not calls(module, "ResourceOptions")
    for call in calls(module, "child_options"):
        assert ast.unparse(call.args[0]) == "self"


def test_every_azure_resource_has_its_component_as_parent(run: RecordedStack) -> None:
    for resource in run.custom():
        parent = run.by_urn(resource.parent)
        if resource.type in ASSET_TYPES:
            assert parent.type == TOKENS["Catalog"]
            continue

        assert parent.type in TOKENS.values()
        assert parent.type != TOKENS["Platform"], "the platform has components only"


def test_every_component_stands_below_the_platform(run: RecordedStack) -> None:
    platform = run[TOKENS["Platform"]]
    others = [each for each in run.components() if each.type not in (platform.type, TOKENS["Catalog"])]

    assert {each.parent for each in others} == {platform.urn}
