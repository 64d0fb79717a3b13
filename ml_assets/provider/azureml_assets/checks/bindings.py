"""What the steps of a pipeline take from it and from each other."""

from __future__ import annotations

import graphlib
from typing import Any

from azureml_assets.checks.expressions import Expression, expressions
from azureml_assets.checks.subject import Subject, value_at
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import nearest, one_of
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN


def check(subject: Subject) -> None:
    """Records bindings of pipeline jobs, pipeline components and scheduled pipelines that lead nowhere."""
    if subject.kind in (Kind.JOB, Kind.COMPONENT) and subject.get("type") == "pipeline":
        _pipeline(subject, ())
    elif subject.kind is Kind.SCHEDULE and isinstance(subject.get("create_job", "jobs"), dict):
        _pipeline(subject, ("create_job",))


def _pipeline(subject: Subject, at: DocumentPath) -> None:
    jobs = subject.get(*at, "jobs")
    if not isinstance(jobs, dict):
        return
    if not jobs:
        subject.wrong(
            (*at, "jobs"), found="an empty map", allowed="at least one step", example="train: {...}"
        )
    for name, step in jobs.items():
        if not isinstance(step, dict):
            continue
        place = (*at, "jobs", name)
        for key in (
            "inputs",
            "outputs",
            "compute",
            "resources",
            "limits",
            "identity",
            "environment_variables",
        ):
            for each in expressions(step.get(key), (*place, key)):
                _binding(subject, at, name, each)
    for key in ("inputs", "outputs"):
        for each in expressions(subject.get(*at, key), (*at, key)):
            _at_the_top(subject, at, each)
    _circle(subject, at, jobs)


def _binding(subject: Subject, at: DocumentPath, step: str, each: Expression) -> None:
    parts = each.parts
    if parts[0] != "parent":
        if parts[0] in ("inputs", "outputs") and each.path[-2:-1] == ("inputs",):
            subject.wrong(
                each.path,
                found=each.text,
                allowed="a binding that begins with parent",
                example=f"${{{{parent.{'.'.join(parts)}}}}}",
            )
        return
    if len(parts) >= 3 and parts[1] in ("inputs", "outputs"):
        _declared(subject, at, each, parts[1], parts[2])
    elif len(parts) >= 5 and parts[1] == "jobs" and parts[3] in ("inputs", "outputs"):
        _of_step(subject, at, step, each)
    elif parts != ("parent", "jobs", parts[-1]):
        subject.wrong(
            each.path,
            found=each.text,
            allowed="${{parent.inputs.NAME}}, ${{parent.outputs.NAME}} or ${{parent.jobs.STEP.outputs.NAME}}",
            example="${{parent.inputs.data}}",
        )


def _declared(subject: Subject, at: DocumentPath, each: Expression, group: str, name: str) -> None:
    declared = subject.get(*at, group)
    names = [str(key).split(".")[0] for key in declared] if isinstance(declared, dict) else []
    if declared is UNKNOWN or name in names:
        return
    meant = nearest(name, names)
    subject.wrong(
        each.path,
        found=f"{each.text}, and the pipeline has no such {group[:-1]}",
        allowed=one_of(names) or f"{group} that the pipeline declares",
        suggestion=meant,
        example=f"${{{{parent.{group}.{meant or (names[0] if names else 'NAME')}}}}}",
    )


def _of_step(subject: Subject, at: DocumentPath, step: str, each: Expression) -> None:
    other, group, name = each.parts[2], each.parts[3], each.parts[4]
    jobs = subject.get(*at, "jobs")
    names = [key for key in jobs if key != step]
    if other == step:
        subject.wrong(
            each.path, found=f"{each.text}, the step itself", allowed=one_of(names) or "another step"
        )
        return
    if other not in jobs:
        meant = nearest(other, names)
        subject.wrong(
            each.path,
            found=f"{each.text}, and the pipeline has no such step",
            allowed=one_of(names) or "a step of the pipeline",
            suggestion=meant,
            example=f"${{{{parent.jobs.{meant or (names[0] if names else 'STEP')}.{group}.{name}}}}}",
        )
        return
    ports = _ports(jobs[other], group)
    if ports is not None and name not in ports:
        meant = nearest(name, ports)
        subject.wrong(
            each.path,
            found=f"{each.text}, and the step has no such {group[:-1]}",
            allowed=one_of(ports) or f"a step with {group}",
            suggestion=meant,
            example=f"${{{{parent.jobs.{other}.{group}.{meant}}}}}" if meant else None,
        )


def _ports(step: Any, group: str) -> list[str] | None:
    """Names of a step's inputs or outputs; None where only its component, which is elsewhere, knows them."""
    if not isinstance(step, dict) or step.get(group) is UNKNOWN:
        return None
    component = step.get("component")
    if component is None and step.get("type", "command") in ("command", "spark"):
        declared = step.get(group)
    elif isinstance(component, dict):
        declared = component.get(group)
    else:
        return None
    return list(declared) if isinstance(declared, dict) else []


def _at_the_top(subject: Subject, at: DocumentPath, each: Expression) -> None:
    """Outputs of a pipeline may be written as the output of a step; nothing else may stand there."""
    if each.parts[0] != "parent" or len(each.parts) < 3 or each.parts[1] != "jobs":
        return
    _of_step(subject, at, "", each)


def _circle(subject: Subject, at: DocumentPath, jobs: dict[str, Any]) -> None:
    needs = {
        name: {
            each.parts[2]: each.path
            for each in expressions(value_at(step, ("inputs",)), (*at, "jobs", name, "inputs"))
            if each.parts[:2] == ("parent", "jobs") and len(each.parts) > 3 and each.parts[2] != name
        }
        for name, step in jobs.items()
    }
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        ring: list[str] = error.args[1][::-1]  # each step now stands before what it takes its inputs from
        found = f"the circle {' -> '.join(ring)}"
        subject.wrong(needs[ring[0]][ring[1]], found=found, allowed="steps of which none waits for itself")
