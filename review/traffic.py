"""Which deployment of an endpoint gets how many of its requests, before and after the update."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from review.preview import ASSETS, Op, Preview, State, Step, native_type
from review.values import is_unknown

_MOST_MIRRORED: Final = 50  # percent
_NATIVE: Final = "machinelearningservices:"


class Traffic:
    """The shares of all deployments after the update."""

    def __init__(self, preview: Preview) -> None:
        """Reads endpoints and routes of the preview."""
        self._shares: dict[tuple[str, str], float] = {}
        self._new: set[tuple[str, str]] = set()
        for step in preview.steps:
            if step.op in (Op.DELETE, Op.FORGET):
                continue
            endpoint = _endpoint(step.state)
            for deployment, share in shares(step.new).items() if _routes(step) else ():
                self._shares["Online", f"{endpoint}/{deployment}"] = share
            default = _default(step.new) if step.new else ""
            if default:  # jobs go to one deployment, whole
                self._shares["Batch", f"{endpoint}/{default}"] = 100
            if step.op is Op.CREATE and (kind := _endpoint_kind(step)):
                self._new.add((kind, endpoint))

    def of(self, step: Step) -> tuple[str, float]:
        """The endpoint of a deployment, and the percentage of its requests that the deployment gets."""
        endpoint = _endpoint(step.state)
        kind = "Batch" if "BatchDeployment" in step.type else "Online"
        return endpoint, self._shares.get((kind, f"{endpoint}/{_deployment(step.state)}"), 0)

    def is_new(self, endpoint: str, deployment_kind: str) -> bool:
        """Whether the endpoint is made in this update: nobody calls it yet."""
        return (deployment_kind.removesuffix("Deployment"), endpoint) in self._new


def shares(state: State | None, key: str = "traffic") -> Mapping[str, float]:
    """Percentage by deployment; `key` may be the mirrored traffic's."""
    if state is None:
        return {}
    native = {"traffic": "traffic", "mirror_traffic": "mirrorTraffic"}[key]
    for found in (state.at(f"spec.{key}"), state.at(f"properties.{native}")):
        if isinstance(found, Mapping):
            return {str(name): float(share) for name, share in found.items() if _is_share(share)}
    return {}


def refusals(state: State | None) -> Iterator[str]:
    """Why Azure refuses the traffic of a state.

    Source: "Perform safe rollout of new deployments for real-time inference" (Azure ML), for the sum, the
    limit of mirrored traffic, and its one deployment, which has no live traffic.
    """
    live = shares(state)
    mirrored = {name: share for name, share in shares(state, "mirror_traffic").items() if share}
    if (total := sum(live.values())) not in (0, 100):
        yield f"its traffic adds up to {total:g} %, not 100"
    if (total := sum(mirrored.values())) > _MOST_MIRRORED:
        yield f"{total:g} % of its traffic is mirrored; allowed: {_MOST_MIRRORED}"
    if len(mirrored) > 1:
        yield f"its traffic is mirrored to {', '.join(mirrored)}; allowed: one deployment"
    for name in mirrored:
        if live.get(name):
            yield f"{name} gets {live[name]:g} % of its traffic, and mirrored traffic too"


def traffic_text(old: State | None, new: State | None) -> str:
    """`blue 100 % → 60 %, green 0 % → 40 %; mirrored: green 10 %`."""
    parts = [_moved(shares(old), shares(new))]
    mirrored = _moved(shares(old, "mirror_traffic"), shares(new, "mirror_traffic"))
    if mirrored:
        parts.append(f"mirrored: {mirrored}")
    return "; ".join(filter(None, parts)) or "no requests"


def _moved(old: Mapping[str, float], new: Mapping[str, float]) -> str:
    told = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, 0), new.get(name, 0)
        told.append(f"{name} {before:g} % → {after:g} %" if before != after else f"{name} {after:g} %")
    return ", ".join(told)


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _routes(step: Step) -> bool:
    return step.type == f"{ASSETS}OnlineTraffic" or native_type(step.type) == f"{_NATIVE}OnlineEndpoint"


def _endpoint_kind(step: Step) -> str:
    name = native_type(step.type).removeprefix(_NATIVE) or step.type.removeprefix(ASSETS)
    return name.removesuffix("Endpoint") if name in ("OnlineEndpoint", "BatchEndpoint") else ""


def _default(state: State) -> str:
    return _text(state, "spec.defaults.deployment_name") or _text(state, "properties.defaults.deploymentName")


def _endpoint(state: State) -> str:
    """The endpoint that a resource is, or belongs to."""
    named = _text(state, "spec.endpoint_name") or _text(state, "endpointName") or _text(state, "spec.name")
    return named.removeprefix("azureml:")


def _deployment(state: State) -> str:
    return _text(state, "deploymentName") or _text(state, "spec.name")


def _text(state: State, path: str) -> str:
    value = state.at(path)
    return value if isinstance(value, str) and not is_unknown(value) else ""
