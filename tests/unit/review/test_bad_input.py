"""Whatever the text of a preview is: one line of error and exit status 2, or a review that can be written."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review import schema
from review.build import Made, build
from review.cli import main
from review.document import Review, Verdict
from review.errors import ReviewError
from review.events import read
from review.render.html import html
from review.render.markdown import LARGEST, markdown
from tests.support.review_changes import prod
from tests.support.review_events import UNKNOWN, Events
from tests.support.review_mutations import Mutated
from tests.support.review_recordings import events, recorded

_VALID = jsonschema.Draft202012Validator(schema.document_schema())
_STRANGE: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**30, 1e308, float("inf"), float("nan"), [], {}, [[]], {"": {"": None}}, [None]),
    *("", "\ud800", "\x00", "[secret]", UNKNOWN, "::", "urn:pulumi:", "a" * 3000, "🦜" * 500, "漢字" * 500),
    *(
        "</details><script>",
        "\u202egnp.exe",
        "[x](https://example.net)",
        "@everyone",
        "`" * 40,
        "a\nb\r\n# c",
    ),
)


def run(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The command line on a file with these bytes, writing everything: exit status and standard error."""
    file = tmp_path / "preview.jsonl"
    file.write_bytes(data)
    outputs = [f"--{kind}={tmp_path / kind}" for kind in ("markdown", "html", "json")]
    status = main([str(file), *outputs, "--fail-on", "look"])
    return status, capsys.readouterr().err


def written(review: Review) -> None:
    """Every rendering can be written, and satisfies what is promised of it."""
    comment = markdown(review)
    assert len(comment.encode()) <= LARGEST
    html(review).encode()
    document = json.loads(review.model_dump_json(by_alias=True))
    assert not [error.message for error in _VALID.iter_errors(document)]


def taken(text: str) -> None:
    """A text is refused in one line, or gives a review."""
    try:
        review = build(read(text), Made())
    except ReviewError as error:
        one_line(str(error))
    else:
        written(review)


def one_line(error: str) -> None:
    assert error.strip()
    assert "\n" not in error


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the preview is empty"),
        ("   \n\n", "the preview is empty"),
        ("error: no stack named 'x' found\n", "0 JSON objects and 1 other lines"),
        ('{"version": 4, "resources": []}', "found: resources, version"),
        ("[1, 2]", "found: list"),
        ('"text"', "found: str"),
        ("{}", "an empty object"),
        ('{"a": 1}\n{"b": 2}\n', "2 JSON objects and 0 other lines"),
        ("<html><body>Sign in</body></html>", "1 other lines"),
        ('{"sequence": 1}', "1 JSON objects"),
    ],
)
def test_what_is_no_preview_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, found: str
) -> None:
    status, said = run(tmp_path, text.encode(), capsys)

    assert status == 2
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert found in said
    assert "allowed: what `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json` prints" in said


