"""Controls of the judging itself: what could not be judged, and exemptions that should be gone.

They have no check, for the judge itself applies them. Their levels say whether the preview stops.
"""

from __future__ import annotations

from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Control

NOT_EVALUATED: Final = Control(
    concern=Concern.PACK,
    number=1,
    title="Every mandatory control could be judged",
    why="A value that is known only after the update can hide anything, and Pulumi by itself lets it pass.",
    mend=(
        "Make the value known in the preview, or exempt the resource with the verdict 'not evaluated': "
        "it is judged again before it is changed."
    ),
    severity=Severity.HIGH,
    types=(),
)
EXPIRED: Final = Control(
    concern=Concern.PACK,
    number=2,
    title="No exemption has expired",
    why="An exemption was granted until a day; after it the risk is nobody's decision any more.",
    mend="Mend the resource and remove the exemption, or have it granted again with a new day.",
    severity=Severity.HIGH,
    types=(),
)
UNUSED: Final = Control(
    concern=Concern.PACK,
    number=3,
    title="Every exemption is needed",
    why="An exemption that nothing needs today lets something through tomorrow.",
    mend="Remove it.",
    severity=Severity.LOW,
    types=(),
)
CONTROLS: Final[tuple[Control, ...]] = (NOT_EVALUATED, EXPIRED, UNUSED)
