"""What a reader sees of a judgement: the catalogue's words and property paths, never a value.

The engine hands policies every secret in clear text, so that a value in a message would be a leak.
"""

from __future__ import annotations

from typing import Final

from pulumi_policy import EnforcementLevel as Level

from azureml_guard.control import ResourceControl
from azureml_guard.facts import Finding, Verdict
from azureml_guard.judge import Judgement
from azureml_guard.pack_controls import NOT_EVALUATED

_REPORT: Final = (
    "This is a mistake of the policy pack: report it with these lines. Until it is mended, exempt the "
    "resource with the verdict 'not evaluated', or disable the control."
)


def message_of(judgement: Judgement) -> str:
    """Some lines: the title, what is wrong by property, how to mend it, and why."""
    control, verdict = judgement.control, judgement.verdict
    lines = [control.title]
    lines += dict.fromkeys(f"{verdict.value} · {_found(finding)}" for finding in judgement.findings)
    if exemption := judgement.exemption:
        until = f"until {exemption.expires} by {exemption.owner}"
        lines.append(f"Exempted {until}: {exemption.reason}")
        return "\n".join(lines)
    if any(finding.error for finding in judgement.findings):
        return "\n".join([*lines, f"Mend: {_REPORT}"])
    if judgement.level is not Level.MANDATORY:  # advice is many lines already; docs/policies.md has the why
        return "\n".join([*lines, f"Mend: {control.mend}"])
    if verdict is Verdict.NOT_EVALUATED:
        lines.append(_not_judged(judgement))
    return "\n".join([*lines, f"Mend: {control.mend}", f"Why: {control.why}"])


def _found(finding: Finding) -> str:
    if finding.error:
        return f"the control itself failed: {finding.error}"
    return f"{finding.path} {finding.expectation}".strip()


def _not_judged(judgement: Judgement) -> str:
    """When it will be judged, and what to do until then. A missing setting has been named already."""
    stops = f"It stops the update by {NOT_EVALUATED.id}"
    if not judgement.urn:
        why = "it hangs on a setting that is not given, or on values known only after the update"
        return f"Not judged: {why}. {stops}."
    if isinstance(judgement.control, ResourceControl):
        text = "Not judged yet: known only in the update, and judged again before the resource is changed."
    else:
        text = "Not judged: it hangs on values known only after the update."
    return f"{text} {stops}: {NOT_EVALUATED.mend}"
