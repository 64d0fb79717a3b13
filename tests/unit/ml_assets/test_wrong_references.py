"""Wrong references and names, each with exactly what the user reads about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.small_catalogue import Catalogue, Change, added, changed, setting, together

TRAIN = "components/train/component.yml"
WHOLE = "components/whole.yml"
BLUE = "endpoints/churn/blue.yml"
PIPELINE_JOB = "jobs/pipeline.yml"
ENV = "environment: azureml:training@latest"
PIPELINE = """
name: {name}
version: 1
type: pipeline
jobs:
  inner:
    type: pipeline
    component: {other}
"""
MONITOR = """
name: monitor
create_monitor:
  compute:
    instance_type: standard_e4s_v3
  monitoring_target:
    endpoint_deployment_id: azureml:churn-dev:blau
"""
IMPORTED = """
name: imported
version: 1
type: mltable
path: azureml://datastores/lake/paths/x
source:
  connection: azureml:snowflake
"""

# name, what is changed in the small catalogue, what is said
CASES: list[tuple[str, Change, list[str]]] = [
    (
        "a misspelt name",
        changed(TRAIN, ENV, "environment: azureml:trainin@latest"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:trainin@latest' · allowed: an environment of the catalogue (scoring or "
                "training); one from elsewhere by its full id, azureml:/subscriptions/…; did you "
                "mean 'training'?"
            ),
        ],
    ),
    (
        "a version that the file does not have",
        changed(TRAIN, ENV, "environment: azureml:training:2"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training:2' · allowed: the version that the catalogue has, 3 "
                "(ml_assets/assets/environments/training.yml:3), or azureml:training@latest"
            ),
        ],
    ),
    (
        "a version of an asset that makes its own",
        changed(PIPELINE_JOB, "azureml:train@latest", "azureml:train:2"),
        [
            (
                "ml_assets/assets/jobs/pipeline.yml:9: jobs.train.component · found: "
                "'azureml:train:2' · allowed: azureml:train@latest, since "
                "ml_assets/assets/components/train/component.yml:4 has version auto"
            ),
        ],
    ),
    (
        "neither version nor label",
        changed(TRAIN, ENV, "environment: azureml:training"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training' · allowed: azureml:NAME:VERSION, azureml:NAME@latest, or a full "
                "id, azureml:/subscriptions/… · example: azureml:training@latest"
            ),
        ],
    ),
    (
        "a label that nothing sets",
        changed(TRAIN, ENV, "environment: azureml:training@production"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training@production' · allowed: azureml:NAME:VERSION, azureml:NAME@latest, "
                "or a full id, azureml:/subscriptions/… · example: azureml:training@latest"
            ),
        ],
    ),
    (
        "too many colons",
        changed(TRAIN, ENV, "environment: azureml:training:1:2"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training:1:2' · allowed: azureml:NAME:VERSION, azureml:NAME@latest, or a "
                "full id, azureml:/subscriptions/…"
            ),
        ],
    ),
    (
        "the name of something else",
        changed(TRAIN, ENV, "environment: azureml:churn@latest"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:churn@latest', a model (ml_assets/assets/models/churn.yml:2) · allowed: an "
                "environment"
            ),
        ],
    ),
    (
        "an asset that the stack leaves out",
        setting(exclude=["environments/training.yml"]),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training@latest', which the stack does not take · allowed: assets that the "
                "stack takes; assets.include does not meet "
                "ml_assets/assets/environments/training.yml:2, or assets.exclude does"
            ),
            (
                "ml_assets/assets/jobs/pipeline.yml:17: jobs.report.environment · found: "
                "'azureml:training:3', which the stack does not take · allowed: assets that the "
                "stack takes; assets.include does not meet "
                "ml_assets/assets/environments/training.yml:2, or assets.exclude does"
            ),
        ],
    ),
    (
        "a file that the stack leaves out",
        together(
            setting(exclude=["components/train/**"]),
            changed(PIPELINE_JOB, "azureml:train@latest", "azureml:AzureML-x:1"),
        ),
        [
            (
                "ml_assets/assets/components/whole.yml:8: jobs.train.component · found: "
                "'./train/component.yml', which the stack does not take · allowed: files that the "
                "stack takes; add 'components/train/component.yml' to assets.include for this one"
            ),
        ],
    ),
    (
        "a misspelt path",
        changed(WHOLE, "./train/component.yml", "./trian/component.yml"),
        [
            (
                "ml_assets/assets/components/whole.yml:8: jobs.train.component · found: "
                "'./trian/component.yml', but there is no "
                "ml_assets/assets/components/trian/component.yml · allowed: files of the catalogue, "
                "relative to this one; did you mean 'train/component.yml'?"
            ),
        ],
    ),
    (
        "a file that describes no asset",
        changed(TRAIN, ENV, "environment: file:../../environments/training/conda.yml"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'file:../../environments/training/conda.yml', which is no file of the catalogue · "
                "allowed: YAML files with a $schema below ml_assets/assets"
            ),
        ],
    ),
    (
        "the file of something else",
        changed(TRAIN, ENV, "environment: file:../../models/churn.yml"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'file:../../models/churn.yml', a model (ml_assets/assets/models/churn.yml:2) · "
                "allowed: an environment"
            ),
        ],
    ),
    (
        "a file that refers to itself",
        changed(WHOLE, "./train/component.yml", "./whole.yml"),
        [
            (
                "ml_assets/assets/components/whole.yml:8: jobs.train.component · found: "
                "'./whole.yml', which is this file itself · allowed: a component of another file"
            ),
        ],
    ),
    (
        "an asset that refers to itself",
        changed(WHOLE, "./train/component.yml", "azureml:whole:1"),
        [
            (
                "ml_assets/assets/components/whole.yml:8: jobs.train.component · found: "
                "'azureml:whole:1', which is this file itself · allowed: a component of another file"
            ),
        ],
    ),
    (
        "a job as an environment",
        changed(TRAIN, ENV, "environment: ref:../../jobs/pipeline.yml"),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'ref:../../jobs/pipeline.yml', a job (ml_assets/assets/jobs/pipeline.yml:1) · "
                "allowed: an environment"
            ),
        ],
    ),
    (
        "a job as a component",
        changed(WHOLE, "./train/component.yml", "../jobs/pipeline.yml"),
        [
            (
                "ml_assets/assets/components/whole.yml:8: jobs.train.component · found: "
                "'../jobs/pipeline.yml', a job (ml_assets/assets/jobs/pipeline.yml:1) · allowed: a "
                "component"
            ),
        ],
    ),
    (
        "a misspelt cluster",
        changed(WHOLE, "azureml:cpu-cluster", "azureml:cpu-clusters"),
        [
            (
                "ml_assets/assets/components/whole.yml:9: jobs.train.compute · found: "
                "'azureml:cpu-clusters' · allowed: a cluster of the stack's compute.clusters, or "
                "serverless (cpu-cluster, gpu-cluster or serverless); did you mean 'cpu-cluster'?"
            ),
        ],
    ),
    (
        "a cluster of this machine",
        changed(PIPELINE_JOB, "azureml:cpu-cluster", "local"),
        [
            (
                "ml_assets/assets/jobs/pipeline.yml:5: settings.default_compute · found: 'local' · "
                "allowed: a cluster of the stack's compute.clusters, or serverless (cpu-cluster, "
                "gpu-cluster or serverless)"
            ),
        ],
    ),
    (
        "a misspelt datastore",
        changed("data/history.yml", "datastores/lake/", "datastores/lakes/"),
        [
            (
                "ml_assets/assets/data/history.yml:5: path · found: "
                "'azureml://datastores/lakes/paths/churn/dev/' · allowed: a datastore of the "
                "catalogue (lake, workspaceartifactstore, workspaceblobstore, workspacefilestore or "
                "workspaceworkingdirectory); one from elsewhere by its full id, "
                "azureml:/subscriptions/…; did you mean 'lake'?"
            ),
        ],
    ),
    (
        "a datastore without a path",
        changed(
            "data/history.yml", "datastores/lake/paths/churn/${platform.environment}/", "datastores/lake"
        ),
        [
            (
                "ml_assets/assets/data/history.yml:5: path · found: 'azureml://datastores/lake' · "
                "allowed: azureml://datastores/NAME/paths/PATH · example: "
                "azureml://datastores/workspaceblobstore/paths/churn/"
            ),
        ],
    ),
    (
        "a misspelt owner of a URI",
        changed("data/history.yml", "azureml://datastores/", "azureml://datastore/"),
        [
            (
                "ml_assets/assets/data/history.yml:5: path · found: "
                "'azureml://datastore/lake/paths/churn/dev/' · allowed: azureml://OWNER/…, OWNER "
                "being datastores, jobs, locations, registries or subscriptions; did you mean "
                "'datastores'? · example: azureml://datastores/workspaceblobstore/paths/churn/"
            ),
        ],
    ),
    (
        "an unknown endpoint",
        changed(BLUE, "endpoint_name: churn-${platform.environment}", "endpoint_name: churn-prod"),
        [
            (
                "ml_assets/assets/endpoints/churn/blue.yml:3: endpoint_name · found: 'churn-prod' · "
                "allowed: an online endpoint of the catalogue (churn-dev); did you mean 'churn-dev'?"
            ),
        ],
    ),
    (
        "an endpoint of the other kind",
        changed(BLUE, "endpoint_name: churn-${platform.environment}", "endpoint_name: nightly"),
        [
            (
                "ml_assets/assets/endpoints/churn/blue.yml:3: endpoint_name · found: 'nightly', a "
                "batch endpoint (ml_assets/assets/endpoints/nightly/endpoint.yml:2) · allowed: an "
                "online endpoint"
            ),
        ],
    ),
    (
        "a deployment without an endpoint",
        changed(BLUE, "endpoint_name: churn-${platform.environment}\n", ""),
        [
            (
                "ml_assets/assets/endpoints/churn/blue.yml:1: endpoint_name · found: nothing, and it "
                "is required · allowed: text · example: churn"
            ),
        ],
    ),
    (
        "traffic to nowhere",
        changed("endpoints/churn/endpoint.yml", "  blue: 90", "  blu: 90"),
        [
            (
                "ml_assets/assets/endpoints/churn/endpoint.yml:9: traffic.blu · found: 'blu' · "
                "allowed: a deployment of this endpoint (blue or green); did you mean 'blue'?"
            ),
        ],
    ),
    (
        "a default that is not there",
        changed("endpoints/nightly/endpoint.yml", "deployment_name: whole", "deployment_name: part"),
        [
            (
                "ml_assets/assets/endpoints/nightly/endpoint.yml:4: defaults.deployment_name · "
                "found: 'part' · allowed: a deployment of this endpoint (whole)"
            ),
        ],
    ),
    (
        "a misspelt output",
        changed("datastores/lake.yml", "${platform.storage_account_name}", "${platform.storage_acount_name}"),
        [
            (
                "ml_assets/assets/datastores/lake.yml:4: account_name · found: "
                "'${platform.storage_acount_name}' · allowed: ${platform.NAME}, NAME being location, "
                "environment, workspace_name, storage_account_name or compute_identity_id; did you "
                "mean 'storage_account_name'?"
            ),
        ],
    ),
    (
        "a misspelt placeholder",
        changed(
            "datastores/lake.yml", "${platform.storage_account_name}", "${platfrom.storage_account_name}"
        ),
        [
            (
                "ml_assets/assets/datastores/lake.yml:4: account_name · found: "
                "'${platfrom.storage_account_name}' · allowed: ${platform.NAME} · example: "
                "${platform.storage_account_name}"
            ),
        ],
    ),
    (
        "a name that nobody knows in advance",
        changed("datastores/lake.yml", "name: lake", "name: lake-${platform.workspace_name}"),
        [
            (
                "ml_assets/assets/datastores/lake.yml:2: name · found: "
                "'lake-${platform.workspace_name}' · allowed: text that is known before the "
                "deployment; ${platform.environment}, ${platform.location} and ${platform.stack} are"
            ),
        ],
    ),
    (
        "no name",
        changed("models/churn.yml", "name: churn\n", ""),
        [
            (
                "ml_assets/assets/models/churn.yml:1: name · found: nothing, and it is required · "
                "allowed: text · example: churn"
            ),
        ],
    ),
    (
        "a number as a name",
        changed("environments/scoring.yml", "name: scoring", "name: 5"),
        [
            ('ml_assets/assets/environments/scoring.yml:2: name · found: 5 · allowed: text · example: "5"'),
        ],
    ),
    (
        "a model twice",
        added("models/again.yml", "model", "name: churn\nversion: 1\npath: churn\ntype: mlflow_model"),
        [
            (
                "ml_assets/assets/models/churn.yml:2: name · found: 'churn' in version 1 · allowed: "
                "each model once; ml_assets/assets/models/again.yml:2 has that one too"
            ),
        ],
    ),
    (
        "a datastore twice",
        added(
            "datastores/again.yml",
            "azureBlob",
            "name: lake\ntype: azure_blob\naccount_name: a\ncontainer_name: c",
        ),
        [
            (
                "ml_assets/assets/datastores/lake.yml:2: name · found: 'lake' · allowed: each "
                "datastore once; ml_assets/assets/datastores/again.yml:2 has that one too"
            ),
        ],
    ),
    (
        "the latest of versions without order",
        together(
            added("models/again.yml", "model", "name: churn\nversion: beta\npath: churn\ntype: mlflow_model")
        ),
        [
            (
                "ml_assets/assets/endpoints/churn/green.yml:4: model · found: 'azureml:churn@latest' "
                "· allowed: azureml:churn:VERSION, since nothing says which is the latest of beta "
                "(ml_assets/assets/models/again.yml:3) or 1 (ml_assets/assets/models/churn.yml:3)"
            ),
        ],
    ),
    (
        "a circle",
        together(
            added(
                "components/a.yml",
                "pipelineComponent",
                PIPELINE.format(name="a", other="azureml:b:1"),
            ),
            added(
                "components/b.yml",
                "pipelineComponent",
                PIPELINE.format(name="b", other="./a.yml"),
            ),
        ),
        [
            (
                "ml_assets/assets/components/a.yml:8: jobs.inner.component · found: a circle, "
                "ml_assets/assets/components/a.yml:8 -> ml_assets/assets/components/b.yml:8 -> "
                "ml_assets/assets/components/a.yml · allowed: references that do not come back"
            ),
        ],
    ),
    (
        "data of another type",
        changed(PIPELINE_JOB, "type: uri_file", "type: mltable"),
        [
            (
                "ml_assets/assets/jobs/pipeline.yml:13: jobs.train.inputs.customers.path · found: "
                "'azureml:customers@latest' as mltable · allowed: type uri_file, which the data has "
                "(ml_assets/assets/data/customers.yml:4)"
            ),
        ],
    ),
    (
        "a schedule of a missing job",
        changed("schedules/retrain.yml", "../jobs/pipeline.yml", "../jobs/pipelines.yml"),
        [
            (
                "ml_assets/assets/schedules/retrain.yml:9: create_job.job · found: "
                "'../jobs/pipelines.yml', but there is no ml_assets/assets/jobs/pipelines.yml · "
                "allowed: files of the catalogue, relative to this one; did you mean "
                "'../jobs/pipeline.yml'?"
            ),
        ],
    ),
    (
        "a schedule of a component",
        changed("schedules/retrain.yml", "../jobs/pipeline.yml", "../components/whole.yml"),
        [
            (
                "ml_assets/assets/schedules/retrain.yml:9: create_job.job · found: "
                "'../components/whole.yml', a component (ml_assets/assets/components/whole.yml:3) · "
                "allowed: a job"
            ),
        ],
    ),
    (
        "an asset of the workspace in one of the registry",
        setting(registry={"name": "contoso-ml", "files": ["components/train/**"]}),
        [
            (
                "ml_assets/assets/components/train/component.yml:9: environment · found: "
                "'azureml:training@latest', an environment "
                "(ml_assets/assets/environments/training.yml:2) of the workspace · allowed: in an "
                "asset of the registry only such assets; assets.registry.files names them"
            ),
        ],
    ),
    (
        "a datastore in an asset of the registry",
        setting(registry={"name": "contoso-ml", "files": ["data/history.yml"]}),
        [
            (
                "ml_assets/assets/data/history.yml:5: path · found: "
                "'azureml://datastores/lake/paths/churn/dev/' · allowed: in an asset of the registry "
                "no datastore; registries have none"
            ),
        ],
    ),
    (
        "a monitored deployment that is not there",
        added(
            "schedules/monitor.yml",
            "monitorSchedule",
            MONITOR,
        ),
        [
            (
                "ml_assets/assets/schedules/monitor.yml:7: "
                "create_monitor.monitoring_target.endpoint_deployment_id · found: "
                "'azureml:churn-dev:blau' · allowed: azureml:ENDPOINT:DEPLOYMENT of the catalogue "
                "(azureml:churn-dev:blue or azureml:churn-dev:green); did you mean "
                "'azureml:churn-dev:blue'?"
            ),
        ],
    ),
    (
        "an unknown connection",
        added(
            "data/import.yml",
            "data",
            IMPORTED,
        ),
        [
            (
                "ml_assets/assets/data/import.yml:7: source.connection · found: 'azureml:snowflake' "
                "· allowed: a connection of the catalogue (there is none); one from elsewhere by its "
                "full id, azureml:/subscriptions/…"
            ),
        ],
    ),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_wrong_reference_is_told_with_both_of_its_ends(
    tmp_path: Path, change: Change, said: list[str]
) -> None:
    catalogue = Catalogue.small(tmp_path)
    change(catalogue)

    assert catalogue.mistakes() == said
