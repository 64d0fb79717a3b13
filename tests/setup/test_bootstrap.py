"""The pieces of set-up: stamps, atomic folders, commands, and an environment that repairs itself."""

from __future__ import annotations

import errno
import io
import os
import pwd
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bootstrap.azurite import Azurite
from bootstrap.commands import Commands, SetupError, elapsed
from bootstrap.prerequisites import Missing
from bootstrap.python_environment import PythonEnvironment, pinned_block, uv_settings
from bootstrap.setup import ROOT, _engine, _side_by_side, main, set_up
from bootstrap.stamps import Stamp, digest
from sandbox.engine.locate import Engine
from sandbox.engine.replace import locked, new_folder, write_atomically


class Recorder(Commands):
    """Does not run anything; keeps what would have run."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.ran: list[Sequence[str]] = []
        self.fail_on = ""

    def run(self, step: str, arguments: Sequence[str], **_options: object) -> None:
        self.ran.append(arguments)
        if self.fail_on and self.fail_on in " ".join(arguments):
            raise SetupError(f"{step} failed")


def test_a_stamp_speaks_for_its_inputs_only(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_text("one", encoding="utf-8")
    stamp = Stamp(tmp_path / "result" / ".complete")
    first = digest([source])
    before = stamp.says(first)
    stamp.write(first)
    source.write_text("two", encoding="utf-8")

    assert not before
    assert stamp.says(first)
    assert not stamp.says(digest([source]))
    assert digest([source]) != digest([source], "another word")

    stamp.remove()
    assert not stamp.says(first)


def test_touching_a_file_changes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_text("one", encoding="utf-8")
    before = digest([source])
    source.touch()

    assert digest([source]) == before


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").touch()

    with new_folder(target) as folder:
        (folder / "new").touch()
        seen_meanwhile = [path.name for path in target.iterdir()]

    assert seen_meanwhile == ["old"]
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").touch()

    def interrupted() -> None:
        with new_folder(target) as folder:
            (folder / "new").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert [path.name for path in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_atomically(file, "old")

    with pytest.raises(UnicodeEncodeError):
        write_atomically(file, "\ud800")

    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with locked(tmp_path / "lock", waiting=waits.set):
            order.append("second")

    with locked(tmp_path / "lock", waiting=lambda: order.append("must not wait")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(timeout=10)

    assert order == ["first", "second"]


def test_a_failed_command_shows_its_last_lines(tmp_path: Path) -> None:
    script = (
        "import sys; [print('line', n) for n in range(100)]; print('the cause', file=sys.stderr); sys.exit(3)"
    )

    with pytest.raises(SetupError) as raised:
        Commands(io.StringIO()).run(
            "step", [sys.executable, "-uc", script], directory=tmp_path, environment={}
        )

    assert "failed with exit code 3:" in str(raised.value)
    assert str(raised.value).endswith("    line 99\n    the cause")
    assert "line 1\n" not in str(raised.value)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="could not run no-such-tool"):
        Commands(io.StringIO()).run("step", ["no-such-tool"], directory=tmp_path, environment={})


def test_progress_is_shown_in_lines_where_there_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.commands._LOG_INTERVAL", 0.2)
    stream = io.StringIO()

    Commands(stream).run(
        "engine",
        [sys.executable, "-uc", "import time; print('github.com/a'); time.sleep(0.7)"],
        directory=tmp_path,
        environment={},
        describe=lambda lines: f"{len(lines)} packages",
        doing="go build",
    )

    assert "[engine] go build: 1 packages, 0s\n" in stream.getvalue()
    assert "\033" not in stream.getvalue()
    assert "\r" not in stream.getvalue()


def test_a_failure_ends_the_other_steps_at_once(tmp_path: Path) -> None:
    commands = Commands(io.StringIO())
    pid_file = tmp_path / "pid"
    script = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"

    def slow() -> None:
        commands.run("slow", [sys.executable, "-c", script], directory=tmp_path, environment={})

    def failing() -> None:
        while not pid_file.exists() or not pid_file.read_text(encoding="utf-8"):
            time.sleep(0.01)
        raise SetupError("the disk is full")

    started = time.monotonic()
    with pytest.raises(SetupError, match="the disk is full"):
        _side_by_side([slow, failing], commands)

    assert time.monotonic() - started < 10
    pid = pid_file.read_text(encoding="utf-8")
    assert subprocess.run(["ps", "-p", pid], capture_output=True, check=False).returncode == 1


def test_durations_read_well() -> None:
    assert [elapsed(seconds) for seconds in (0.4, 59.9, 60, 185)] == ["0s", "59s", "1m00s", "3m05s"]


REQUIREMENTS = """\
pulumi==3.1.0 \\
    --hash=sha256:aa
