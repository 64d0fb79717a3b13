"""What builds schemas of azure-ai-ml while other threads do."""

from __future__ import annotations

import pytest

from azureml_assets.azure_errors import translated
from azureml_assets.sdk import undisturbed


class Taken:
    """A call that finds its schema taken by another thread so many times."""

    def __init__(
        self, times: int, text: str = "Base path for reading files is required when building PathAwareSchema"
    ) -> None:
        self.left = times
        self.text = text

    def __call__(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise ValueError(self.text)
        return "done"


def test_what_another_thread_has_disturbed_is_done_again() -> None:
    assert undisturbed(Taken(4)) == "done"


def test_a_write_that_another_thread_has_disturbed_is_done_again() -> None:
    assert translated(Taken(2, "dictionary changed size during iteration")) == "done"


def test_it_is_not_done_again_without_end() -> None:
    with pytest.raises(ValueError, match="Base path"):
        undisturbed(Taken(5))


def test_another_error_is_told_at_once() -> None:
    def fail() -> None:
        calls.append(1)
        raise ValueError("no such field")

    calls: list[int] = []
    with pytest.raises(ValueError, match="no such field"):
        undisturbed(fail)
    assert calls == [1]
