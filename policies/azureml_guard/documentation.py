"""Writes docs/policies.md and docs/policies.schema.json from the catalogue and the levels of config/.

`PYTHONPATH=policies python -m azureml_guard.documentation`
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pulumi_policy import EnforcementLevel as Level

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.configuration import LEVEL_KEY, read, schema_of
from azureml_guard.control import Concern, Control, ResourceControl

_PACK: Final = Path(__file__).resolve().parent.parent
CONFIG: Final = _PACK / "config"
SCHEMA_FILE: Final = _PACK.parent / "docs" / "policies.schema.json"
DOCUMENT_FILE: Final = _PACK.parent / "docs" / "policies.md"
ENVIRONMENTS: Final = ("dev", "staging", "prod")
_HEADINGS: Final = {
    Concern.NETWORK: "Network",
    Concern.IDENTITY: "Identity",
    Concern.RBAC: "Role assignments",
    Concern.DATA: "Data",
    Concern.PROTECTION: "Protection",
    Concern.COST: "Cost",
    Concern.TAGS: "Tags",
    Concern.NAMES: "Names",
    Concern.ASSETS: "Assets",
    Concern.PACK: "The judging itself",
}
_INTRODUCTION: Final = """\
# Policies

What an Azure Machine Learning platform must never do, checked on every preview and again in every update:

```sh
pulumi preview --policy-pack policies
```

`make preview` and `make up` do that.

## Verdicts

| verdict | means | stops |
|---|---|---|
| pass | the control holds | no |
| fail | it does not | if the control is mandatory |
| not evaluated | it hangs on a value known only after the update | if it and AML-PCK-001 are mandatory |
| waived | an exemption lets it through | no |

Whatever is not a pass is listed, with the property, the reason and the mend. Values are never shown. What
could not be judged in the preview is judged again in the update, before the resource is changed; rules about
the whole stack are judged in the preview that `pulumi up` begins with, so leave out `--skip-preview`, except
with the `--plan` of a preview that the pack has passed. A control that fails itself counts as not evaluated:
the type of its error is named, and the other controls judge on.

## Levels, settings, exemptions

`policies/config/` has a file for each environment. A stack takes the file that its name begins with (`prod`,
`prod-eu`; `ephemeral-7` takes that of dev); any other stack is judged like prod. `--policy-pack-config FILE`,
with content like theirs, changes what FILE names and leaves the rest as it is.

```json
{
  "AML-CST-001": "advisory",
  "AML-NET-001": {
    "enforcementLevel": "mandatory",
    "exemptions": [
      {
        "resource": "workspace-workspace",
        "reason": "public until the private link is approved, change 4711",
        "owner": "ml-platform-team",
        "expires": "2026-12-31"
      }
    ]
  }
}
```

Levels are Pulumi's: `advisory`, `mandatory`, `remediate` (mends by itself, where the table says so) and
`disabled`. An exemption names a resource as the output does (`*` matches anything), lasts 90 days at most, is
printed with every preview, and fails when its last day has passed. With `"verdict": "not evaluated"` it lets
through what cannot be judged yet, and nothing else. `docs/policies.schema.json` is the JSON Schema of these
files.

## In another project

The pack works on any Pulumi program that uses azure-native, in whatever language. It is `policies/` alone:

```sh
cp -r policies ../churn/ && cd ../churn/policies
pulumi install                            # makes the .venv beside the copy, or completes it
cd ../infra                               # where churn has its Pulumi.yaml
echo '{"all": "advisory"}' > /tmp/look.json
pulumi preview --policy-pack ../policies --policy-pack-config /tmp/look.json    # stops nothing
pulumi preview --policy-pack ../policies
```

Then say in `config/` what is yours: regions (AML-DAT-010), sizes (AML-CST-004), tags (AML-TAG-001), outbound
destinations (AML-NET-003), registries of images (AML-MLA-003). Controls of types that the program does not
use say nothing.

## Controls

AML-PRO-002, about deleting what holds data, is missing here: no policy pack ever sees a deletion. `protect`
(AML-PRO-001) stops it.
"""


def document() -> str:
    """The page."""
    levels = {environment: _levels(environment) for environment in ENVIRONMENTS}
    lines = [_INTRODUCTION]
    for concern in Concern:
        controls = [control for control in CATALOGUE if control.concern is concern]
        if controls:
            lines.append(f"### {_HEADINGS[concern]}\n")
            lines.append("| id | holds | severity | " + " | ".join(ENVIRONMENTS) + " |")
            lines.append("|---|---|---|" + "---|" * len(ENVIRONMENTS))
            for control in controls:
                own = [levels[environment][control.id] for environment in ENVIRONMENTS]
                link = f"[{control.id}](#{control.id.lower()})"
                lines.append(f"| {' | '.join((link, control.title, control.severity.value, *own))} |")
            lines.append("")
    lines.append("## Each control\n")
    for control in CATALOGUE:
        lines += _described(control)
    return "\n".join(lines).rstrip() + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema of a file of config/."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Levels, settings and exemptions of the policy pack",
        "type": "object",
        "additionalProperties": False,
        "properties": {control.id: _control_schema(control) for control in CATALOGUE},
    }


def _control_schema(control: Control) -> dict[str, Any]:
    levels = [
        level.value
        for level in Level
        if level is not Level.REMEDIATE or (isinstance(control, ResourceControl) and control.remedy)
    ]
    level = {"enum": levels, "description": control.why}
    whole = {
        "type": "object",
        "additionalProperties": False,
        "properties": {LEVEL_KEY: level, **schema_of(control)},
    }
    return {"description": control.title, "anyOf": [level, whole]}


def _levels(environment: str) -> Mapping[str, str]:
    given = read(CONFIG / f"{environment}.json")
    return {
        control.id: given.get(control.id, {}).get(LEVEL_KEY, Level.MANDATORY.value) for control in CATALOGUE
    }


def _described(control: Control) -> Iterator[str]:
    yield f"### {control.id}\n"
    mends = " It mends itself at level `remediate`." if getattr(control, "remedy", None) else ""
    yield f"{control.title}. {control.why} {control.mend}{mends}\n".replace("*", "\\*")
    if control.types:
        yield f"- looks at: {_listed(control.types)}"
    for name, setting in control.settings.items():
        default = json.dumps(setting.schema.get("default"))
        shown = default if len(default) <= 80 else f"{default[:77]}..."  # fits a line
        yield f"- setting `{name}`: {setting.description} Default: `{shown}`"
    yield from _references(control)
    yield ""


def _references(control: Control) -> Iterator[str]:
    references = control.references
    if references.azure_policy:
        yield f"- Azure Policy: {'; '.join(references.azure_policy)}"
    if references.benchmark:
        yield f"- Microsoft cloud security benchmark: {', '.join(references.benchmark)}"
    if references.cis:
        yield f"- CIS Microsoft Azure Foundations Benchmark 2.0: {', '.join(references.cis)}"
    if references.others:
        yield f"- alike: {', '.join(references.others)}"
    if references.url:
        yield f"- [documentation]({references.url})"


def _listed(types: Sequence[str]) -> str:
    return "every Azure resource" if types == ("*",) else ", ".join(f"`{each}`" for each in types)


def main() -> None:
    """Write both files."""
    SCHEMA_FILE.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    DOCUMENT_FILE.write_text(document(), encoding="utf-8")
    print(f"wrote {SCHEMA_FILE.name} and {DOCUMENT_FILE.name}")


if __name__ == "__main__":
    main()
