"""The SDK loaded piece by piece is the SDK: the same classes, and everything still there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from infra.lean_sdk import SERVICES
from tests.support.recorded_stack import ROOT


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


SDK = "from pulumi_azure_native import authorization, resources, storage"


def test_one_resource_loads_its_own_file_and_not_the_others() -> None:
    loaded = (
        "sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('pulumi_azure_native.storage.'))"
    )

    assert printed(f"import sys, infra; {SDK}; storage.StorageAccount; print(*{loaded})") == (
        "_enums _inputs outputs storage_account"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "storage.StorageAccount.__module__",
        "storage.SkuArgs.__module__",
        "storage.Kind.STORAGE_V2.value",
        "authorization.get_client_config_output.__module__",
        "authorization.get_client_config.__module__",
    ],
)
def test_names_are_what_the_whole_sdk_has_under_them(expression: str) -> None:
    code = f"{SDK}; print({expression})"

    assert printed(f"import infra; {code}") == printed(code)


@pytest.mark.parametrize("service", ["storage", "resources"])
def test_every_name_of_a_service_is_there(service: str) -> None:
    names = printed(f"{SDK}; {service}.SkuArgs; print(*[n for n in dir({service}) if n[0] != '_'])").split()
    missing = f"[n for n in {names!r} if n != 'typing' and not hasattr({service}, n)]"

    assert len(names) > 100
    assert printed(f"import infra; {SDK}; print({missing})") == "[]"


def test_an_unknown_name_is_still_an_error() -> None:
    assert printed(f"import infra; {SDK}; print(hasattr(storage, 'NoSuchThing'))") == "False"


def test_every_service_that_the_program_imports_is_lean() -> None:
    kinds = f"[type(sys.modules['pulumi_azure_native.' + s]).__name__ for s in {SERVICES!r}]"

    assert set(printed(f"import sys, infra.platform; print(*{kinds})").split()) == {"LeanService"}
