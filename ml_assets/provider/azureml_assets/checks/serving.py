"""Endpoints and deployments: what a deployment needs to become healthy, and how traffic is split."""

from __future__ import annotations

from typing import Any, Final

from azureml_assets.checks.subject import Subject
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import shown
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN, contains_unknown

_MIRROR_MOST: Final = 50  # percent; "Safe rollout for online endpoints": mirrored traffic is at most 50 %
_AT_LEAST_ONE: Final = ("instance_count", "max_concurrency_per_instance", "mini_batch_size")
_FORMATS_WITH_SERVER: Final = ("mlflow_model", "triton_model")


def check(subject: Subject) -> None:
    """Records what keeps an endpoint or a deployment from working."""
    if subject.kind is Kind.ONLINE_ENDPOINT:
        check_traffic(subject)
    elif subject.kind is Kind.BATCH_ENDPOINT:
        _batch_sign_in(subject)
    elif subject.kind in (Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT):
        _counts(subject)
        _scoring(subject)
        if subject.kind is Kind.ONLINE_DEPLOYMENT:
            _scale(subject)


def _batch_sign_in(subject: Subject) -> None:
    """They know Microsoft Entra alone: "Authorization on batch endpoints"."""
    if subject.get("auth_mode") == "key":
        subject.wrong(
            ("auth_mode",),
            found="'key', which online endpoints alone know",
            allowed="aad_token",
            example="aad_token",
        )


def check_traffic(subject: Subject) -> None:
    """Records a split of traffic that Azure ML refuses."""
    traffic = _shares(subject, "traffic")
    whole = not contains_unknown(subject.get("traffic")) and not subject.has_mistake_at(("traffic",))
    if traffic and whole and sum(traffic.values()) not in (0, 100):
        shares = ", ".join(f"{name} {share}" for name, share in traffic.items())
        subject.wrong(
            ("traffic",),
            found=f"a sum of {sum(traffic.values())} ({shares})",
            allowed="shares that sum to 100, or to 0 for none",
            example="{blue: 90, green: 10}",
        )
    mirror = _shares(subject, "mirror_traffic")
    for name, share in mirror.items():
        place: DocumentPath = ("mirror_traffic", name)
        if share > _MIRROR_MOST:
            subject.wrong(
                place, found=shown(share), allowed=f"a whole number from 0 to {_MIRROR_MOST}", example="10"
            )
        elif share and traffic.get(name):
            subject.wrong(
                place, found="a deployment that has traffic of its own", allowed="one whose traffic is 0"
            )
    if len([share for share in mirror.values() if share]) > 1:
        subject.wrong(
            ("mirror_traffic",), found="several deployments", allowed="one deployment", example="{green: 10}"
        )


def _shares(subject: Subject, key: str) -> dict[str, int]:
    """The shares that are whole numbers; records those that are not."""
    shares = subject.get(key)
    if not isinstance(shares, dict):
        return {}
    good = {}
    for name, share in shares.items():
        if share is UNKNOWN:
            continue
        if isinstance(share, bool) or not isinstance(share, int) or not 0 <= share <= 100:
            subject.wrong(
                (key, name), found=shown(share), allowed="a whole number from 0 to 100", example="100"
            )
        else:
            good[name] = share
    return good


def _counts(subject: Subject) -> None:
    for base in ((), ("settings",), ("resources",)):
        for key in _AT_LEAST_ONE:
            value = subject.get(*base, key)
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                subject.wrong(
                    (*base, key), found=shown(value), allowed="a whole number of at least 1", example="1"
                )
    managed = subject.kind is Kind.ONLINE_DEPLOYMENT and (subject.get("type") or "managed") == "managed"
    if managed and "instance_count" not in subject.spec:
        subject.wrong(
            ("instance_count",),
            found="nothing, and it is required",
            allowed="a whole number of at least 1",
            example="1",
        )


def _scoring(subject: Subject) -> None:
    model = subject.get("model")
    if subject.kind is Kind.BATCH_DEPLOYMENT and subject.get("type") == "pipeline":
        return
    has_code, has_environment = ("code_configuration" in subject.spec, "environment" in subject.spec)
    if isinstance(model, dict):
        kind = model.get("type") or "custom_model"
        needs = kind not in _FORMATS_WITH_SERVER and kind is not UNKNOWN
        server = isinstance(subject.get("environment"), dict) and "inference_config" in subject.get(
            "environment"
        )
        if needs and not has_code and not server:
            subject.wrong(
                ("code_configuration",),
                found="nothing, and a custom model needs a scoring script",
                allowed="a map of code and scoring_script",
                example="{code: ./src, scoring_script: score.py}",
            )
        if needs and not has_environment:
            subject.wrong(
                ("environment",),
                found="nothing, and a custom model needs an environment",
                allowed="azureml:NAME:VERSION, or an environment written here",
                example="ref:../../environments/scoring.yml",
            )
    elif has_code and not has_environment:
        subject.wrong(
            ("environment",),
            found="nothing, and a scoring script needs an environment",
            allowed="azureml:NAME:VERSION, or an environment written here",
            example="ref:../../environments/scoring.yml",
        )


def _scale(subject: Subject) -> None:
    scale: Any = subject.get("scale_settings")
    if not isinstance(scale, dict):
        return
    managed = (subject.get("type") or "managed") == "managed"
    if managed and scale.get("type") not in (None, "default", UNKNOWN):
        subject.wrong(
            ("scale_settings", "type"),
            found=shown(scale["type"]),
            allowed="default; autoscale rules of Azure Monitor scale a managed deployment",
            example="default",
        )
    low, high = scale.get("min_instances"), scale.get("max_instances")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        subject.wrong(
            ("scale_settings", "max_instances"),
            found=shown(high),
            allowed=f"at least {low}, which is min_instances",
        )
