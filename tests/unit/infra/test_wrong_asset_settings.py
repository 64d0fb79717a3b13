"""Wrong settings of `assets` that can be told without the files, each with exactly what the user reads."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.check import check
from infra.settings.errors import SettingsError
from tests.support.recorded_stack import stack_settings

ALL: dict[str, Any] = {"include": ["**"]}
PATTERN = (
    "a path below ml_assets/assets with forward slashes; * stands for part of a name, ** for any folders · "
    "example: environments/**"
)
FILE = (
    "the path of a YAML file below ml_assets/assets, with forward slashes and without wildcards · "
    "example: endpoints/churn/blue.yml"
)
NOTHING_TO = (
    'no such key while include is empty, since the stack then has no assets · example: include: ["**"]'
)


def mistakes(assets: object) -> list[str]:
    settings = {**stack_settings("dev"), "assets": assets}
    with pytest.raises(SettingsError) as caught:
        check(settings, "a test")
    return [str(mistake).removeprefix("assets.") for mistake in caught.value.mistakes]


def registry(**keys: object) -> dict[str, Any]:
    return {**ALL, "registry": {"name": "contoso-ml", "files": ["models/**"], **keys}}


@pytest.mark.parametrize(
    ("assets", "said"),
    [
        (
            {"includes": ["**"]},
            (
                "includes · found: an unknown key · allowed: include, exclude, overrides, whenReplaced or "
                "registry; did you mean 'include'? · example: include"
            ),
        ),
        ({"include": "**"}, "include · found: '**' · allowed: a list · example: [\"**\"]"),
        (
            {"include": ["/environments/**"]},
            f"include[0] · found: '/environments/**' · allowed: {PATTERN}",
        ),
        ({"include": ["../other/**"]}, f"include[0] · found: '../other/**' · allowed: {PATTERN}"),
        ({"include": ["jobs\\**"]}, f"include[0] · found: 'jobs\\**' · allowed: {PATTERN}"),
        ({"include": ["jobs/ "]}, f"include[0] · found: 'jobs/ ' · allowed: {PATTERN}"),
        (
            {"include": ["**", "**"]},
            "include[1] · found: '**' again · allowed: each pattern once · example: another pattern",
        ),
        (
            {**ALL, "exclude": ["jobs/**", "jobs/**"]},
            "exclude[1] · found: 'jobs/**' again · allowed: each pattern once · example: another pattern",
        ),
        ({"exclude": ["jobs/**"]}, f"exclude · found: a list of 1 · allowed: {NOTHING_TO}"),
        ({"whenReplaced": "archive"}, f"whenReplaced · found: 'archive' · allowed: {NOTHING_TO}"),
        (
            {**registry(), "include": []},
            f"registry · found: a map · allowed: {NOTHING_TO}",
        ),
        (
            {**ALL, "whenReplaced": "delete"},
            "whenReplaced · found: 'delete' · allowed: keep or archive · example: keep",
        ),
        (
            {**ALL, "overrides": {"endpoints/*.yml": {"x": 1}}},
            f"overrides.endpoints/*.yml · found: the name 'endpoints/*.yml' · allowed: {FILE}",
        ),
        (
            {**ALL, "overrides": {"endpoints/churn": {"x": 1}}},
            f"overrides.endpoints/churn · found: the name 'endpoints/churn' · allowed: {FILE}",
        ),
        (
            {**ALL, "overrides": {"a.yml": {}}},
            (
                "overrides.a.yml · found: an empty map · allowed: one change or more · "
                "example: {instance_count: 2}"
            ),
        ),
        (
            {**ALL, "overrides": {"a.yml": "instance_count: 2"}},
            "overrides.a.yml · found: 'instance_count: 2' · allowed: a map · example: {}",
        ),
        (
            registry(name="contoso ml"),
            (
                "registry.name · found: 'contoso ml' · allowed: 3 to 33 letters, digits, hyphens or "
                "underscores, the first a letter or digit · example: contoso-ml"
            ),
        ),
        (
            {**ALL, "registry": {"name": "contoso-ml"}},
            (
                "registry.files · found: nothing, and it is required · allowed: a list · "
                'example: ["environments/**"]'
            ),
        ),
        (
            registry(files=[]),
            (
                "registry.files · found: an empty list · allowed: one pattern or more · "
                'example: ["environments/**"]'
            ),
        ),
        (
            registry(files=["models/**", "models/**"]),
            (
                "registry.files[1] · found: 'models/**' again · allowed: each pattern once · "
                "example: another pattern"
            ),
        ),
        (
            registry(mustExist="yes"),
            "registry.mustExist · found: 'yes' · allowed: true or false, without quotes · example: false",
        ),
        (
            registry(promote=True),
            "registry.promote · found: an unknown key · allowed: name, files or mustExist · example: name",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed_instead(assets: object, said: str) -> None:
    assert mistakes(assets) == [said]


def test_a_stack_has_no_assets_unless_it_says_so() -> None:
    settings = stack_settings("dev")
    settings.pop("assets", None)

    assert check(settings, "a test").assets.include == ()


def test_everything_that_the_section_offers_is_accepted_together() -> None:
    settings = stack_settings("dev")
    settings["assets"] = {
        "include": ["**"],
        "exclude": ["jobs/automl-*"],
        "overrides": {"endpoints/churn/blue.yml": {"instance_count": 2, "tags": None}},
        "whenReplaced": "archive",
        "registry": {"name": "contoso-ml", "files": ["environments/**"], "mustExist": True},
    }

    assets = check(settings, "a test").assets

    assert assets.overrides == {"endpoints/churn/blue.yml": {"instance_count": 2, "tags": None}}
    assert assets.registry is not None
    assert assets.registry.must_exist
