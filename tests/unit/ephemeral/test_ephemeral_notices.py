"""What a pull request is told about its environment, and which environments are left over."""

from __future__ import annotations

import io
import json

import pytest

from ephemeral.__main__ import main
from ephemeral.left_over import left_over
from ephemeral.notice import gone, up
from ephemeral.settings import EphemeralError
from review.forge.messages import marker

OUTPUTS = {
    "workspaceName": "mlw-eph7-dev-weu",
    "resourceGroupName": "rg-eph7-dev-weu",
    "subscriptionId": "00000000-0000-4000-8000-000000000001",
    "studioUrl": "https://ml.azure.com/?wsid=/subscriptions/0/workspaces/mlw-eph7-dev-weu&tid=1",
    "computeClusterNames": ["cpu-cluster"],
}


def test_the_notice_says_where_the_environment_is_and_how_it_ends() -> None:
    told = up("ephemeral-7", OUTPUTS)

    assert "## ephemeral-7 is up" in told
    assert f"[mlw-eph7-dev-weu]({OUTPUTS['studioUrl']})" in told
    assert "| resource group | rg-eph7-dev-weu |" in told
    assert "its label `ephemeral` taken off" in told


def test_it_is_one_comment_from_up_to_gone() -> None:
    assert marker(up("ephemeral-7", OUTPUTS)) == marker(gone("ephemeral-7"))
    assert marker(gone("ephemeral-7")) != marker(gone("ephemeral-8"))


@pytest.mark.parametrize("value", [None, "", "a](https://evil.test)", "a|b", "<b>", "a\nb", ["a"], 7])
@pytest.mark.parametrize("name", ["workspaceName", "studioUrl"])
def test_an_output_that_is_no_name_or_address_is_never_written(name: str, value: object) -> None:
    with pytest.raises(EphemeralError, match=name):
        up("ephemeral-7", {**OUTPUTS, name: value})


def test_what_no_pull_request_wants_is_left_over() -> None:
    names = ("dev", "ephemeral-7", "organization/platform/ephemeral-8", "ephemeral-ada", "ephemeral-10")

    assert left_over([{"name": name} for name in names], {8}) == ["ephemeral-10", "ephemeral-7"]
    assert left_over([], {8}) == []


def test_the_command_line_prints_what_is_left_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps([{"name": "ephemeral-7"}, {"name": "dev"}])))
    assert main(["left-over", "8", "9"], {}) == 0
    assert capsys.readouterr().out == "ephemeral-7\n"

    monkeypatch.setattr("sys.stdin", io.StringIO("no JSON"))
    assert main(["left-over"], {}) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_no_notice_is_made_of_another_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gone", "prod"], {}) == 1
    assert "STACK is 'prod'; allowed: ephemeral-NAME" in capsys.readouterr().err
