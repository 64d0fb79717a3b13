"""Resource options of the components' children: made here, never merged from the component's own.

A component's own options (aliases, ignore_changes, ...) are about the component; merged into
its children they would land on each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from infra.settings.sections import ProtectionSettings


def child_options(
    parent: pulumi.ComponentResource,
    *,
    protection: ProtectionSettings | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
    ignore_changes: Sequence[str] = (),
    replace_on_changes: Sequence[str] = (),
    hooks: pulumi.ResourceHookBinding | None = None,
    custom_timeouts: pulumi.CustomTimeouts | None = None,
) -> pulumi.ResourceOptions:
    """Options of a child of `parent`.

    `protection` is given for stateful resources only: those whose loss loses data. With
    `replace_on_changes` the old resource goes first, since its fixed name is taken until then.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protection.protect if protection else None,
        retain_on_delete=protection.retain_on_delete if protection else None,
        depends_on=list(depends_on),
        ignore_changes=list(ignore_changes),
        replace_on_changes=list(replace_on_changes),
        delete_before_replace=True if replace_on_changes else None,
        hooks=hooks,
        custom_timeouts=custom_timeouts,
    )