def test_a_file_that_is_not_there_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("kind", ["bytes", "half a line", "a line", "all but the last line"])
def test_a_preview_that_was_cut_off_says_so_and_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    whole = recorded("dev-more-nodes").encode()
    lines = whole.splitlines(keepends=True)
    cut = {
        "bytes": whole[: len(whole) // 2],
        "half a line": b"".join(lines[:50]) + lines[50][:100],
        "a line": b"".join(lines[:50]),
        "all but the last line": b"".join(line for line in lines if b"summaryEvent" not in line),
    }[kind]
    status, said = run(tmp_path, cut, capsys)

    assert (status, said) == (20, "")
    assert "the preview did not run to its end" in (tmp_path / "markdown").read_text(encoding="utf-8")


def test_an_event_that_is_missing_in_the_middle_is_missed() -> None:
    lines = Mutated().update("storage-account", {"publicNetworkAccess": "Enabled"}).text().splitlines()
    (event,) = (line for line in lines if '"op": "update"' in line)
    for instead in ([], [event[:-200]], ["[" * 100_000]):
        text = "\n".join(other for line in lines for other in (instead if line == event else [line]))
        review = build(read(text), Made())
        assert not review.complete
        assert review.verdict is Verdict.STOP


def test_a_preview_that_only_a_policy_failed_ran_to_its_end() -> None:
    """The engine ends every preview that fails so; behind a policy that fails it has gone on until then."""
    stack = prod().says("AML-1", "T\nfail · a\n", "storage-account").fails("preview failed\n")
    review = build(read(stack.text()), Made())

    assert review.complete
    assert [reason.rule for reason in review.reasons] == ["REV-POL-001"]


@pytest.mark.parametrize("message", ["preview failed\n", "no such region"])
def test_a_preview_that_failed_for_another_reason_did_not(message: str) -> None:
    assert not build(read(prod().fails(message).text()), Made()).complete


def test_a_refused_property_is_told_without_its_value() -> None:
    message = (
        "resource 'a': property spec value {map[password:{hush}]} has a problem: a.yml:3: tags · found: 1"
    )
    text = markdown(build(read(prod().fails(message).fails("preview failed").text()), Made()))

    assert "property spec has a problem: a.yml:3: tags" in text
    assert "hush" not in text
    assert "more error" not in text


def test_an_operation_of_a_later_engine_is_no_silence() -> None:
    review = build(Events().step("transmute", "a:b:C", "c", old={}, new={}).preview, Made())

    assert review.verdict is Verdict.STOP
    assert any("an operation that is not known here" in remark for remark in review.remarks)


def test_values_that_are_nested_too_deeply_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = {"a": [deep]}
    status, said = run(tmp_path, Events().create("a:b:C", "c", deep).text().encode(), capsys)

    assert status in (2, 20)
    assert "Traceback" not in said


def test_half_of_a_pair_of_surrogates_is_a_question_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Events().create("a:b:C", "na\ud83dme", {"tag": "\udc99"}).text()
    assert "\\ud83d" in text

    assert run(tmp_path, text.encode(), capsys) == (10, "")
    assert "na?me" in (tmp_path / "markdown").read_text(encoding="utf-8")


def test_bytes_that_are_no_utf_8_are_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Events().create("a:b:C", "name", {"tag": "value"}).text().encode()
    assert run(tmp_path, text.replace(b"value", b"v\xff\xfe"), capsys) == (10, "")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _places(item, (*path, key))


def _put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    changed = copy.copy(value)
    changed[path[0]] = _put(value[path[0]], path[1:], other)
    return changed


_CHANGED = [
    *Events()
    .create(
        "azure-native:storage:StorageAccount", "new", {"publicNetworkAccess": "Enabled", "tags": {"a": "b"}}
    )
    .update(
        "azure-native:keyvault:Vault",
        "v",
        {"properties": {"a": [1]}},
        {"properties": {"a": [2]}},
        "properties.a[0]",
    )
    .replace(
        "azure-native:machinelearningservices:Workspace",
        "w",
        {"location": "a"},
        {"location": "b"},
        "location",
    )
    .delete(
        "azure-native:authorization:RoleAssignment",
        "r",
        {"principalId": "p", "scope": "/s", "roleDefinitionId": "x"},
    )
    .text()
    .splitlines(),
    *(
        line
        for line in recorded("prod-unchanged").splitlines()
        if '"policy' in line or "storage-account" in line or "summaryEvent" in line
    ),
]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_no_mutation_of_events_breaks_a_review(rng: random.Random, count: int) -> None:
    lines = [json.loads(line) for line in _CHANGED]
    for _ in range(count):
        index = rng.randrange(len(lines))
        places = list(_places(lines[index]))
        lines[index] = _put(lines[index], rng.choice(places), rng.choice(_STRANGE))
    text = [json.dumps(line) for line in lines]
    if rng.random() < 0.3:
        text[rng.randrange(len(text))] = text[rng.randrange(len(text))][: rng.randrange(1, 80)]
    if rng.random() < 0.2:
        rng.shuffle(text)
    taken("\n".join(text))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300) | st.recursive(st.none() | st.text(max_size=8), st.lists).map(json.dumps))
def test_no_text_breaks_the_reader(text: str) -> None:
    taken(text)


@pytest.mark.parametrize("strange", _STRANGE, ids=lambda value: repr(value)[:20])
def test_no_value_of_the_digest_breaks_a_review(strange: Any) -> None:
    step = {
        "op": "update",
        "urn": "urn:pulumi:dev::p::azure-native:storage:StorageAccount::a",
        "oldState": {"type": "azure-native:storage:StorageAccount", "custom": True, "inputs": {"a": 1}},
        "newState": {"type": "azure-native:storage:StorageAccount", "custom": True, "inputs": {"a": 2}},
        "detailedDiff": {"a": {"kind": "update", "inputDiff": True}},
        "diffReasons": ["a"],
    }
    digest = {
        "steps": [step],
        "diagnostics": [{"severity": "warning", "message": "m"}],
        "changeSummary": {"update": 1},
    }
    for place in _places(digest):
        if place:
            taken(json.dumps(_put(digest, place, strange)))


