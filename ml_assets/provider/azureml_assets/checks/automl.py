"""AutoML jobs: what azure-ai-ml 1.35 submits in another way than the file has it, or cannot read again."""

from __future__ import annotations

from typing import Final

from azureml_assets.checks.subject import Subject
from ml_assets.schemas import Kind

_TEXT_TASKS: Final = ("text_classification", "text_classification_multilabel", "text_ner")
_MISNAMED: Final = ("resources", "queue_settings")  # sent with names such as instance_type, not instanceType


def check(subject: Subject) -> None:
    """Records what would only show when the job is submitted. Steps of pipelines are sent in another way."""
    if subject.kind is not Kind.JOB or subject.get("type") != "automl":
        return
    for key in _MISNAMED:
        if isinstance(subject.get(key), dict):
            subject.wrong(
                (key,),
                found="a map",
                allowed="none: azure-ai-ml 1.35 sends it so that Azure ML cannot read it",
                example="a cluster as compute",
            )
    # Such a job is submitted, the answer to it fails, and it goes on running.
    if subject.get("task") in _TEXT_TASKS and subject.get("sweep", "early_termination") is not None:
        subject.wrong(
            ("sweep", "early_termination"),
            found="a policy",
            allowed="none for a text task: azure-ai-ml 1.35 cannot read such a job again",
        )
