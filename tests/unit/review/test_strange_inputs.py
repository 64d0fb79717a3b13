"""A preview is somebody else's text: sections of cost, time and assets take any shape of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from review.build import Made, build
from review.render.markdown import markdown
from tests.support.review_events import ASSETS, ML, UNKNOWN, Events
from tests.support.review_parts import cluster, deployment, schedule, traffic, version

_KEPT: dict[str, Any] = {
    f"{ML}Compute": cluster(),
    f"{ML}Compute/instance": {
        "location": "westeurope",
        "properties": {
            "computeType": "ComputeInstance",
            "properties": {
                "vmSize": "Standard_D4s_v3",
                "schedules": {
                    "computeStartStop": [
                        {"action": "Stop", "cron": {"expression": "0 1 * * *"}, "status": "Enabled"}
                    ]
                },
            },
        },
    },
    f"{ML}Workspace": {"managedNetwork": {"outboundRules": {"a": {"type": "FQDN"}}, "firewallSku": "Basic"}},
    f"{ML}OnlineDeployment": {"properties": {"scaleSettings": {"scaleType": "TargetUtilization"}}},
    f"{ML}OnlineEndpoint": {"endpointName": "e", "properties": {"traffic": {"blue": 100}}},
    f"{ML}Schedule": {"properties": {"isEnabled": True, "trigger": {"expression": "* * * * *"}}},
    f"{ASSETS}Model": version("1", {"a": "b"}),
    f"{ASSETS}OnlineDeployment": deployment(scale_settings={"type": "target_utilization"}),
    f"{ASSETS}OnlineTraffic": traffic({"green": 1}, blue=100),
    f"{ASSETS}BatchDefaults": {"spec": {"name": "e", "defaults": {"deployment_name": "model"}}},
    f"{ASSETS}Schedule": schedule(),
    "azure-native:containerregistry:Registry": {"sku": {"name": "Premium"}, "location": "westeurope"},
    "azure-native:consumption:Budget": {"amount": 1},
}
_STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 1e308, float("nan"), [], {}, [[]], {"": {"": None}}),
    *("", "nan", "x" * 999, UNKNOWN, "[secret]", "/subscriptions/providers", "</details>"),
)


def bent(value: Any, strange: Any) -> Iterator[Any]:
    """The value, each time with another part of it replaced by the strange one."""
    yield strange
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from ({**value, key: other} for other in bent(item, strange))
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from ([*value[:index], other, *value[index + 1 :]] for other in bent(item, strange))


@pytest.mark.parametrize("strange", _STRANGE, ids=repr)
def test_no_shape_of_inputs_breaks_a_review(strange: object) -> None:
    events = Events()
    for token, inputs in _KEPT.items():
        for number, other in enumerate(each for each in bent(inputs, strange) if isinstance(each, dict)):
            name = f"{token}{number}"
            kind = token.split("/")[0]
            events.create(kind, f"{name}new", other).delete(kind, f"{name}old", other)
            events.update(kind, f"{name}a", inputs, other, *inputs)
            events.replace(kind, f"{name}b", other, inputs, *inputs)
    review = build(events.preview, Made())
    assert len(review.cost.lines) > 10
    assert all(line.after_max is None or line.after_max >= 0 for line in review.cost.lines)
    assert "Cost a month" in markdown(review)
    assert review.model_dump_json(by_alias=True)
