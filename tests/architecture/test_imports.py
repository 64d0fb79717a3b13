"""Who may import whom. The reasons: settings stay free of the SDK, concerns free of each other."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOT, imports, modules, tree

INFRA = modules("infra")
SHARED = {
    "infra.lean_sdk",
    "infra.naming",
    "infra.roles",
    "infra.options",
    "infra.outputs",
    "infra.soft_delete",
}
CONCERNS = {
    name
    for name in INFRA
    if not name.startswith("infra.settings")
    and name not in {*SHARED, "infra", "infra.compute", "infra.platform", "infra.start_up"}
}


def ours(name: str) -> set[str]:
    return {each for each in imports(INFRA[name], "infra") if each == "infra" or each.startswith("infra.")}


def test_the_concerns_are_those_of_azure() -> None:
    assert {
        "infra.access",
        "infra.compute.cluster",
        "infra.compute.instance",
        "infra.foundation",
        "infra.identity",
        "infra.insights",
        "infra.key_vault",
        "infra.registry",
        "infra.storage",
        "infra.workspace",
    } == CONCERNS


@pytest.mark.parametrize("name", sorted(name for name in INFRA if name.startswith("infra.settings")))
def test_settings_import_nothing_of_ours_but_settings(name: str) -> None:
    assert all(each.startswith("infra.settings") for each in ours(name))


@pytest.mark.parametrize("name", sorted(CONCERNS))
def test_a_concern_never_imports_another(name: str) -> None:
    allowed = SHARED | {each for each in INFRA if each.startswith("infra.settings")}

    assert ours(name) <= allowed


@pytest.mark.parametrize("name", ["infra.naming", "infra.outputs", "infra.roles", "infra.options"])
def test_what_concerns_share_knows_settings_only(name: str) -> None:
    assert all(each.startswith("infra.settings") for each in ours(name))


def test_only_the_platform_knows_all_concerns() -> None:
    importers = {name for name in INFRA if ours(name) & CONCERNS}

    assert importers == {"infra.platform"}
    assert ours("infra.platform") >= CONCERNS


@pytest.mark.parametrize("name", sorted(set(INFRA) - CONCERNS))
def test_only_concerns_import_the_azure_sdk(name: str) -> None:
    assert not any(each.startswith("pulumi_azure_native") for each in imports(INFRA[name], "infra"))


@pytest.mark.parametrize("name", sorted(name for name in INFRA if name.startswith("infra.settings")))
def test_settings_need_pulumi_only_to_be_loaded(name: str) -> None:
    uses_pulumi = any(each.split(".")[0] == "pulumi" for each in imports(INFRA[name], "infra"))

    assert uses_pulumi is (name == "infra.settings.load")


def test_configuration_is_read_in_one_place() -> None:
    readers = {
        name
        for name, path in {**INFRA, "__main__": ROOT / "__main__.py"}.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "Config"
    }

    assert readers == {"infra.settings.load"}


@pytest.mark.parametrize("name", sorted(INFRA))
def test_the_program_never_reads_the_environment(name: str) -> None:
    assert "os" not in imports(INFRA[name], "infra")


@pytest.mark.parametrize("name", sorted(INFRA))
def test_the_program_knows_nothing_of_the_sandbox(name: str) -> None:
    others = {"sandbox", "resource_provider", "policies", "review", "ml_assets", "azureml_assets", "tests"}

    assert not {each.split(".")[0] for each in imports(INFRA[name], "infra")} & others


def test_the_main_module_is_one_screen() -> None:
    lines = (ROOT / "__main__.py").read_text().splitlines()

    assert len(lines) <= 40
