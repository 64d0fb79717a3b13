"""Builds the Pulumi command line and our Python language host from their Go modules into the per-user cache.

The folder appears whole or not at all, two builds at once become one, and a second run builds nothing. go.sum
pins every module by hash; no Go toolchain is ever downloaded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from sandbox.engine.locate import (
    CLI_SOURCES,
    LANGUAGE_HOST_SOURCES,
    Engine,
    EngineError,
    Version,
    built_engine,
    cache_folder,
    cli_key,
    parse_version,
)
from sandbox.engine.replace import locked, new_folder

_CLI_PACKAGE: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK_MODULE: Final = "github.com/pulumi/pulumi/sdk/v3"
# Scripts of the SDK that an installed Pulumi has beside its language host: they start a program and a dynamic
# provider.
_SDK_SCRIPTS: Final = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)
_CLI_KEY_FILE: Final = "cli-key"


class Runner(Protocol):
    """Runs a command to its end, shows that it goes on, and raises if it fails."""

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        describe: Callable[[Sequence[str]], str],
    ) -> None:
        """`describe` turns the lines of output so far into the words of the progress line."""


def required_go() -> Version:
    """The oldest Go that can build both modules."""
    return max(_go_directive(CLI_SOURCES), _go_directive(LANGUAGE_HOST_SOURCES))


def _go_directive(module: Path) -> Version:
    directive = re.search(r"^go (\S+)$", (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    if directive is None:
        raise EngineError(f"{module / 'go.mod'} has no go directive")
    return parse_version(directive.group(1))


def build(run: Runner, say: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> Engine:
    """Build the engine of this checkout unless it is in the cache.

    Raises:
        EngineError: what was built does not answer with its version.
    """
    engine = built_engine(environment)
    if engine.pulumi.exists():
        return engine
    cache = cache_folder(environment)
    with locked(
        cache / "engine.lock", waiting=lambda: say("another set-up is building the engine; waiting for it")
    ):
        if engine.pulumi.exists():
            return engine
        with new_folder(engine.bin.parent) as folder:
            _build_into(folder, engine.version, run, say, environment)
    return engine


def _build_into(
    folder: Path, version: str, run: Runner, say: Callable[[str], None], environment: Mapping[str, str]
) -> None:
    go_environment = {
        **environment,
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    flags = f"-s -w -X {_SDK_MODULE}/go/common/version.Version=v{version}"
    commands = folder / "bin"
    commands.mkdir()

    def compile_package(package: str, target: Path, directory: Path) -> None:
        run(
            [
                "go",
                "build",
                "-v",
                "-trimpath",
                "-buildvcs=false",
                "-ldflags",
                flags,
                "-o",
                str(target),
                package,
            ],
            directory=directory,
            environment=go_environment,
            describe=describe_build,
        )

    twin = _engine_with_same_cli(cache_folder(environment))
    if twin is not None:
        os.link(twin / "bin" / "pulumi", commands / "pulumi")
    else:
        say(f"building Pulumi {version} from its Go modules: some minutes, once per version and user")
        compile_package(_CLI_PACKAGE, commands / "pulumi", CLI_SOURCES)
    compile_package(".", commands / "pulumi-language-python", LANGUAGE_HOST_SOURCES)
    sdk = _output(
        ["go", "list", "-m", "-f", "{{.Dir}}", _SDK_MODULE],
        directory=LANGUAGE_HOST_SOURCES,
        environment=go_environment,
    )
    for script in _SDK_SCRIPTS:
        target = commands / Path(script).name
        shutil.copyfile(Path(sdk) / script, target)
        target.chmod(0o755)
    (folder / _CLI_KEY_FILE).write_text(cli_key(), encoding="utf-8")

    answer = _output([str(commands / "pulumi"), "version"], directory=folder, environment=environment)
    if answer != f"v{version}":
        raise EngineError(f"the engine that was built calls itself {answer}, not v{version}")


def _engine_with_same_cli(cache: Path) -> Path | None:
    """An engine in the cache that differs in its language host alone."""
    wanted = cli_key()
    for key_file in sorted(cache.glob(f"engine-*/{_CLI_KEY_FILE}")):
        if ".partial-" not in str(key_file) and key_file.read_text(encoding="utf-8") == wanted:
            return key_file.parent
    return None


def describe_build(lines: Sequence[str]) -> str:
    """Words for the output of `go build -v`, which has a line per module fetched and package compiled."""
    fetched = sum(line.startswith("go: downloading ") for line in lines)
    compiled = sum(not line.startswith("go: ") for line in lines)
    return (
        f"{fetched} modules fetched, {compiled} packages compiled"
        if fetched
        else f"{compiled} packages compiled"
    )


def _output(arguments: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> str:
    answer = subprocess.run(
        arguments, cwd=directory, env=dict(environment), capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise EngineError(f"`{' '.join(arguments)}` failed: {answer.stderr.strip()}")
    return answer.stdout.strip()
