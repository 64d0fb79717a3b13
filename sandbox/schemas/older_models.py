"""What azure-ai-ml writes past its own generated models, in the API versions before 2025-12-01.

The package has one generated client, of 2025-12-01, and drives it with a dozen older versions.
Properties that only those know it adds to the bodies by hand; without them its own requests
would break its models. Each entry names the file of azure-ai-ml 1.35 that writes it.
"""

from __future__ import annotations

from typing import Any

from sandbox.schemas.nodes import ObjectType

_PROPERTIES: dict[str, dict[str, Any]] = {
    # _utils/_workspace_utils.py
    "WorkspaceProperties": {"allowRoleAssignmentOnRG": "boolean", "networkAcls": "any"},
    "WorkspacePropertiesUpdateParameters": {"allowRoleAssignmentOnRG": "boolean", "networkAcls": "any"},
    # entities/_registry/registry.py
    "RegistryProperties": {"managedResourceGroupTags": {"map": "string"}},
    # entities/_job/automl/tabular/limit_settings.py
    "TableVerticalLimitSettings": {
        "maxNodes": "integer",
        "sweepConcurrentTrials": "integer",
        "sweepTrials": "integer",
    },
    # entities/_job/automl/tabular/forecasting_settings.py
    "ForecastingSettings": {"featuresUnknownAtForecastTime": {"array": "string"}},
    # entities/_job/automl/nlp/nlp_limit_settings.py
    "NlpVerticalLimitSettings": {"maxNodes": "integer", "trialTimeout": "string"},
    # entities/_job/queue_settings.py
    "QueueSettings": {"priority": "integer"},
    # entities/_job/sweep/sampling_algorithm.py
    "RandomSamplingAlgorithm": {"logbase": "string"},
    # entities/_job/sweep/sweep_job.py
    "SweepJob": {"resources": {"ref": "JobResourceConfiguration"}},
    # entities/_job/job_resource_configuration.py
    "JobResourceConfiguration": {"locations": {"array": "string"}, "maxInstanceCount": "integer"},
    # entities/_job/command_job.py
    "CommandJob": {"parentJobName": "string"},
}
# entities/_job/automl/nlp: what is tuned of a language model, for its three tasks.
_NLP_TASKS = ("TextClassification", "TextClassificationMultilabel", "TextNer")
_NLP: dict[str, Any] = {
    "fixedParameters": {"ref": "NlpFixedParameters"},
    "searchSpace": {"array": {"ref": "NlpParameterSubspace"}},
    "sweepSettings": {"ref": "NlpSweepSettings"},
}
_PROPERTIES |= dict.fromkeys(_NLP_TASKS, _NLP)
_NLP_PARAMETERS: dict[str, Any] = {
    "gradientAccumulationSteps": "integer",
    "learningRate": "number",
    "learningRateScheduler": {
        "enum": [
            "None",
            "Linear",
            "Cosine",
            "CosineWithRestarts",
            "Polynomial",
            "Constant",
            "ConstantWithWarmup",
        ]
    },
    "modelName": "string",
    "numberOfEpochs": "integer",
    "trainingBatchSize": "integer",
    "validationBatchSize": "integer",
    "warmupRatio": "number",
    "weightDecay": "number",
}
_NLP_TYPES: dict[str, ObjectType] = {
    "NlpFixedParameters": {"properties": _NLP_PARAMETERS},
    "NlpParameterSubspace": {"properties": dict.fromkeys(_NLP_PARAMETERS, "string")},  # distributions as text
    "NlpSweepSettings": {
        "properties": {
            "earlyTermination": {"ref": "EarlyTerminationPolicy"},
            "samplingAlgorithm": {"enum": ["Grid", "Random", "Bayesian"]},
        },
        "required": ["samplingAlgorithm"],
    },
}
# The same by the end of the model's name: entities/_job/automl/training_settings.py and
# entities/_job/automl/image/image_model_settings.py.
_BY_ENDING: dict[str, dict[str, Any]] = {
    "TrainingSettings": {"trainingMode": {"enum": ["Auto", "Distributed", "NonDistributed"]}},
    "ImageModelSettingsClassification": {"logTrainingMetrics": "string", "logValidationLoss": "string"},
    "ImageModelSettingsObjectDetection": {"logTrainingMetrics": "string", "logValidationLoss": "string"},
}
# Schedules that import data: entities/_data_import of azure-ai-ml.
_IMPORT_DATA: dict[str, ObjectType] = {
    "ImportDataAction": {
        "properties": {
            "actionType": {"enum": ["ImportData"]},
            "dataImportDefinition": {"ref": "DataImport"},
        },
        "required": ["actionType", "dataImportDefinition"],
        "constants": {"actionType": "ImportData"},
    },
    "DataImport": {
        "properties": {
            "assetName": "string",
            "dataType": {"enum": ["uri_folder", "uri_file", "mltable"]},
            "dataUri": "string",
            "description": "string",
            "isAnonymous": "boolean",
            "isArchived": "boolean",
            "properties": {"map": "string"},
            "source": {"ref": "DataImportSource"},
            "tags": {"map": "string"},
        },
        "required": ["dataType", "dataUri"],
    },
    "DataImportSource": {
        "properties": {
            "sourceType": {"enum": ["database", "file_system"]},
            "connection": "string",
            "query": "string",
            "path": "string",
        },
        "required": ["sourceType"],
    },
}


def complete_older_models(types: dict[str, ObjectType], prefix: str) -> None:
    """Add them all to the types whose names begin with `prefix`; other packages' types stay as they are."""
    for name, declared in types.items():
        if not name.startswith(prefix):
            continue
        short = name.removeprefix(prefix)
        added = dict(_PROPERTIES.get(short, {}))
        for ending, properties in _BY_ENDING.items():
            added |= properties if short.endswith(ending) else {}
        declared["properties"].update({key: _prefixed(node, prefix) for key, node in added.items()})
    new_types: dict[str, ObjectType] = {}
    if f"{prefix}TextNer" in types:
        new_types |= _NLP_TYPES
    if (actions := types.get(f"{prefix}ScheduleActionBase")) is not None:
        actions["variants"]["ImportData"] = f"{prefix}ImportDataAction"
        new_types |= _IMPORT_DATA
    for name, added_type in new_types.items():
        nodes = {key: _prefixed(node, prefix) for key, node in added_type["properties"].items()}
        types[f"{prefix}{name}"] = {**added_type, "properties": nodes}


def _prefixed(node: Any, prefix: str) -> Any:
    if isinstance(node, dict) and "array" in node:
        return {"array": _prefixed(node["array"], prefix)}
    return {"ref": f"{prefix}{node['ref']}"} if isinstance(node, dict) and "ref" in node else node
