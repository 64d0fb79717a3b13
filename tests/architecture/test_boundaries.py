"""What each top-level package may import, and what runs before any package is installed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, imports, modules, tree

OURS = {
    "azureml_assets",
    "azureml_guard",
    "benchmarks",
    "bootstrap",
    "ephemeral",
    "infra",
    "ml_assets",
    "resource_provider",
    "review",
    "sandbox",
    "tests",
}
# `make setup` runs these with the machine's own Python.
BEFORE_SETUP = sorted({**modules("bootstrap"), **modules("sandbox/engine")})
MAY_IMPORT = {
    "infra": {"infra"},
    "sandbox": {"sandbox", "resource_provider"},
    "resource_provider": {"resource_provider"},
    "bootstrap": {"bootstrap", "sandbox"},
    "policies": {"azureml_guard"},
    "review": {"review"},
    "ephemeral": {"ephemeral"},
    "ml_assets/provider": {"azureml_assets", "ml_assets", "resource_provider"},
}
# Stage 2 without its plugin, which is a process of its own.
STAGE_2 = {name: path for name, path in modules("ml_assets").items() if "provider" not in path.parts}
PLUGIN = modules("ml_assets/provider")
PLUGIN_PREFIX = "ml_assets.provider."  # which the plugin itself does not use: its folder is on its path
# What both read: files of the catalogue, their kinds and secrets, and how mistakes in them are told.
SHARED_BY_BOTH = {
    f"ml_assets.{name}" for name in ("documents", "mistakes", "schemas", "secret_keys", "yaml_nodes")
}
# Imports of seconds and of hundred megabytes; the sandbox is ready in one second and stays below 200 MB.
HEAVY = ("pulumi_azure_native", "azure.ai", "azure.mgmt")


def packages_of_ours(package: str, name: str) -> set[str]:
    return {each.split(".")[0] for each in imports(modules(package)[name], package)} & OURS


@pytest.mark.parametrize("name", BEFORE_SETUP)
def test_what_runs_before_set_up_needs_the_standard_library_only(name: str) -> None:
    path = modules("bootstrap", "sandbox/engine")[name]
    imported = imports(path, "sandbox")

    assert {each.split(".")[0] for each in imported} - sys.stdlib_module_names <= {"bootstrap", "sandbox"}
    assert all(
        each == "sandbox.engine" or each.startswith("sandbox.engine.")
        for each in imported
        if each.startswith("sandbox")
    )


def test_importing_the_engine_s_package_imports_nothing_else_of_the_sandbox() -> None:
    assert imports(ROOT / "sandbox" / "__init__.py", "sandbox") <= {"__future__"}


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package in MAY_IMPORT for name in sorted(modules(package))]
)
def test_a_package_imports_only_what_it_may(package: str, name: str) -> None:
    assert packages_of_ours(package, name) <= MAY_IMPORT[package]


@pytest.mark.parametrize("name", sorted(modules("review")))
def test_a_review_is_made_of_text_alone(name: str) -> None:
    """It can be lifted out: no Pulumi, no Azure, only what reads, checks, renders and fetches prices."""
    used = {each.split(".")[0] for each in imports(modules("review")[name], "review")}

    allowed = {"httpx", "jinja2", "markupsafe", "pydantic", "pydantic_core", "review", "tenacity"}
    assert used - sys.stdlib_module_names <= allowed


@pytest.mark.parametrize("name", sorted(modules("review/render")))
def test_what_renders_a_review_reads_the_document_and_nothing_else(name: str) -> None:
    used = {each for each in imports(modules("review/render")[name], "review") if each.startswith("review.")}

    assert {each for each in used if not each.startswith("review.render")} <= {"review.document"}


@pytest.mark.parametrize("name", sorted(modules("policies/azureml_guard")))
def test_controls_know_nothing_of_how_they_are_hosted(name: str) -> None:
    hosting = {"grpc", "pulumi", "google"}
    used = {each.split(".")[0] for each in imports(modules("policies/azureml_guard")[name], "azureml_guard")}

    assert not used & hosting or name.rsplit(".", 1)[-1] in {"host", "discreet", "values", "remedies"}


def test_benchmarks_measure_from_outside() -> None:
    """A figure that imports what it measures would measure something else than a user sees."""
    used = set().union(*(packages_of_ours("benchmarks", name) for name in modules("benchmarks")))

    assert used <= {"benchmarks"}


@pytest.mark.parametrize("name", sorted(modules("sandbox")))
def test_the_sandbox_never_loads_the_sdks_that_it_serves(name: str) -> None:
    assert not [each for each in imports(modules("sandbox")[name], "sandbox") if each.startswith(HEAVY)]


@pytest.mark.parametrize("name", sorted(STAGE_2))
def test_stage_2_knows_neither_stage_1_nor_azure(name: str) -> None:
    """Stage 1 comes as an object of the right shape, and Azure is the plugin's business."""
    imported = {each.split(".")[0] for each in imports(STAGE_2[name], "ml_assets")}

    assert imported - sys.stdlib_module_names <= {"grpc", "ml_assets", "pulumi", "yaml"}


def test_only_what_speaks_to_the_engine_knows_pulumi() -> None:
    """The rest decides from files and settings, and is tested without an engine."""
    users = {name for name, path in STAGE_2.items() if "pulumi" in imports(path, "ml_assets")}

    speaking = ("announcement", "catalog", "resources", "workspace_ref")
    assert users == {f"ml_assets.{name}" for name in speaking}


@pytest.mark.parametrize("name", sorted(SHARED_BY_BOTH))
def test_what_program_and_plugin_share_stands_alone(name: str) -> None:
    imported = imports(STAGE_2[name], "ml_assets")

    assert {each for each in imported if each.startswith("ml_assets")} <= SHARED_BY_BOTH
    assert "pulumi" not in imported


@pytest.mark.parametrize("name", sorted(PLUGIN))
def test_the_plugin_takes_from_the_program_only_how_files_are_read(name: str) -> None:
    imported = {each for each in imports(PLUGIN[name], "ml_assets") if each.startswith("ml_assets")}

    assert imported <= SHARED_BY_BOTH


def loaded_at_start(path: Path) -> set[str]:
    """Modules that a file of the plugin loads with itself, and that these load, and so on."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        new = _imported_at_top(waiting.pop()) - found
        found |= new
        waiting += [PLUGIN[PLUGIN_PREFIX + name] for name in new if PLUGIN_PREFIX + name in PLUGIN]
    return found


def _imported_at_top(path: Path) -> set[str]:
    found: set[str] = set()
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_plugin_starts_without_the_client_of_azure_ml() -> None:
    """Its import takes three seconds, and most runs have nothing to send."""
    loaded = loaded_at_start(ROOT / "ml_assets" / "provider" / "__main__.py")

    assert "azureml_assets.registration" in loaded
    assert not [each for each in loaded if each.startswith(("azure.ai", "azure.storage", "pulumi_azure"))]


def test_stage_2_is_loaded_only_for_a_stack_with_assets() -> None:
    top_level = [node for node in tree(ROOT / "__main__.py").body if isinstance(node, ast.ImportFrom)]

    assert not [node for node in top_level if (node.module or "").startswith("ml_assets")]
    assert "ml_assets.announcement" in imports(ROOT / "__main__.py", "ml_assets")
