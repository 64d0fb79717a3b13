"""The order of set-up: what is missing; then Python, Azurite and the engine side by side; then the schemas.

A second run looks at stamps and ends.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from bootstrap import prerequisites
from bootstrap.azurite import Azurite
from bootstrap.commands import Commands, SetupError
from bootstrap.python_environment import PythonEnvironment
from bootstrap.schemas import Schemas
from sandbox.engine import locate
from sandbox.engine.build import build
from sandbox.engine.locate import EngineError
from sandbox.engine.replace import locked

ROOT: Final = Path(__file__).resolve().parent.parent
_ENGINE: Final = "engine"


def main(arguments: Sequence[str]) -> int:
    """Set the clone up; returns the exit code."""
    if arguments:
        print(f"error: set-up takes no arguments, got {' '.join(arguments)}", file=sys.stderr)
        return 2
    commands = Commands()
    try:
        set_up(ROOT, commands)
    except (SetupError, EngineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        print(
            f"error: {where}{error.strerror}; set-up needs {ROOT} and ~/.cache to be writable and have room",
            file=sys.stderr,
        )
        return 1
    return 0


def set_up(root: Path, commands: Commands) -> None:
    """Bring everything up to date.

    Raises:
        SetupError, EngineError: what failed, for a person.
    """
    python, azurite = PythonEnvironment(root), Azurite(root)
    schemas = Schemas(root, python)
    if python.is_current() and azurite.is_current() and schemas.is_current() and _engine_is_there():
        return
    findings = prerequisites.missing(new_environment=not python.is_current() and not python.is_usable())
    if findings:
        raise SetupError(prerequisites.message(findings))
    with locked(
        root / ".setup.lock",
        waiting=lambda: commands.say("setup", "waiting for another set-up of this clone"),
    ):
        steps: list[Callable[[], None]] = [lambda: _engine(commands)]
        if not azurite.is_current():
            steps.append(lambda: azurite.bring_up_to_date(commands))
        steps.append(lambda: _python(python, schemas, commands))
        _side_by_side(steps, commands)
    commands.say("setup", "done")


def _python(python: PythonEnvironment, schemas: Schemas, commands: Commands) -> None:
    if not python.is_current():
        python.bring_up_to_date(commands)
    if not schemas.is_current():
        schemas.bring_up_to_date(commands)


def _engine_is_there() -> bool:
    try:
        locate.locate()
    except EngineError:
        return False
    return True


def _engine(commands: Commands) -> None:
    installed = locate.find_installed(os.environ)
    if isinstance(installed, locate.Engine):
        commands.say(_ENGINE, f"using the installed Pulumi {installed.version} ({installed.pulumi})")
        return
    if installed is not None:
        commands.say(_ENGINE, f"{installed.path} {installed.reason}; building one")

    def run(
        arguments: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        describe: Callable[[Sequence[str]], str],
    ) -> None:
        doing = f"go build in {directory.name}"
        commands.run(
            _ENGINE, arguments, directory=directory, environment=environment, describe=describe, doing=doing
        )

    with tempfile.TemporaryDirectory() as pulumi_home:
        # Go's own caches are below HOME, which a service's environment may lack; what the new engine writes
        # when it is tried is not for the user's ~/.pulumi.
        environment = {**os.environ, "HOME": str(locate.home_folder()), "PULUMI_HOME": pulumi_home}
        engine = build(run, lambda message: commands.say(_ENGINE, message), environment)
    commands.say(_ENGINE, f"Pulumi {engine.version} is in {engine.bin}")


def _side_by_side(steps: Sequence[Callable[[], None]], commands: Commands) -> None:
    """Run all steps at once; the first failure, or Ctrl-C, ends the others before it is reported."""
    pool = ThreadPoolExecutor(max_workers=len(steps))
    futures: list[Future[None]] = [pool.submit(step) for step in steps]
    try:
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        failed = next((future for future in done if future.exception() is not None), None)
        if failed is not None:
            commands.stop_all()
            failed.result()
    except BaseException:
        commands.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