CANARY = "canary-5b1f"
SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": f'"{CANARY}"'}


def _with_secret_at_every_place(value: Any, secret: Any) -> Iterator[Any]:
    yield from (_put(value, place, secret) for place in _places(value) if place)


@pytest.mark.parametrize("secret", [SIGNED, {**SIGNED, "ciphertext": CANARY}], ids=["plain", "encrypted"])
def test_what_is_marked_as_secret_shows_in_no_rendering(secret: Any) -> None:
    stack = Mutated("dev-unchanged")
    names = ["storage-account", "Connection::crm", "OnlineDeployment::contoso-churn-dev/blue", "ada-compute"]
    names += ["Schedule::retrain-churn", "OnlineTraffic::contoso-churn-dev", "workspace-workspace"]
    made = Events()
    for name in names:
        old = stack.inputs(name)
        token = (
            f"azure-native:machinelearningservices:{name}"
            if "::" not in name
            else f"azureml-assets:index:{name.split('::')[0]}"
        )
        for number, new in enumerate(_with_secret_at_every_place(old, secret)):
            made.create(token, f"{name}-new-{number}", new)
            made.update(token, f"{name}-{number}", old, new, *new)
            made.replace(token, f"{name}-other-{number}", new, old, *new)
    review = build(made.preview, Made())
    for text in (markdown(review), html(review), review.model_dump_json()):
        assert CANARY not in text


def test_secrets_in_a_recorded_stack_stay_secret() -> None:
    """Also in outputs, in access, in what a resource is called by others."""
    lines = events("prod-unchanged")
    for event in lines:
        metadata = event.get("resourcePreEvent", {}).get("metadata")
        if metadata and metadata["new"].get("custom"):
            metadata["op"] = "update"
            for state in ("old", "new"):
                for part in ("inputs", "outputs"):
                    metadata[state][part] = dict.fromkeys(metadata[state][part], SIGNED)
    review = build(read("\n".join(map(json.dumps, lines))), Made())
    assert len(review.changes) > 40
    for text in (markdown(review), html(review), review.model_dump_json()):
        assert CANARY not in text


def _emoji(number: int) -> str:
    return f"🦜漢字-{number}-{'🏴‍☠️' * 5}"


def test_the_comment_of_ten_thousand_resources_fits() -> None:
    made, token = Events(), "azure-native:storage:StorageAccount"
    for number in range(2_500):
        name = _emoji(number)
        made.create(token, f"{name}-a", {"漢": name, "publicNetworkAccess": "Enabled"})
        made.update(token, f"{name}-b", {"漢": 1}, {"漢": name}, "漢")
        made.replace(token, f"{name}-c", {"漢": 1}, {"漢": name}, "漢")
        made.delete(token, f"{name}-d", {"漢": 1})
    review = build(made.preview, Made())
    comment = markdown(review)

    assert len(comment.encode()) <= LARGEST
    assert comment.count("<details>") == comment.count("</details>") > 0
    assert review.headline in comment
    assert re.search(r"… and \d+ more, in the HTML page", comment)
    assert {reason.rule for reason in review.reasons} <= set(re.findall(r"REV-[A-Z]+-\d+", comment[:9000]))


def test_names_without_end_fit_too() -> None:
    made = Events()
    for number, weapon in enumerate(("&", "@", "🦜", "`", "漢", "\\", "<!--", "| ")):
        name = f"{weapon * 30_000}{number}"
        made.create(
            "azure-native:storage:StorageAccount", name, {name: name, "publicNetworkAccess": "Enabled"}
        )
        made.delete("azure-native:storage:StorageAccount", f"{name}-gone", {"accountName": name})
    text = made.text().replace("urn:pulumi:dev::platform", f"urn:pulumi:{'d' * 70_000}::{'p' * 70_000}")
    written(build(read(text), Made(commit="c" * 70_000)))


@pytest.mark.parametrize("last", ["{", '{"schemaVersion": "1", "later": 1}'])
def test_a_last_review_that_cannot_be_read_keeps_nobody_from_this_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], last: str
) -> None:
    preview, previous = tmp_path / "preview.jsonl", tmp_path / "review.json"
    preview.write_text(prod().text())
    previous.write_text(last)

    assert main([str(preview), "--previous", str(previous)]) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("warning: nothing is compared with the last review: ")
    assert "Safe: nothing changes." in printed.out