uv==0.1.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r
"""


def _environment(root: Path) -> PythonEnvironment:
    (root / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    return PythonEnvironment(root)


def _installed(environment: PythonEnvironment, *names: str) -> None:
    for name in names:
        folder = environment.folder / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info"
        folder.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def usable(tmp_path: Path) -> PythonEnvironment:
    """An environment that is complete, of two distributions, whose Python is this one."""
    environment = _environment(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment.folder], check=True)
    site = next(environment.folder.glob("lib/python*/site-packages"))
    (site / "pip.py").touch()
    for name in ("pulumi-3.1.0", "uv-0.1.0"):
        (site / f"{name}.dist-info").mkdir()
    environment.bring_up_to_date(Recorder())
    return environment


def test_a_complete_environment_is_left_alone(usable: PythonEnvironment) -> None:
    assert usable.is_current()


def test_a_new_environment_is_made_by_venv_then_filled_by_uv(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    commands = Recorder()

    with pytest.raises(FileNotFoundError):
        environment.bring_up_to_date(
            commands
        )  # the recorder makes no environment, so the first answer of pip fails

    assert list(commands.ran[0][1:3]) == ["-m", "venv"]
    assert list(commands.ran[1][1:4]) == ["-m", "pip", "install"]
    assert not environment.is_current()


def test_changed_requirements_update_it(usable: PythonEnvironment, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS.replace("3.1.0", "3.2.0"), encoding="utf-8")
    commands = Recorder()
    current_before = usable.is_current()

    usable.bring_up_to_date(commands)

    assert not current_before
    assert [list(arguments[1:3]) for arguments in commands.ran] == [["-m", "pip"], ["pip", "sync"]]
    assert usable.is_current()


def test_a_vanished_package_is_noticed_and_an_extra_one_is_not_minded(usable: PythonEnvironment) -> None:
    _installed(usable, "extra-1.0")
    with_extra = usable.is_current()
    site = next(usable.folder.glob("lib/python*/site-packages"))
    (site / "pulumi-3.1.0.dist-info").rmdir()

    assert with_extra
    assert not usable.is_current()


def test_a_vanished_interpreter_makes_it_anew(usable: PythonEnvironment) -> None:
    usable.python.unlink()
    usable.python.symlink_to("/nowhere/python3")
    commands = Recorder()
    current_before = usable.is_current()

    with pytest.raises(FileNotFoundError):
        usable.bring_up_to_date(commands)

    assert not current_before
    assert list(commands.ran[0][1:3]) == ["-m", "venv"]
    assert not usable.python.is_symlink(), "the broken environment was removed first"


def test_an_interrupted_update_is_repaired_by_the_next_run(usable: PythonEnvironment, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS.replace("3.1.0", "3.2.0"), encoding="utf-8")
    commands = Recorder()
    commands.fail_on = "sync"
    with pytest.raises(SetupError):
        usable.bring_up_to_date(commands)
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")

    assert not usable.is_current(), (
        "what is installed is not known, even if the requirements are the old ones again"
    )


def test_a_file_in_its_place_is_not_deleted(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    environment.folder.write_text("mine", encoding="utf-8")

    with pytest.raises(SetupError, match="move it away"):
        environment.bring_up_to_date(Recorder())

    assert environment.folder.read_text(encoding="utf-8") == "mine"


def test_uv_takes_the_settings_of_pip() -> None:
    listed = "global.cert='/etc/ssl/company.pem'\nglobal.index-url='https://a.test/simple'\n:env:.index-url='https://b.test/simple'\n"

    assert uv_settings({}, listed) == {
        "SSL_CERT_FILE": "/etc/ssl/company.pem",
        "UV_DEFAULT_INDEX": "https://b.test/simple",
    }
    assert (
        uv_settings({"UV_DEFAULT_INDEX": "https://mine.test"}, listed)["UV_DEFAULT_INDEX"]
        == "https://mine.test"
    )


def test_an_unpinned_installer_is_an_error() -> None:
    with pytest.raises(SetupError, match="does not pin uv: compile it again with `make lock`"):
        pinned_block("pulumi==3.1.0\n", "uv")


def test_azurite_is_put_in_place_whole(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox" / "azurite"
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    azurite = Azurite(tmp_path)

    class Npm(Recorder):
        def run(self, step: str, arguments: Sequence[str], **options: object) -> None:
            super().run(step, arguments, **options)
            directory = options["directory"]
            assert isinstance(directory, Path)
            (directory / "node_modules" / "azurite").mkdir(parents=True)
            (directory / "node_modules" / "azurite" / "package.json").touch()

    (folder / ".install-killed" / "node_modules").mkdir(parents=True)
    failing = Recorder()
    failing.fail_on = "npm ci"
    with pytest.raises(SetupError):
        azurite.bring_up_to_date(failing)
    after_failure = sorted(path.name for path in folder.iterdir())
    npm = Npm()
    azurite.bring_up_to_date(npm)

    assert after_failure == ["package-lock.json", "package.json"]
    assert azurite.is_current()
    assert list(npm.ran[0][:2]) == ["npm", "ci"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "node_modules",
        "package-lock.json",
        "package.json",
    ]

    (folder / "package-lock.json").write_text('{"changed": true}', encoding="utf-8")
    assert not azurite.is_current()


def test_what_the_disk_refuses_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_only(*_arguments: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/clone/.setup.lock")

    monkeypatch.setattr("bootstrap.setup.set_up", read_only)

    assert main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: /clone/.setup.lock: Read-only file system; set-up needs ")
    assert told.count("\n") == 1


def test_the_engine_is_built_with_a_home_and_leaves_the_users_pulumi_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, str] = {}

    def build(_run: object, _say: object, environment: dict[str, str]) -> Engine:
        given.update(environment)
        return Engine(Path("bin"), "3.0.0", installed=False)

    monkeypatch.setattr("bootstrap.setup.build", build)
    monkeypatch.setattr("sandbox.engine.locate.find_installed", lambda _environment: None)
    monkeypatch.delenv("HOME")

    _engine(Commands(io.StringIO()))

    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert given["HOME"] == str(home)
    assert home not in Path(given["PULUMI_HOME"]).parents


def test_an_interrupt_while_set_up_loads_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "concurrent.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "bootstrap"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 130
    assert done.stderr == "\nset-up was interrupted; run it again to go on where it stopped\n"


def test_nothing_runs_when_something_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bootstrap.prerequisites.missing",
        lambda **_: [Missing("a spoon", "no spoon", "the soup", "Install: carve one")],
    )
    (tmp_path / "sandbox" / "azurite").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (tmp_path / "sandbox" / "azurite" / name).write_text("{}", encoding="utf-8")
    _environment(tmp_path)
    commands = Recorder()
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(SetupError, match="one thing that this machine does not have"):
        set_up(tmp_path, commands)

    assert commands.ran == []
    assert sorted(tmp_path.rglob("*")) == before
