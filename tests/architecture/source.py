"""Reads the repository's Python files as syntax trees: what they import, what they call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


@cache
def modules(*folders: str) -> dict[str, Path]:
    """Import names of all modules below some folders of the root, and their files."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            # The scripts of the assets run on a compute, each on its own.
            if "node_modules" in path.parts or path.is_relative_to(ROOT / "ml_assets" / "assets"):
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(path: Path, package: str) -> set[str]:
    """Every module that a file imports, anywhere in it, by its full name.

    `from a.b import c` counts as `a.b.c` where that is a module of ours, else as `a.b`.
    """
    known = set(modules(package))
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            for alias in node.names:
                name = f"{base}.{alias.name}"
                found.add(name if name in known else base)
    return found


def components() -> Iterator[tuple[Path, ast.ClassDef]]:
    """The classes of both stages that derive from pulumi.ComponentResource."""
    for path in modules("infra", "ml_assets").values():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Attribute) and base.attr == "ComponentResource" for base in node.bases
            ):
                yield path, node


def initializer(component: ast.ClassDef) -> ast.FunctionDef:
    return next(
        node for node in component.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    )
