"""Controls applied: from resources to judgements, with levels and exemptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pulumi_policy import EnforcementLevel as Level

from azureml_guard.configuration import EXEMPTIONS_KEY, Configured
from azureml_guard.control import Context, Control, Path, ResourceControl, StackControl
from azureml_guard.exemptions import Exemption
from azureml_guard.facts import Finding, Resource, Stack, Verdict
from azureml_guard.pack_controls import EXPIRED, NOT_EVALUATED, UNUSED

EVERY_AZURE_TYPE: Final = "*"


@dataclass(frozen=True)
class Judgement:
    """What one control says of one resource, or of the stack where `urn` is empty.

    Attributes:
        findings: The requirements that have this verdict; for PASS all of them.
        level: ADVISORY or MANDATORY: whether it stops the preview.
        exemption: What waives it.
    """

    control: Control
    verdict: Verdict
    urn: str
    findings: tuple[Finding, ...]
    level: Level
    exemption: Exemption | None = None


class Judge:
    """The controls of a catalogue as one stack has configured them."""

    def __init__(
        self,
        catalogue: Sequence[Control],
        configuration: Mapping[str, Configured],
        environment: str,
        today: dt.date,
        root: str = "",
    ) -> None:
        """`root`: the name of the stack's own resource, by which findings about the whole are exempted."""
        self._configuration = configuration
        self._today = today
        self._root = root
        self._contexts = {
            control.id: Context(
                environment=environment, today=today, settings=configuration[control.id].settings
            )
            for control in catalogue
        }
        self._catalogue = tuple(catalogue)
        self._stack_controls = [c for c in self._active() if isinstance(c, StackControl)]
        self._by_type: dict[str, list[ResourceControl]] = {}
        for control in self._active():
            if isinstance(control, ResourceControl):
                for each in control.types:
                    self._by_type.setdefault(each, []).append(control)
        self._used: set[tuple[str, Exemption]] = set()
        #: Whether any control has the level `remediate`.
        self.mends = any(configuration[control.id].level is Level.REMEDIATE for control in catalogue)

    def applying(self, resource: Resource) -> list[ResourceControl]:
        """The controls that look at a resource of this type."""
        found = self._by_type.get(resource.type, [])
        return found + self._by_type.get(EVERY_AZURE_TYPE, []) if resource.is_azure else found

    def resource(self, resource: Resource) -> Iterator[Judgement]:
        """Judgements of one resource."""
        for control in self.applying(resource):
            yield from self._judged(control, self._findings(control, resource))

    def stack(self, stack: Stack) -> Iterator[Judgement]:
        """Judgements of the whole, and of the exemptions; after all resources have been judged."""
        for control in self._stack_controls:
            yield from self._judged(control, self._findings(control, stack))
        yield from self._about_exemptions()

    def remedies(self, resource: Resource) -> Iterator[tuple[ResourceControl, Mapping[Path, Any]]]:
        """Values to set by path, for what fails under a control of level `remediate`."""
        for control in self.applying(resource):
            if control.remedy is None or self._configuration[control.id].level is not Level.REMEDIATE:
                continue
            judgements = self._judged(control, self._findings(control, resource))
            if any(each.verdict is Verdict.FAIL for each in judgements):
                values: Mapping[Path, Any] = {}
                with suppress(Exception):  # what is not mended fails, and that is told
                    values = control.remedy(resource, self._contexts[control.id])
                if values:
                    yield control, values

    def _active(self) -> Iterator[Control]:
        for control in self._catalogue:
            if self._configuration[control.id].level is not Level.DISABLED:
                yield control

    def _findings(self, control: ResourceControl | StackControl, subject: Any) -> Iterator[Finding]:
        """What a control finds. Where it raises, that has to be told, and the rest is judged all the same."""
        try:
            yield from control.check(subject, self._contexts[control.id])
        except Exception as error:  # noqa: BLE001, a control may raise anything
            urn = subject.urn if isinstance(subject, Resource) else ""
            yield Finding(Verdict.NOT_EVALUATED, "", "", urn, error=type(error).__name__)

    def _judged(self, control: Control, findings: Iterable[Finding]) -> Iterator[Judgement]:
        by_urn: dict[str, dict[Verdict, list[Finding]]] = {}
        for finding in findings:
            by_urn.setdefault(finding.urn, {}).setdefault(finding.verdict, []).append(finding)
        for urn, by_verdict in by_urn.items():
            if set(by_verdict) == {Verdict.PASS}:
                yield Judgement(control, Verdict.PASS, urn, tuple(by_verdict[Verdict.PASS]), Level.ADVISORY)
            for verdict in (Verdict.FAIL, Verdict.NOT_EVALUATED):
                if found := by_verdict.get(verdict):
                    yield self._enforced(control, verdict, urn, tuple(found))

    def _enforced(
        self, control: Control, verdict: Verdict, urn: str, findings: tuple[Finding, ...]
    ) -> Judgement:
        configured = self._configuration[control.id]
        for exemption in configured.exemptions:
            if exemption.covers(urn or self._root, verdict, self._today):
                self._used.add((control.id, exemption))
                return Judgement(control, Verdict.WAIVED, urn, findings, Level.ADVISORY, exemption)
        level = Level.ADVISORY if configured.level is Level.ADVISORY else Level.MANDATORY
        if verdict is Verdict.NOT_EVALUATED and self._level_of(NOT_EVALUATED) is not Level.MANDATORY:
            level = Level.ADVISORY
        return Judgement(control, verdict, urn, findings, level)

    def _about_exemptions(self) -> Iterator[Judgement]:
        for control in self._catalogue:
            for exemption in self._configuration[control.id].exemptions:
                if exemption.expires < self._today:
                    about = EXPIRED
                elif (control.id, exemption) not in self._used:
                    about = UNUSED
                else:
                    continue
                if (level := self._level_of(about)) is not Level.DISABLED:
                    expectation = (
                        f"must go: {exemption.resource}, until {exemption.expires}, {exemption.owner}"
                    )
                    finding = Finding(Verdict.FAIL, f"{control.id}.{EXEMPTIONS_KEY}", expectation)
                    yield Judgement(about, Verdict.FAIL, "", (finding,), level)

    def _level_of(self, control: Control) -> Level:
        configured = self._configuration.get(control.id)
        return configured.level if configured else Level.MANDATORY
