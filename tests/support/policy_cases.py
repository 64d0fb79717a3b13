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
A case is `malformed: true` where it has inputs that no provider takes, for no control may fall over them.
`outputs` are what Azure answers (`id`, `name`), which only controls of a whole stack see, as in the host.
`!unknown` is a value that is known only after the update, `!secret x` one that is marked as secret, and
`!output NAME.PATH` an output of another resource of the stack: unknown, and its source is that resource.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from azureml_guard.values import UNKNOWN, Secret, completed

FOLDER: Final = Path(__file__).parent.parent / "policies" / "cases"
TODAY: Final = dt.date(2026, 11, 1)
NAME: Final = "subject"
VERDICTS: Final = {
    "passes": Verdict.PASS,
    "fails": Verdict.FAIL,
    "unknown": Verdict.NOT_EVALUATED,
    "ignores": None,
}
_KEYS: Final = frozenset({"name", "type", "properties", "outputs", "options", "sources"})
_CASE_KEYS: Final = frozenset({"stack", "about", "says", "settings", "environment", "malformed"})
_OTHERS: Final = ("azureml-assets:", "pulumi:", "random:")


@dataclass(frozen=True)
class Output:
    """An output of another resource of the same stack."""

    resource: str
    path: str


class _Loader(yaml.SafeLoader):
    """YAML with !unknown, !secret and !output."""


def _secret(loader: _Loader, node: yaml.Node) -> Secret:
    if isinstance(node, yaml.SequenceNode):
        return Secret(loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.ScalarNode)
    return Secret(loader.construct_scalar(node))


def _output(loader: _Loader, node: yaml.Node) -> Output:
    assert isinstance(node, yaml.ScalarNode)
    resource, _, path = loader.construct_scalar(node).partition(".")
    assert path, f"!output {resource}: needs a property, such as {resource}.id"
    return Output(resource, path)


_Loader.add_constructor("!unknown", lambda loader, node: UNKNOWN)
_Loader.add_constructor("!secret", _secret)
_Loader.add_constructor("!output", _output)


def load(path: Path) -> dict[str, Any]:
    """A file with these tags."""
    content = yaml.load(path.read_text(encoding="utf-8"), _Loader) or {}  # noqa: TID251  # a SafeLoader
    assert isinstance(content, dict), f"{path.name} is no mapping"
    return content


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
    def is_malformed(self) -> bool:
        """Whether its inputs are wrong on purpose."""
        return bool(self.data.get("malformed"))

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """The resource, or those of the stack, as the file has them."""
        if "stack" in self.data:
            return list(self.data["stack"])
        assert "outputs" not in self.data, f"{self}: only a whole stack has outputs"
        return [{"name": NAME, **{key: self.data[key] for key in self.data if key not in _CASE_KEYS}}]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The same as the host has them."""
        return resources_of(self.entries, with_outputs="stack" in self.data)

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
        declared = resources_of(self.entries, with_outputs=False)
        return [each for resource in declared for each in judge.resource(resource)]


def cases() -> Iterator[Case]:
    """All cases of all files."""
    for path in sorted(FOLDER.glob("*.yml")):
        for control_id, kinds in load(path).items():
            unknown = set(kinds) - set(VERDICTS)
            assert not unknown, f"{path.name}: {control_id} has {unknown}; allowed: {sorted(VERDICTS)}"
            for kind, entries in kinds.items():
                for number, entry in enumerate(entries):
                    yield Case(control_id, kind, number, entry)


def unknown_output(output: Output) -> Any:
    """What a preview of the first deployment knows of an output."""
    return UNKNOWN


def resources_of(
    entries: Iterable[Mapping[str, Any]],
    *,
    with_outputs: bool,
    value_of: Callable[[Output], Any] = unknown_output,
) -> tuple[Resource, ...]:
    """The resources of a stack, with inputs only, or completed by outputs.

    Args:
        entries: Each with `type`, `name`, `properties`, `options`, `outputs`, `sources`.
        with_outputs: As controls of a stack see them.
        value_of: The value of an `!output`.
    """
    entries = list(entries)
    urns = {_name(entry): _urn(entry["type"], _name(entry)) for entry in entries}
    assert len(urns) == len(entries), f"two resources have one name: {[_name(each) for each in entries]}"
    return tuple(resource_of(entry, urns, with_outputs=with_outputs, value_of=value_of) for entry in entries)


def resource_of(
    entry: Mapping[str, Any],
    urns: Mapping[str, str] | None = None,
    *,
    with_outputs: bool = True,
    value_of: Callable[[Output], Any] = unknown_output,
) -> Resource:
    """The resource that an entry describes. `urns`: those of its stack, by name, for `!output`."""
    wrong = set(entry) - _KEYS
    assert not wrong, f"{_name(entry)}: {wrong} is no key of a resource; allowed: {sorted(_KEYS)}"
    declared = entry.get("properties") or {}
    outputs = entry.get("outputs", {}) if with_outputs else {}
    options = dict(entry.get("options", {}))
    if "ignore_changes" in options:
        options["ignore_changes"] = tuple(options["ignore_changes"])
    sources = {
        key: [_urn(*each.rsplit("/", 1)) for each in names] for key, names in entry.get("sources", {}).items()
    }
    for key, value in declared.items():
        found = [(urns or {})[each.resource] for each in outputs_in(value)]
        sources[key] = [*sources.get(key, ()), *found]
    return Resource(
        type=entry["type"],
        urn=_urn(entry["type"], _name(entry)),
        properties=completed(_resolved(declared, value_of), _resolved(outputs, value_of)),
        is_azure=not entry["type"].startswith(_OTHERS),
        options=Options(**options),
        sources={key: tuple(dict.fromkeys(found)) for key, found in sources.items() if found},
    )


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name", NAME))


def outputs_in(value: Any) -> Iterator[Output]:
    """Every `!output` in a value."""
    if isinstance(value, Output):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from outputs_in(item)


def _resolved(value: Any, value_of: Callable[[Output], Any]) -> Any:
    if isinstance(value, Output):
        return value_of(value)
    if isinstance(value, Mapping):
        return {key: _resolved(item, value_of) for key, item in value.items()}
    return [_resolved(item, value_of) for item in value] if isinstance(value, list) else value


def _urn(type_name: str, name: str) -> str:
    return f"urn:pulumi:prod::platform::azure-native:{type_name}::{name}"
