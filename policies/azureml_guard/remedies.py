"""Properties with some values set: what a remediation hands back to the engine.

It works on the message, so that secrets and unknown values beside the mended ones stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct

from azureml_guard.control import Path
from azureml_guard.values import SIGNATURE


def remedied(properties: Struct, values: Mapping[Path, Any]) -> Struct:
    """A copy of the properties with the values at their paths."""
    copy = Struct()
    copy.CopyFrom(properties)
    for path, value in values.items():
        *parents, last = path.split(".") if isinstance(path, str) else path
        here = copy
        for key in parents:
            here = here.fields[key].struct_value
            if SIGNATURE in here.fields:  # a secret: its value is what is mended
                here = here.fields["value"].struct_value
        here.update({last: value})
    return copy
