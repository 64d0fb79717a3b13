"""What the program may not ask of Azure: anything that answers with a key."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import modules, tree

INFRA = modules("infra")


@pytest.mark.parametrize("name", sorted(INFRA))
def test_no_module_lists_keys_or_tokens(name: str) -> None:
    called = {
        node.attr
        for node in ast.walk(tree(INFRA[name]))
        if isinstance(node, ast.Attribute) and node.attr.startswith(("list_", "get_client_token"))
    }

    assert called == set()


def test_the_only_invoke_asks_who_is_deploying() -> None:
    invokes = {
        node.attr
        for path in INFRA.values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr.startswith("get_") and node.attr.endswith("_output")
    }

    assert invokes == {"get_client_config_output"}
