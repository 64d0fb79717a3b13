"""What a reader sees of a judgement: the catalogue's words and property paths, never a value.

The engine hands policies every secret in clear text, so that a value in a message would be a leak.
"""

from __future__ import annotations

from azureml_guard.facts import Verdict
from azureml_guard.judge import Judgement


def message_of(judgement: Judgement) -> str:
    """Some lines: the title, what is wrong by property, why, and how to mend it."""
    control, verdict = judgement.control, judgement.verdict
    lines = [control.title]
    expectations = dict.fromkeys(
        f"{verdict.value} · {finding.path} {finding.expectation}".replace("  ", " ")
        for finding in judgement.findings
    )
    lines += expectations
    if exemption := judgement.exemption:
        until = f"until {exemption.expires} by {exemption.owner}"
        lines.append(f"Exempted {until}: {exemption.reason}")
        return "\n".join(lines)
    if verdict is Verdict.NOT_EVALUATED:
        lines.append(
            "Not judged: it hangs on a value known only after the update, or on a setting that is not given."
        )
    lines += [f"Why: {control.why}", f"Mend: {control.mend}"]
    return "\n".join(lines)
