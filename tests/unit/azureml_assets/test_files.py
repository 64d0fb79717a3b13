"""Local files: the same choice and the same hashes as azure-ai-ml's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.ai.ml._utils._asset_utils import (
    get_content_hash,
    get_ignore_file,
    get_upload_files_from_folder,
)
from azure.ai.ml.entities._component.code import ComponentIgnoreFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azureml_assets.files import code_hash, facts, files_of
from resource_provider.provider import ProviderError

NAMES = st.sampled_from(
    [
        "a.py",
        "B.py",
        "c.log",
        "keep.log",
        "data/d.csv",
        "data/deep/e.txt",
        "__pycache__/f.pyc",
        "build/g.o",
        "ä.txt",
    ]
)
RULES = st.sampled_from(
    [
        "*.log",
        "!keep.log",
        "data/",
        "/data",
        "build/*",
        "# note",
        "",
        "*.py",
        "!a.py",
        "**/deep",
        "e.txt",
        " ",
        "data/**",
    ]
)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def names(path: Path) -> list[str]:
    return [file.name for file in files_of(path)]


@given(st.dictionaries(NAMES, st.text(max_size=20), min_size=1), st.lists(RULES, max_size=5), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_files_and_hash_are_those_of_the_sdk(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], rules: list[str], amlignore: bool
) -> None:
    folder = write(tmp_path_factory.mktemp("code"), files)
    (folder / (".amlignore" if amlignore else ".gitignore")).write_text("\n".join(rules))

    for code, ignore in ((True, ComponentIgnoreFile(folder)), (False, get_ignore_file(folder))):
        expected = get_upload_files_from_folder(folder, ignore_file=ignore)
        found = files_of(folder, code=code)
        assert sorted(file.name for file in found) == sorted(pair[1] for pair in expected)
        assert code_hash(found) == get_content_hash(folder, ignore)


def test_amlignore_goes_before_gitignore(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.py": "", ".gitignore": "a.py", ".amlignore": "b.py"})

    assert names(tmp_path) == [".amlignore", ".gitignore", "a.py"]


def test_links_are_followed(tmp_path: Path) -> None:
    shared = write(tmp_path / "shared", {"util.py": "x = 1"})
    folder = write(tmp_path / "src", {"main.py": ""})
    (folder / "lib").symlink_to(shared)

    assert names(folder) == ["lib/util.py", "main.py"]


def test_a_single_file_is_uploaded_under_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"data.csv": "1,2"})

    assert names(tmp_path / "data.csv") == ["data.csv"]


def test_includes_are_merged_under_their_names(tmp_path: Path) -> None:
    folder = write(tmp_path / "src", {"main.py": ""})
    common = write(tmp_path / "common", {"a/util.py": "", "__pycache__/util.pyc": ""})
    write(tmp_path, {"setup.cfg": ""})

    merged = files_of(folder, code=True, includes=[common, tmp_path / "setup.cfg"])

    assert [file.name for file in merged] == ["common/a/util.py", "main.py", "setup.cfg"]


def test_a_folder_that_would_be_packed_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "src", {"main.py": ""})

    with pytest.raises(
        ProviderError, match=r"^additional_includes: common\.zip would be packed from a folder"
    ):
        files_of(folder, code=True, includes=[tmp_path / "common.zip"])


def test_bytes_and_executable_bit_count(tmp_path: Path) -> None:
    script = write(tmp_path, {"run.sh": "echo"}) / "run.sh"
    first = facts(script)
    script.write_text("echo\n")
    second = facts(script)
    script.chmod(0o755)
    third = facts(script)

    assert len({first.mark, second.mark, third.mark}) == 3
    assert third.mark == second.mark + "x"
    assert (first.size, second.size) == (4, 5)
