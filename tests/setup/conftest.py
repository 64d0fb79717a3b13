"""A scratch Pulumi project with the real engine: its own home, file backend and passphrase."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.engine.locate import Engine, locate
from tests.support.pulumi_project import VIRTUALENV, Project


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that set-up settled on."""
    return locate()


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Project:
    """An empty stack `dev` of a project without a program yet."""
    folder = tmp_path / "project"
    state = tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    made = Project(
        folder,
        engine,
        {
            **inherited,
            "PATH": f"{engine.bin}{os.pathsep}{inherited['PATH']}",
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "trial",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        },
    )
    made.write(
        {
            "Pulumi.yaml": f"""
            name: trial
            runtime:
              name: python
              options:
                toolchain: pip
                virtualenv: {VIRTUALENV}
            """
        }
    )
    made.pulumi("stack", "init", "dev")
    return made
