"""Which files a stack takes: patterns, overrides, the registry, and what no stack takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml_assets.patterns import matches
from ml_assets.plan import CatalogError
from ml_assets.schemas import Kind
from tests.support.small_catalogue import FILES, Catalogue, Change, changed, setting, together

WHOLE = "components/whole.yml"
BLUE = "endpoints/churn/blue.yml"

# name, what is changed in the small catalogue, what is said
CASES: list[tuple[str, Change, list[str]]] = [
    (
        "an endpoint for the registry",
        setting(registry={"name": "contoso-ml", "files": ["endpoints/nightly/endpoint.yml"]}),
        [
            (
                "ml_assets/assets/endpoints/nightly/endpoint.yml:1: $schema · found: batch_endpoint "
                "· allowed: environment, component, data or model in a registry "
                "(assets.registry.files)"
            ),
        ],
    ),
    (
        "an include of a misspelt folder",
        setting(include=["**", "enviroments/**"]),
        [
            (
                "Pulumi.dev.yaml:6: assets.include[1] · found: 'enviroments/**', which meets no file "
                "with a $schema · allowed: a pattern of files below ml_assets/assets; did you mean "
                "'environments/**'?"
            ),
        ],
    ),
    (
        "a folder without wildcards",
        setting(include=["**", "environments"]),
        [
            (
                "Pulumi.dev.yaml:6: assets.include[1] · found: 'environments', which meets no file "
                "with a $schema · allowed: a pattern of files below ml_assets/assets; did you mean "
                "'environments/**'?"
            ),
        ],
    ),
    (
        "a file that describes no asset",
        setting(include=["**", "environments/training/conda.yml"]),
        [
            (
                "Pulumi.dev.yaml:6: assets.include[1] · found: 'environments/training/conda.yml', "
                "which meets no file with a $schema · allowed: a pattern of files below "
                "ml_assets/assets; did you mean 'environments/training.yml'?"
            ),
        ],
    ),
    (
        "an exclude that excludes nothing",
        setting(exclude=["job/automl-*"]),
        [
            (
                "Pulumi.dev.yaml:7: assets.exclude[0] · found: 'job/automl-*', which meets no file "
                "with a $schema · allowed: a pattern of files that include meets; did you mean "
                "'jobs/automl-*'?"
            ),
        ],
    ),
    (
        "a registry that takes nothing",
        setting(registry={"name": "contoso-ml", "files": ["environments/*/x.yml"]}),
        [
            (
                "Pulumi.dev.yaml:9: assets.registry.files[0] · found: 'environments/*/x.yml', which "
                "meets no file with a $schema · allowed: a pattern of files that the stack takes"
            ),
        ],
    ),
    (
        "an override of a missing file",
        setting(overrides={"endpoints/churn/blu.yml": {"instance_count": 2}}),
        [
            (
                "Pulumi.dev.yaml:7: assets.overrides.endpoints/churn/blu.yml · found: a file that is "
                "not there · allowed: files of the catalogue below ml_assets/assets; did you mean "
                "'endpoints/churn/blue.yml'?"
            ),
        ],
    ),
    (
        "an override of a file that is left out",
        setting(exclude=["schedules/**"], overrides={"schedules/retrain.yml": {"trigger": {"interval": 2}}}),
        [
            (
                "Pulumi.dev.yaml:9: assets.overrides.schedules/retrain.yml · found: a file that the "
                "stack does not take · allowed: files that include meets, and exclude not"
            ),
        ],
    ),
    (
        "an override of a misspelt key",
        setting(overrides={BLUE: {"instance_cout": 2}}),
        [
            (
                "Pulumi.dev.yaml:8: assets.overrides.endpoints/churn/blue.yml.instance_cout · found: "
                "a key that the file does not have · allowed: name, endpoint_name, model, "
                "environment, instance_type or instance_count in "
                "ml_assets/assets/endpoints/churn/blue.yml:1; write a new key there first; did you "
                "mean 'instance_count'?"
            ),
        ],
    ),
    (
        "an override of a misspelt inner key",
        setting(overrides={"schedules/retrain.yml": {"trigger": {"intervall": 2}}}),
        [
            (
                "Pulumi.dev.yaml:9: assets.overrides.schedules/retrain.yml.trigger.intervall · "
                "found: a key that the file does not have · allowed: type, frequency or interval in "
                "ml_assets/assets/schedules/retrain.yml:3; write a new key there first; did you mean "
                "'interval'?"
            ),
        ],
    ),
    (
        "the removal of a missing key",
        setting(overrides={BLUE: {"egress": None}}),
        [
            (
                "Pulumi.dev.yaml:8: assets.overrides.endpoints/churn/blue.yml.egress · found: a key "
                "that the file does not have · allowed: name, endpoint_name, model, environment, "
                "instance_type or instance_count in ml_assets/assets/endpoints/churn/blue.yml:1; "
                "write a new key there first"
            ),
        ],
    ),
    (
        "a key in plain text in the stack's file",
        together(
            changed("datastores/lake.yml", "filesystem: ", 'credentials: {client_secret: ""}\nfilesystem: '),
            setting(overrides={"datastores/lake.yml": {"credentials": {"client_secret": "for-tests-only"}}}),
        ),
        [
            (
                "Pulumi.dev.yaml:9: assets.overrides.datastores/lake.yml.credentials.client_secret · found: "
                "a secret in plain text · allowed: a secret of the stack; renew the one that was here · "
                "example: pulumi config set --secret --path 'azureml-platform:settings.assets.overrides"
                '["datastores/lake.yml"].credentials.client_secret\''
            ),
        ],
    ),
    (
        "an override of $schema",
        setting(overrides={BLUE: {"$schema": "x"}}),
        [
            (
                "Pulumi.dev.yaml:8: assets.overrides.endpoints/churn/blue.yml.$schema · found: a "
                "change of $schema · allowed: any other key; $schema decides what the file is"
            ),
        ],
    ),
    (
        "an override with a wrong value",
        setting(overrides={WHOLE: {"jobs": {"train": {"compute": "azureml:gpu"}}}}),
        [
            (
                "Pulumi.dev.yaml:10: assets.overrides.components/whole.yml.jobs.train.compute · "
                "found: 'azureml:gpu' · allowed: a cluster of the stack's compute.clusters, or "
                "serverless (cpu-cluster, gpu-cluster or serverless)"
            ),
        ],
    ),
    (
        "a key twice",
        changed(BLUE, "name: blue", "name: blue\nname: green"),
        [
            (
                "ml_assets/assets/endpoints/churn/blue.yml:3: name · found: the key a second time; "
                "the first is in line 2 · allowed: each key once"
            ),
        ],
    ),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, change: Change, said: list[str]) -> None:
    catalogue = Catalogue.small(tmp_path)
    change(catalogue)

    assert catalogue.mistakes() == said


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        ("**", ["a.yml", "x/a.yml", "x/y/a.yml", "x/[1].yml"]),
        ("*", ["a.yml"]),
        ("x/*", ["x/a.yml", "x/[1].yml"]),
        ("x/**", ["x/a.yml", "x/y/a.yml", "x/[1].yml"]),
        ("**/a.yml", ["a.yml", "x/a.yml", "x/y/a.yml"]),
        ("x/**/a.yml", ["x/a.yml", "x/y/a.yml"]),
        ("?.yml", ["a.yml"]),
        ("[ab].yml", ["a.yml"]),
        ("[!a].yml", []),
        ("A.yml", []),
        ("x/[[]1].yml", ["x/[1].yml"]),
        ("x/y", []),
    ],
)
def test_a_pattern_meets_whole_paths(pattern: str, met: list[str]) -> None:
    paths = ["a.yml", "x/a.yml", "x/y/a.yml", "x/[1].yml"]

    assert [path for path in paths if matches(path, pattern)] == met


def files(catalogue: Catalogue) -> set[str]:
    return {each.file.removeprefix("ml_assets/assets/") for each in catalogue.plan().resources}


def test_all_files_with_a_schema_are_taken_and_no_other(tmp_path: Path) -> None:
    assert files(Catalogue.small(tmp_path)) == set(FILES)


def test_what_exclude_meets_is_not_taken(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets |= {"exclude": ["schedules/**", "jobs/*"]}

    assert set(FILES) - files(catalogue) == {"schedules/retrain.yml", "jobs/pipeline.yml"}


def test_a_misspelt_schema_key_does_not_hide_a_file(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change(BLUE, "$schema", "$shema")

    (said,) = catalogue.mistakes()

    assert said.startswith(f"ml_assets/assets/{BLUE}:1: $schema · found: nothing, and it is required · ")


def test_overrides_are_merged_into_the_file(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["overrides"] = {
        BLUE: {"instance_count": 3, "environment": None},
        "endpoints/churn/endpoint.yml": {"traffic": {"blue": 100, "green": None}},
        "jobs/pipeline.yml": {"jobs": {"report": {"tags": None, "inputs": {"month": 3}}}},
    }
    catalogue.change(
        "jobs/pipeline.yml", "code: ../reports", "code: ../reports\n    tags: {}\n    inputs: {}"
    )

    specs = {(each.routes or each.kind, each.name.name): each.spec for each in catalogue.plan().resources}

    assert specs[Kind.ONLINE_DEPLOYMENT, "churn-dev/blue"] == {
        "name": "blue",
        "endpoint_name": "churn-dev",
        "model": "azureml:churn:1",
        "instance_type": "Standard_DS3_v2",
        "instance_count": 3,
    }
    assert specs[True, "churn-dev"]["traffic"] == {"blue": 100}
    report = specs[Kind.JOB, "jobs/pipeline.yml"]["jobs"]["report"]
    assert report["inputs"] == {"month": 3}
    assert "tags" not in report


def test_the_names_that_users_give_may_be_new(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change(BLUE, "instance_count: 1", "instance_count: 1\ntags: {}")
    catalogue.assets["overrides"] = {BLUE: {"tags": {"cost": "high"}}}

    (blue,) = (each for each in catalogue.plan().resources if each.file.endswith(BLUE))

    assert blue.spec["tags"] == {"cost": "high"}


def test_files_that_no_stack_takes_are_told(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["include"] = ["models/**"]
    catalogue.stack("prod", {"include": ["[c-j]*/**"]})
    catalogue.stack("staging", {})

    assert catalogue.plan().unused == ("ml_assets/assets/schedules/retrain.yml",)


def test_a_file_that_a_stack_excludes_is_left_out_on_purpose(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["exclude"] = ["schedules/**"]
    catalogue.stack("prod", {"include": ["models/**"]})

    assert catalogue.plan().unused == ()


def test_a_file_without_a_schema_that_nothing_mentions_is_told(tmp_path: Path) -> None:
    """It may be an asset whose $schema was forgotten; az ml does without one."""
    catalogue = Catalogue.small(tmp_path)
    catalogue.write("environments/scoring/conda.yml", "name: in the folder of a build context")
    catalogue.write("components/train/src/settings.yml", "in: a folder with code")
    catalogue.write("environments/serving.yml", "name: serving\nimage: ubuntu")

    assert catalogue.plan().nameless == ("ml_assets/assets/environments/serving.yml",)


def test_nothing_is_said_about_unused_files_while_a_stack_cannot_be_read(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["include"] = ["models/**"]
    (tmp_path / "Pulumi.prod.yaml").write_text("config: [", encoding="utf-8")

    assert catalogue.plan().unused == ()


def test_all_mistakes_of_all_files_come_together_and_in_order(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change(WHOLE, "cpu-cluster", "cpu")
    catalogue.change("models/churn.yml", "type:", "type: custom_model\ntype:")
    catalogue.change("data/history.yml", "datastores/lake/", "datastores/sea/")
    catalogue.assets |= {"exclude": ["nothing/**"], "overrides": {BLUE: {"instance_cout": 2}}}

    places = [said.partition(": ")[0].removeprefix("ml_assets/assets/") for said in catalogue.mistakes()]

    assert places == [
        "Pulumi.dev.yaml:7",
        "Pulumi.dev.yaml:10",
        "components/whole.yml:9",
        "data/history.yml:5",
        "models/churn.yml:5",
    ]


def test_what_refers_to_a_file_that_cannot_be_read_is_not_to_blame(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change("environments/scoring.yml", "version:", "\tversion:")  # green refers to the file
    catalogue.change("models/churn.yml", "version:", "\tversion:")  # blue and green refer to the name

    assert len(catalogue.mistakes()) == 2


def test_a_stack_without_a_file_has_mistakes_without_lines(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["exclude"] = ["nothing/**"]

    with pytest.raises(CatalogError) as caught:
        catalogue.plan("ada", write_stack=False)

    assert str(caught.value).splitlines() == [
        "the assets of stack 'ada' have 1 mistake; no resource was touched:",
        (
            "  Pulumi.ada.yaml:1: assets.exclude[0] · found: 'nothing/**', which meets no file with a "
            "$schema · allowed: a pattern of files that include meets"
        ),
    ]


def test_a_key_that_is_a_secret_of_the_stack_is_taken(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    lake = "datastores/lake.yml"
    changed(lake, "filesystem: ", 'credentials: {client_secret: ""}\nfilesystem: ')(catalogue)
    catalogue.stack("dev", {"overrides": {lake: {"credentials": {"client_secret": {"secure": "v1:x:y"}}}}})
    setting(overrides={lake: {"credentials": {"client_secret": "what the engine decrypts"}}})(catalogue)

    (planned,) = (each for each in catalogue.plan(write_stack=False).resources if each.file.endswith(lake))

    assert planned.spec["credentials"] == {"client_secret": "what the engine decrypts"}


def test_any_schedule_is_paused_by_a_key_that_its_file_need_not_have(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.asset(
        "schedules/import.yml",
        "schedule",
        """
        name: import
        trigger: {type: cron, expression: "0 2 * * *"}
        import_data: {type: mltable, name: sales, path: "azureml://datastores/workspaceblobstore/paths/sales"}
        """,
    )
    files = ("schedules/retrain.yml", "schedules/import.yml")
    setting(overrides={file: {"is_enabled": False} for file in files})(catalogue)

    specs = {each.file: each.spec for each in catalogue.plan().resources}

    assert [specs[f"ml_assets/assets/{file}"]["is_enabled"] for file in files] == [False, False]
