"""The Makefile's targets, its help, and what runs before them."""

from __future__ import annotations

import os
import re
import subprocess
import time

from tests.support.pulumi_project import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)
PROMISED = ("setup", "up", "preview", "refresh", "down", "test", "lint", "sandbox-start", "sandbox-stop")
WITHOUT_SETUP = {"help", "setup", "clean"}


def _make(*arguments: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "STACK"}
    }
    environment |= variables
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=check
    )


def test_help_is_the_default_and_lists_every_target() -> None:
    shown = _make().stdout

    assert set(PROMISED) <= set(TARGETS)
    assert re.findall(r"^ {2}([a-z-]+) +\S", shown, re.MULTILINE) == TARGETS


def test_every_target_is_phony() -> None:
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE))

    assert sorted(phony.split()) == sorted(TARGETS)


def test_every_target_sets_up_first() -> None:
    with_setup = re.findall(r"^([a-z-]+): setup ##", MAKEFILE, re.MULTILINE)

    assert set(with_setup) == set(TARGETS) - WITHOUT_SETUP


def test_the_stack_is_dev_unless_another_is_given() -> None:
    assert "pulumi up --stack='dev' --yes" in _make("--dry-run", "up").stdout
    assert "pulumi up --stack='prod' --yes" in _make("--dry-run", "up", "STACK=prod").stdout


def test_an_empty_stack_is_not_the_next_option() -> None:
    done = _make("preview", "STACK=", check=False)

    assert done.returncode != 0
    assert "error: which stack? add --stack with one of: dev, " in done.stderr


def test_quotes_in_a_value_are_not_the_shells() -> None:
    done = _make("preview", "STACK=a'b", check=False)

    assert "error: no stack \"a'b\": there is no Pulumi.a'b.yaml" in done.stderr
    assert r"--stack='dev' 'it'\''s.yml'" in _make("--dry-run", "submit", "JOB=it's.yml").stdout


def test_a_name_from_a_branch_is_text_for_make_and_for_the_shell() -> None:
    """The names of branches are given to targets by people outside."""
    for name in (
        "ephemeral-$(info SEEN)",
        "ephemeral-`echo SEEN`",
        "ephemeral-$$(echo SEEN)",
        "'; echo SEEN; '",
    ):
        done = _make("destroy-ephemeral", STACK=name, check=False)

        assert done.returncode != 0
        assert "SEEN" not in done.stdout.splitlines()
        assert "allowed: ephemeral-NAME" in done.stderr


def test_no_environment_but_an_ephemeral_one_is_destroyed_without_a_question() -> None:
    for name in (
        "dev",
        "prod",
        "",
        "ephemeral-",
        "ephemeral-A",
        "ephemeral-1234567",
        "ephemeral-a/../prod",
        "x-ephemeral-a",
    ):
        for target in ("ephemeral", "destroy-ephemeral"):
            done = _make(target, STACK=name, check=False)

            assert (done.returncode, done.stdout) == (2, ""), name
            assert "allowed: ephemeral-NAME" in done.stderr, name


def test_an_ephemeral_stack_on_azure_needs_a_key_for_its_secrets() -> None:
    done = _make("destroy-ephemeral", "AZURE=1", STACK="ephemeral-none", check=False)

    (ROOT / "Pulumi.ephemeral-none.yaml").unlink()
    assert done.returncode == 2
    assert "PULUMI_SECRETS_PROVIDER: is not set: azurekeyvault://" in done.stderr


def test_on_azure_the_engine_runs_without_the_sandbox() -> None:
    for target in ("review", "apply", "smoke", "drift", "verify"):
        shown = _make("--dry-run", target, "AZURE=1", "STACK=prod").stdout

        assert "-m sandbox pulumi" not in shown
        assert "sandbox.engine.locate" in shown
        assert "-m sandbox pulumi" in _make("--dry-run", target, "STACK=prod").stdout


def test_settings_that_hide_modules_from_python_do_not_matter() -> None:
    hiding = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONHOME": "/nonexistent"}

    done = subprocess.run(
        ["make", "preview", "STACK="], cwd=ROOT, env=hiding, capture_output=True, text=True, check=False
    )

    assert "error: which stack?" in done.stderr


def test_ci_runs_the_tests_without_a_terminal() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "export CI=true" in script
    assert script.endswith("exec make test </dev/null\n")


def test_a_second_set_up_says_nothing_and_is_quick() -> None:
    _make("setup")
    started = time.monotonic()

    second = _make("setup")

    assert second.stdout + second.stderr == ""
    assert time.monotonic() - started < 2.0  # 0.3 s on an idle machine; other tests run beside this one
