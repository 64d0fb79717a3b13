"""What each top-level package may import, and what runs before any package is installed."""

from __future__ import annotations

import sys

import pytest

from tests.architecture.source import ROOT, imports, modules

OURS = {"infra", "sandbox", "resource_provider", "bootstrap", "benchmarks", "tests"}
# `make setup` runs these with the machine's own Python.
BEFORE_SETUP = sorted({**modules("bootstrap"), **modules("sandbox/engine")})
MAY_IMPORT = {
    "infra": {"infra"},
    "sandbox": {"sandbox", "resource_provider"},
    "resource_provider": {"resource_provider"},
    "bootstrap": {"bootstrap", "sandbox"},
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


def test_benchmarks_measure_from_outside() -> None:
    """A figure that imports what it measures would measure something else than a user sees."""
    used = set().union(*(packages_of_ours("benchmarks", name) for name in modules("benchmarks")))

    assert used <= {"benchmarks"}


@pytest.mark.parametrize("name", sorted(modules("sandbox")))
def test_the_sandbox_never_loads_the_sdks_that_it_serves(name: str) -> None:
    assert not [each for each in imports(modules("sandbox")[name], "sandbox") if each.startswith(HEAVY)]
