"""The one shape of all components: their tokens, arguments, children and outputs."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import components, initializer, tree
from tests.support.recorded_stack import RecordedStack, recorded

# A changed token is another URN for every child: all of them would be replaced. Only ever add to this list.
TOKENS = {
    "Access": "azureml:infra:Access",
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

    assert registered == AZURE_TYPES | set(TOKENS.values())


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


@pytest.mark.parametrize("name", sorted(set(TOKENS) - {"Platform"}))
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

        assert parent.type in TOKENS.values()
        assert parent.type != TOKENS["Platform"], "the platform has components only"


def test_every_component_stands_below_the_platform(run: RecordedStack) -> None:
    platform = run[TOKENS["Platform"]]

    assert {each.parent for each in run.components() if each is not platform} == {platform.urn}
