"""Which schema and which class of azure-ai-ml a document belongs to; the same choices as its loaders make.

The loaders themselves are not asked for the errors: they put them into one text of JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from azure.ai.ml import entities
from azure.ai.ml._schema._data_import.data_import import DataImportSchema
from azure.ai.ml._schema._data_import.schedule import ImportDataScheduleSchema
from azure.ai.ml._schema._datastore.adls_gen1 import AzureDataLakeGen1Schema
from azure.ai.ml._schema._datastore.azure_storage import (
    AzureBlobSchema,
    AzureDataLakeGen2Schema,
    AzureFileSchema,
)
from azure.ai.ml._schema._datastore.one_lake import OneLakeSchema
from azure.ai.ml._schema._deployment.batch.batch_deployment import BatchDeploymentSchema
from azure.ai.ml._schema._deployment.batch.model_batch_deployment import ModelBatchDeploymentSchema
from azure.ai.ml._schema._deployment.batch.pipeline_component_batch_deployment_schema import (
    PipelineComponentBatchDeploymentSchema,
)
from azure.ai.ml._schema._deployment.online.online_deployment import (
    KubernetesOnlineDeploymentSchema,
    ManagedOnlineDeploymentSchema,
)
from azure.ai.ml._schema._endpoint.batch.batch_endpoint import BatchEndpointSchema
from azure.ai.ml._schema._endpoint.online.online_endpoint import (
    KubernetesOnlineEndpointSchema,
    ManagedOnlineEndpointSchema,
)
from azure.ai.ml._schema._feature_set.feature_set_schema import FeatureSetSchema
from azure.ai.ml._schema._feature_store_entity.feature_store_entity_schema import FeatureStoreEntitySchema
from azure.ai.ml._schema._sweep.sweep_job import SweepJobSchema
from azure.ai.ml._schema.assets.data import DataSchema
from azure.ai.ml._schema.assets.environment import EnvironmentSchema
from azure.ai.ml._schema.assets.model import ModelSchema
from azure.ai.ml._schema.automl.image_vertical.image_classification import (
    ImageClassificationMultilabelSchema,
    ImageClassificationSchema,
)
from azure.ai.ml._schema.automl.image_vertical.image_object_detection import (
    ImageInstanceSegmentationSchema,
    ImageObjectDetectionSchema,
)
from azure.ai.ml._schema.automl.nlp_vertical.text_classification import TextClassificationSchema
from azure.ai.ml._schema.automl.nlp_vertical.text_classification_multilabel import (
    TextClassificationMultilabelSchema,
)
from azure.ai.ml._schema.automl.nlp_vertical.text_ner import TextNerSchema
from azure.ai.ml._schema.automl.table_vertical.classification import AutoMLClassificationSchema
from azure.ai.ml._schema.automl.table_vertical.forecasting import AutoMLForecastingSchema
from azure.ai.ml._schema.automl.table_vertical.regression import AutoMLRegressionSchema
from azure.ai.ml._schema.component.automl_component import AutoMLComponentSchema
from azure.ai.ml._schema.component.command_component import CommandComponentSchema
from azure.ai.ml._schema.component.data_transfer_component import DataTransferCopyComponentSchema
from azure.ai.ml._schema.component.parallel_component import ParallelComponentSchema
from azure.ai.ml._schema.component.spark_component import SparkComponentSchema
from azure.ai.ml._schema.job.command_job import CommandJobSchema
from azure.ai.ml._schema.job.spark_job import SparkJobSchema
from azure.ai.ml._schema.monitoring.schedule import MonitorScheduleSchema
from azure.ai.ml._schema.pipeline.pipeline_component import PipelineComponentSchema
from azure.ai.ml._schema.pipeline.pipeline_job import PipelineJobSchema
from azure.ai.ml._schema.schedule.schedule import JobScheduleSchema
from azure.ai.ml.entities import WorkspaceConnection
from marshmallow import Schema

from ml_assets.schemas import Kind

SchemaClass = Callable[..., Schema]

BY_TYPE: Final[dict[Kind, dict[str, SchemaClass]]] = {
    Kind.DATASTORE: {
        "azure_blob": AzureBlobSchema,
        "azure_file": AzureFileSchema,
        "azure_data_lake_gen2": AzureDataLakeGen2Schema,
        "azure_data_lake_gen1": AzureDataLakeGen1Schema,
        "one_lake": OneLakeSchema,
    },
    Kind.COMPONENT: {
        "command": CommandComponentSchema,
        "pipeline": PipelineComponentSchema,
        "parallel": ParallelComponentSchema,
        "spark": SparkComponentSchema,
        "automl": AutoMLComponentSchema,
        "data_transfer": DataTransferCopyComponentSchema,
    },
    Kind.ONLINE_DEPLOYMENT: {
        "managed": ManagedOnlineDeploymentSchema,
        "kubernetes": KubernetesOnlineDeploymentSchema,
    },
    Kind.JOB: {
        "command": CommandJobSchema,
        "pipeline": PipelineJobSchema,
        "sweep": SweepJobSchema,
        "spark": SparkJobSchema,
        "automl": AutoMLClassificationSchema,  # stands for all of AUTOML_TASKS
    },
}
AUTOML_TASKS: Final[dict[str, SchemaClass]] = {
    "classification": AutoMLClassificationSchema,
    "regression": AutoMLRegressionSchema,
    "forecasting": AutoMLForecastingSchema,
    "image_classification": ImageClassificationSchema,
    "image_classification_multilabel": ImageClassificationMultilabelSchema,
    "image_object_detection": ImageObjectDetectionSchema,
    "image_instance_segmentation": ImageInstanceSegmentationSchema,
    "text_classification": TextClassificationSchema,
    "text_classification_multilabel": TextClassificationMultilabelSchema,
    "text_ner": TextNerSchema,
}
# The kinds whose `type` has a value that stands for none.
DEFAULT_TYPES: Final = {Kind.COMPONENT: "command", Kind.JOB: "command", Kind.ONLINE_DEPLOYMENT: "managed"}
# Azure ML knows more, but their files say nothing that the loaders could not tell from the type alone.
_ONLY: Final[dict[Kind, SchemaClass]] = {
    Kind.ENVIRONMENT: EnvironmentSchema,
    Kind.MODEL: ModelSchema,
    Kind.BATCH_ENDPOINT: BatchEndpointSchema,
    Kind.FEATURE_SET: FeatureSetSchema,
    Kind.FEATURE_STORE_ENTITY: FeatureStoreEntitySchema,
}
ENTITIES: Final[dict[Kind, Any]] = {
    Kind.DATASTORE: entities.Datastore,
    Kind.ENVIRONMENT: entities.Environment,
    Kind.DATA: entities.Data,
    Kind.COMPONENT: entities.Component,
    Kind.MODEL: entities.Model,
    Kind.ONLINE_ENDPOINT: entities.OnlineEndpoint,
    Kind.ONLINE_DEPLOYMENT: entities.OnlineDeployment,
    Kind.BATCH_ENDPOINT: entities.BatchEndpoint,
    Kind.BATCH_DEPLOYMENT: entities.BatchDeployment,
    Kind.SCHEDULE: entities.Schedule,
    Kind.CONNECTION: WorkspaceConnection,
    Kind.FEATURE_SET: entities.FeatureSet,
    Kind.FEATURE_STORE_ENTITY: entities.FeatureStoreEntity,
    Kind.JOB: entities.Job,
}


def schema_class(kind: Kind, data: dict[str, Any]) -> SchemaClass | None:
    """The schema for a document; None where its `type` (or `task`) names none."""
    given = data.get("type", DEFAULT_TYPES.get(kind))
    if kind is Kind.JOB and given == "automl":
        task = data.get("task")
        return AUTOML_TASKS.get(task) if isinstance(task, str) else None
    if kind in BY_TYPE:
        return BY_TYPE[kind].get(given) if isinstance(given, str) else None
    if kind is Kind.DATA:
        return DataImportSchema if "source" in data else DataSchema
    if kind is Kind.ONLINE_ENDPOINT:
        return KubernetesOnlineEndpointSchema if data.get("compute") else ManagedOnlineEndpointSchema
    if kind is Kind.BATCH_DEPLOYMENT:
        return _batch_deployment(data)
    if kind is Kind.SCHEDULE:
        if "create_monitor" in data:
            return MonitorScheduleSchema
        return ImportDataScheduleSchema if "import_data" in data else JobScheduleSchema
    if kind is Kind.CONNECTION:
        return connection_schema(given)
    return _ONLY[kind]


def entity_class(kind: Kind, data: dict[str, Any]) -> Any:
    """The class whose `_load` makes the SDK's object of a document."""
    if kind is Kind.BATCH_DEPLOYMENT:
        chosen = _batch_deployment(data)
        if chosen is PipelineComponentBatchDeploymentSchema:
            return entities.PipelineComponentBatchDeployment
        return (
            entities.ModelBatchDeployment
            if chosen is ModelBatchDeploymentSchema
            else entities.BatchDeployment
        )
    chosen, _ = ENTITIES[kind]._resolve_cls_and_type(data, [])  # noqa: SLF001  # what the loaders call
    return chosen


def connection_schema(given: Any) -> SchemaClass | None:
    """The schema of a connection's type; capitals do not matter to the SDK."""
    if given is not None and not isinstance(given, str):
        return None
    found: SchemaClass = WorkspaceConnection._get_schema_class_from_type(given)  # noqa: SLF001
    return found


def _batch_deployment(data: dict[str, Any]) -> SchemaClass:
    """The loader for all of them knows no `settings`: with any, the loader of the type is needed."""
    if data.get("type") == "pipeline":
        return PipelineComponentBatchDeploymentSchema
    return ModelBatchDeploymentSchema if "settings" in data else BatchDeploymentSchema
