"""Sweeps: limits, what a search space asks of the sampling, and when early termination acts.

Source: "CLI (v2) sweep job YAML schema" and "Hyperparameter tuning a model (v2)" of Azure ML's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from azureml_assets.checks.subject import MISSING, Subject, maps_at
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import nearest, one_of, shown
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN

_ALL: Final = (
    "choice",
    "uniform",
    "loguniform",
    "normal",
    "lognormal",
    "quniform",
    "qloguniform",
    "qnormal",
    "qlognormal",
    "randint",
)
_SAMPLED_BY: Final = {
    "grid": ("choice",),
    "bayesian": ("choice", "uniform", "quniform"),
}
_BOUNDS: Final = ("uniform", "loguniform", "quniform", "qloguniform")


def check(subject: Subject) -> None:
    """Records what a sweep contradicts itself in."""
    for path, sweep in _sweeps(subject):
        _limits(subject, (*path, "limits"), sweep.get("limits"))
        algorithm = sweep.get("sampling_algorithm")
        name = algorithm.get("type") if isinstance(algorithm, dict) else algorithm
        space = sweep.get("search_space")
        if isinstance(space, dict):
            for parameter, distribution in space.items():
                _distribution(subject, (*path, "search_space", parameter), distribution, name)
        _termination(subject, (*path, "early_termination"), sweep.get("early_termination"))
        _trial(subject, (*path, "trial"), sweep.get("trial"))


def _sweeps(subject: Subject) -> Iterator[tuple[DocumentPath, dict[str, Any]]]:
    base: DocumentPath = ("create_job",) if subject.kind is Kind.SCHEDULE else ()
    if subject.kind is Kind.JOB and subject.get("type") == "sweep":
        yield (), subject.spec
    for name, step in maps_at(subject.spec, *map(str, base), "jobs"):
        if step.get("type") == "sweep":
            yield (*base, "jobs", name), step


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _trial(subject: Subject, path: DocumentPath, trial: Any) -> None:
    if isinstance(trial, str) and trial.startswith("azureml://registries/"):
        subject.wrong(
            path,
            found="a component of a registry",
            allowed="a component of the workspace: azure-ai-ml 1.35 submits no sweep step with any other",
            example="leave its file out of assets.registry.files",
        )


def _limits(subject: Subject, path: DocumentPath, limits: Any) -> None:
    if not isinstance(limits, dict):
        return
    total, at_once = limits.get("max_total_trials"), limits.get("max_concurrent_trials")
    for key, value, most in (("max_total_trials", total, 1000), ("max_concurrent_trials", at_once, 1000)):
        if _whole(value) and not 1 <= value <= most:
            subject.wrong(
                (*path, key), found=shown(value), allowed=f"a whole number from 1 to {most}", example="20"
            )
    if _whole(total) and _whole(at_once) and at_once > total >= 1:
        subject.wrong(
            (*path, "max_concurrent_trials"),
            found=shown(at_once),
            allowed=f"at most {total}, which is max_total_trials",
            example=str(total),
        )
    timeout, trial = limits.get("timeout"), limits.get("trial_timeout")
    for key, value in (("timeout", timeout), ("trial_timeout", trial)):
        if _whole(value) and value < 1:
            subject.wrong((*path, key), found=shown(value), allowed="seconds, at least 1", example="3600")
    if _whole(timeout) and _whole(trial) and trial > timeout >= 1:
        subject.wrong(
            (*path, "trial_timeout"), found=shown(trial), allowed=f"at most {timeout}, which is timeout"
        )


def _distribution(subject: Subject, path: DocumentPath, distribution: Any, algorithm: Any) -> None:
    if not isinstance(distribution, dict):
        return
    kind = distribution.get("type")
    if kind is UNKNOWN or not isinstance(kind, str):
        return
    if kind not in _ALL:
        meant = nearest(kind, _ALL)
        subject.wrong(
            (*path, "type"), found=shown(kind), allowed=one_of(_ALL), suggestion=meant, example=meant
        )
        return
    sampled = _SAMPLED_BY.get(algorithm) if isinstance(algorithm, str) else None
    if sampled is not None and kind not in sampled:
        subject.wrong(
            (*path, "type"),
            found=f"{kind}, with the sampling {algorithm}",
            allowed=f"{one_of(sampled)}, or the sampling random",
            example=sampled[0],
        )
    if kind == "choice" and isinstance(values := distribution.get("values"), list) and not values:
        subject.wrong(
            (*path, "values"), found="an empty list", allowed="at least one value", example="[0.1, 0.01]"
        )
    low, high = distribution.get("min_value"), distribution.get("max_value")
    if kind in _BOUNDS and isinstance(low, (int, float)) and isinstance(high, (int, float)) and low >= high:
        subject.wrong((*path, "max_value"), found=shown(high), allowed=f"more than {low}, which is min_value")
    for key, word in (
        ("q", "a number above 0"),
        ("sigma", "a number above 0"),
        ("upper", "a number above 0"),
    ):
        value = distribution.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0:
            subject.wrong((*path, key), found=shown(value), allowed=word, example="1")


def _termination(subject: Subject, path: DocumentPath, policy: Any) -> None:
    if not isinstance(policy, dict):
        return
    kind = policy.get("type")
    for key, least in (("evaluation_interval", 1), ("delay_evaluation", 0)):
        value = policy.get(key)
        if _whole(value) and value < least:
            subject.wrong(
                (*path, key), found=shown(value), allowed=f"a whole number of at least {least}", example="1"
            )
    slack = [key for key in ("slack_factor", "slack_amount") if policy.get(key) not in (None, 0)]
    if kind == "bandit" and len(slack) != 1:
        found = "slack_factor and slack_amount" if slack else f"{MISSING}it or slack_amount is required"
        subject.wrong((*path, "slack_factor"), found=found, allowed="one of them, above 0", example="0.1")
    share = policy.get("truncation_percentage")
    if kind == "truncation_selection" and share is not UNKNOWN and not (_whole(share) and 1 <= share <= 99):
        subject.wrong(
            (*path, "truncation_percentage"),
            found=shown(share) if share is not None else "nothing, and it is required",
            allowed="a whole number from 1 to 99",
            example="20",
        )
