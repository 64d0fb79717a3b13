"""Cases of controls, read from YAML: what a control has to say of a resource, or of a whole stack.

    AML-NET-001:
      passes:                        # likewise: fails, unknown, ignores
        - type: machinelearningservices:Workspace
          properties: {publicNetworkAccess: Disabled}
      fails:
        - type: machinelearningservices:Workspace
          properties: {}
          says: [publicNetworkAccess must be Disabled]    # every line, without the verdict

A case of a whole stack has `stack`, a list of resources with `name`, `type`, `properties`, and in `sources`
by property the names of the resources that its value comes from; `about` names the one that is judged, and is
left out where it is the stack. `settings` and `environment` are the control's; `options` those of a resource.
`!unknown` is a value that is known only after the update, `!secret x` one that is marked as secret.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.configuration import Configured
from azureml_guard.control import Control, StackControl
from azureml_guard.exemptions import Exemption
from azureml_guard.facts import Options, Resource, Stack, Verdict
from azureml_guard.judge import Judge, Judgement
from azureml_guard.pack_controls import NOT_EVALUATED
from azureml_guard.values import UNKNOWN, Secret

FOLDER: Final = Path(__file__).parent.parent / "policies" / "cases"
TODAY: Final = dt.date(2026, 11, 1)
NAME: Final = "subject"
VERDICTS: Final = {
    "passes": Verdict.PASS,
    "fails": Verdict.FAIL,
    "unknown": Verdict.NOT_EVALUATED,
    "ignores": None,
}


class _Loader(yaml.SafeLoader):
    """YAML with !unknown and !secret."""


def _secret(loader: _Loader, node: yaml.Node) -> Secret:
    assert isinstance(node, yaml.ScalarNode)
    return Secret(loader.construct_scalar(node))


_Loader.add_constructor("!unknown", lambda loader, node: UNKNOWN)
_Loader.add_constructor("!secret", _secret)


@dataclass(frozen=True)
class Case:
    """One case of one control; `verdict` is None where the control has nothing to say."""

    control_id: str
    kind: str
    number: int
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.control_id}-{self.kind}-{self.number}"

    @property
    def verdict(self) -> Verdict | None:
        return VERDICTS[self.kind]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The resource, or those of the stack."""
        entries = self.data.get("stack") or [{"name": NAME, **self.data}]
        return tuple(resource_of(entry) for entry in entries)

    @property
    def about(self) -> str:
        """The URN that the verdict is about; empty for the stack."""
        if "stack" not in self.data:
            return self.resources[0].urn
        name = self.data.get("about")
        return next((each.urn for each in self.resources if each.name == name), "")

    def judgements(self, control: Control, exemption: Exemption | None = None) -> list[Judgement]:
        """What the control says of it, configured as the case wants it."""
        given = self.data.get("settings", {})
        unknown = set(given) - set(control.settings)
        assert not unknown, f"{self}: {control.id} has no setting {unknown}"
        settings = {
            name: given.get(name, setting.schema.get("default")) for name, setting in control.settings.items()
        }
        exemptions = (exemption,) if exemption else ()
        configuration = {
            control.id: Configured(Level.MANDATORY, settings, exemptions),
            NOT_EVALUATED.id: Configured(Level.MANDATORY, {}),
        }
        judge = Judge([control], configuration, self.data.get("environment", "prod"), TODAY)
        if isinstance(control, StackControl):
            return list(judge.stack(Stack(self.resources)))
        return [each for resource in self.resources for each in judge.resource(resource)]


def cases() -> Iterator[Case]:
    """All cases of all files."""
    for path in sorted(FOLDER.glob("*.yml")):
        for control_id, kinds in load(path).items():
            unknown = set(kinds) - set(VERDICTS)
            assert not unknown, f"{path.name}: {control_id} has {unknown}; allowed: {sorted(VERDICTS)}"
            for kind, entries in kinds.items():
                for number, entry in enumerate(entries):
                    yield Case(control_id, kind, number, entry)


def load(path: Path) -> dict[str, Any]:
    """A file of YAML with !unknown and !secret."""
    content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: TID251  # a SafeLoader
    return content or {}


def resource_of(entry: Mapping[str, Any]) -> Resource:
    """The resource that an entry describes."""
    type_name, name = entry["type"], entry.get("name", NAME)
    options = dict(entry.get("options", {}))
    if "ignore_changes" in options:
        options["ignore_changes"] = tuple(options["ignore_changes"])
    return Resource(
        type=type_name,
        urn=_urn(type_name, name),
        properties=entry.get("properties") or {},
        is_azure=not type_name.startswith(("azureml-assets:", "pulumi:", "random:")),
        options=Options(**options),
        sources={
            key: tuple(_urn(*each.rsplit("/", 1)) for each in urns)
            for key, urns in entry.get("sources", {}).items()
        },
    )


def _urn(type_name: str, name: str) -> str:
    return f"urn:pulumi:prod::platform::azure-native:{type_name}::{name}"
