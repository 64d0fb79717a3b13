"""Files of the catalogue are read as azure-ai-ml reads them, with lines, and nothing doubtful passes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ml_assets.documents import LARGEST_FILE, Document, DocumentError, Mistake, read

TEXT = """\
# a comment
$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
name: train
tags:
  team: churn
  "on": yes
inputs:
  - path: a
    weight: 1.5
  - 0x10
description: >
  two
  lines
"""


def document(tmp_path: Path, text: str | bytes) -> Document:
    path = tmp_path / "assets" / "one.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, tmp_path)


def refusal(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        document(tmp_path, text)
    return str(caught.value)


def test_the_data_is_what_the_sdk_reads(tmp_path: Path) -> None:
    assert document(tmp_path, TEXT).data == yaml.safe_load(TEXT)


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    lines = document(tmp_path, TEXT).lines

    assert lines["name",] == 3
    assert lines["tags", "on"] == 6
    assert lines["inputs", 0] == 8
    assert lines["inputs", 0, "weight"] == 9
    assert lines["inputs", 1] == 10
    assert lines["description",] == 11


def test_a_path_without_a_line_has_that_of_its_nearest_parent(tmp_path: Path) -> None:
    read_back = document(tmp_path, TEXT)

    assert read_back.line(("inputs", 0, "missing", "deep")) == 8
    assert read_back.line(("missing",)) == 1
    assert read_back.line(()) == 1


def test_the_name_of_the_file_is_relative_to_the_root(tmp_path: Path) -> None:
    read_back = document(tmp_path, TEXT)

    assert read_back.file == "assets/one.yml"
    assert str(read_back.mistake(("inputs", 0, "path"), "text")) == "assets/one.yml:8: inputs[0].path · text"


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert document(tmp_path, b"\xef\xbb\xbfname: a\n").data == {"name": "a"}


def test_anchors_and_merges_are_replaced(tmp_path: Path) -> None:
    text = "a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\nc: *a\nd:\n  <<: [{x: 9}, *a]\n"
    read_back = document(tmp_path, text)

    assert read_back.data == yaml.safe_load(text)
    assert read_back.lines["b", "x"] == 1
    assert read_back.lines["b", "y"] == 3


EACH_ONCE = "allowed: each key once"
TEXT_KEYS = "allowed: keys that are text"


@pytest.mark.parametrize(
    ("text", "where", "found", "rest"),
    [
        ("", "1:", "nothing", "allowed: a map of keys and values · example: name: churn-train"),
        ("- a\n- b\n", "1:", "a list of 2", "allowed: a map of keys and values · example: name: churn-train"),
        ("a: 1\nb: 2\na: 3\n", "3: a ·", "the key a second time; the first is in line 1", EACH_ONCE),
        ("a:\n  b: {c: 1, c: 2}\n", "2: a.b.c ·", "the key a second time; the first is in line 2", EACH_ONCE),
        ("a:\n\tb: 1\n", "2:", "a tab in the indentation", "allowed: spaces"),
        (
            "a: [1\nb: 2\n",
            "2:",
            "no YAML (while parsing a flow sequence did not find expected ',' or ']')",
            "allowed: YAML",
        ),
        (
            b"a: 1\nb: \xe9t\xe9\n",
            "2:",
            "the byte 0xe9, which is not UTF-8",
            "allowed: text in UTF-8 · example: save the file with the encoding UTF-8",
        ),
        ("a: 1\n---\nb: 2\n", "2:", "a second document after '---'", "allowed: one document in a file"),
        ("a: *b\n", "1:", "the alias *b of no anchor", "allowed: an alias after its anchor, &b"),
        (
            "a: &a [*a]\n",
            "1:",
            "the alias *a within what it stands for",
            "allowed: an alias after its anchor, &a",
        ),
        ("on: 1\n", "1:", "the key on, which YAML does not read as text", f'{TEXT_KEYS} · example: "on"'),
        ("? [a]\n: 1\n", "1:", "a key that is a map or a list", TEXT_KEYS),
        (
            "a: 2026-01-02\n",
            "1: a ·",
            "the date 2026-01-02 without quotes",
            'allowed: dates as text, in quotes · example: "2026-01-02"',
        ),
        (
            "a: .inf\n",
            "1: a ·",
            "the number .inf",
            'allowed: finite numbers, or text in quotes · example: ".inf"',
        ),
        (
            "a: 20260102030405060\n",
            "1: a ·",
            "the number 20260102030405060, which loses digits on its way",
            'allowed: numbers up to 9007199254740992, or text in quotes · example: "20260102030405060"',
        ),
        (
            "a: !!binary aGk=\n",
            "1: a ·",
            "'aGk=' as !!binary",
            'allowed: text, numbers, true, false, lists and maps · example: "aGk="',
        ),
        (
            "a: !!python/object:os.system {}\n",
            "1:",
            "the tag tag:yaml.org,2002:python/object:os.system",
            "allowed: maps and lists without a tag",
        ),
        ("a:\n  <<: 1\n", "2: a.<< ·", "a value that is no map", "allowed: an alias of a map, *NAME"),
    ],
)
def test_what_is_doubtful_is_refused_with_its_line(
    tmp_path: Path, text: str | bytes, where: str, found: str, rest: str
) -> None:
    assert refusal(tmp_path, text) == f"assets/one.yml:{where} found: {found} · {rest}"


def test_all_mistakes_come_together_in_the_order_of_the_lines(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "a: .nan\nb:\n  - 2026-01-02\n  - {c: 1, c: 1}\n1: x\n").splitlines()

    assert [line.partition(": ")[0] for line in lines] == [f"assets/one.yml:{n}" for n in (1, 3, 4, 5)]


def test_aliases_of_aliases_do_not_grow_without_bound(tmp_path: Path) -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]

    began = time.monotonic()
    assert "more than 50000 values once its aliases are replaced" in refusal(tmp_path, "\n".join(rows))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("text", ["a: " + "[" * 3000, "a: " + "{b: " * 400 + "1" + "}" * 400])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    assert "more than 50 levels" in refusal(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, found in ((tmp_path / "no.yml", "no such file"), (tmp_path, "Is a directory")):
        with pytest.raises(DocumentError, match=f"found: {found} · allowed: a YAML file that can be read"):
            read(path, tmp_path)


def test_a_huge_file_is_not_parsed(tmp_path: Path) -> None:
    assert f"at most {LARGEST_FILE} bytes" in refusal(tmp_path, b"a: " + b"x" * LARGEST_FILE)


def test_a_mistake_is_one_line_that_no_terminal_acts_on(tmp_path: Path) -> None:
    text = refusal(tmp_path, '"a\\nb\\e[31m": 1\n"a\\nb\\e[31m": 2\n')

    assert text.startswith("assets/one.yml:2: a b [31m · found: the key a second time")
    assert text.isprintable()


def test_an_error_lists_all_its_mistakes() -> None:
    error = DocumentError([Mistake("a.yml", 1, "x", "one"), Mistake("a.yml", 2, "", "two")])

    assert str(error) == "a.yml:1: x · one\na.yml:2: two"


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | FLOATS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
CONFUSING = " \t\n:-[]{}&*!|>'\"#%@`,?ab01.<~\x00\x85"


@given(data=st.dictionaries(st.text(), JSON, min_size=1, max_size=4))
def test_whatever_can_be_written_is_read_back(
    data: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.yml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    assert read(path, path.parent).data == data


@given(content=st.binary(max_size=200) | st.text(alphabet=CONFUSING, max_size=80).map(str.encode))
def test_any_file_is_read_as_by_yaml_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yml"
    path.write_bytes(content)
    try:
        data = read(path, path.parent).data
    except DocumentError as error:
        mistakes = error.mistakes
    else:
        assert data == yaml.safe_load(content.decode("utf-8-sig"))
        return

    assert mistakes
    assert all(mistake.file == "any.yml" and mistake.line >= 1 for mistake in mistakes)
