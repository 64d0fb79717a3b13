"""The provider: what the engine asks, answered for each type of asset.

check   offline: resolved version, content of local files, and every mistake with file and line;
diff    by version for assets with versions, property by property for the others;
create  adopts what is there already, or registers it; nothing is sent in a preview.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from azureml_assets import content as contents
from azureml_assets import named_calls, secrets, takeover
from azureml_assets.asset import Asset
from azureml_assets.codes import Codes
from azureml_assets.content import Content
from azureml_assets.credentials import ManagementCredentials
from azureml_assets.files import unreadable
from azureml_assets.fixed import changed_for_good, is_replaced
from azureml_assets.judge import Described, Judge
from azureml_assets.kinds import PACKAGE, AssetType, Target, identity_of, reference, resource_id, type_of
from azureml_assets.named import Named
from azureml_assets.patience import Patience
from azureml_assets.registration import Registration
from azureml_assets.sdk_process import SdkProcess
from azureml_assets.uploads import Uploads
from azureml_assets.versions import changed_under_one_version
from resource_provider import provider as api
from resource_provider.arm_client import MANAGEMENT, ArmClient
from resource_provider.diff import PropertyChange, detailed_diff
from resource_provider.http import Http
from resource_provider.values import UNKNOWN, PropertyPath, conceal, contains_unknown, reveal, secret_paths

VERSION: Final = "1.0.0"
DOCUMENTS: Final = f"{PACKAGE}:index:documents"
_COMPUTED: Final = ("version", "contentHash", "content")
_NEVER_SENT: Final = frozenset({"file", "whenReplaced", "mustExist"})  # what only this plugin goes by


class AssetProvider(api.ResourceProvider):
    """Assets of Azure Machine Learning as Pulumi resources."""

    name = PACKAGE
    version = VERSION

    def __init__(self, root: Path) -> None:
        """`root`: the project's folder, which `file` is relative to."""
        self._root = root

    async def start(self) -> None:
        """Opens the connection pool; proxy and certificates come from the environment."""
        self._http = Http()
        self._sdk = SdkProcess()
        self._judge = Judge(self._root, self._sdk)
        self._arm = ArmClient(self._http, MANAGEMENT, ManagementCredentials(self._sdk))
        self._uploads = Uploads(self._arm, self._sdk)
        self._patience = Patience(self._arm.cancelled)
        codes = Codes(self._arm, self._uploads)  # one: a component and a deployment may run the same code
        self._versions = Registration(self._sdk, self._arm, codes, self._uploads)
        self._named = Named(self._sdk, codes, self._uploads)

    async def stop(self) -> None:
        """Closes connections and threads."""
        await self._sdk.close()
        await self._http.close()

    async def cancel(self) -> None:
        """Ends waits and retries; what was registered stays registered."""
        self._arm.cancelled.set()
        await self._sdk.tell(named_calls.stop)

    async def check(self, request: api.Check) -> api.Checked:
        """Fills in version and content; loads and checks the document unless nothing has changed."""
        asset = type_of(request.resource.token)
        if not request.inputs.get("file"):  # imported: the program's file comes with the next update
            return api.Checked(request.inputs)
        inputs = {key: value for key, value in request.inputs.items() if key not in _COMPUTED}
        spec, file = inputs["spec"], self._root / str(inputs["file"])
        plain = reveal(spec)
        content = await asyncio.to_thread(contents.read, asset.kind, plain, file.parent, self._root)
        digest = contents.content_hash(asset.kind, plain, content)
        version = contents.version_of(asset.kind, plain, digest)
        inputs["spec"] = conceal(spec, {*secret_paths(spec), *secrets.paths_of(asset.kind, plain)})
        inputs["contentHash"], inputs["content"] = digest, dict(content.marks)
        if version is not None:
            inputs["version"] = version
        old = request.old_inputs
        if old and not content.missing and {**old, "target": None} == {**inputs, "target": None}:
            return api.Checked(inputs)
        described = Described(asset, str(inputs["file"]), inputs["spec"])
        mistakes, warnings = await self._judge.mistakes(described)
        for warning in warnings:
            await self.log.warning(str(warning), request.resource.urn)
        before, now = reveal(old), reveal(inputs)
        changes = [*changed_under_one_version(asset, before, now), *changed_for_good(asset, before, now)]
        if not mistakes and not changes:
            return api.Checked(inputs)
        return api.Checked(inputs, [await self._judge.failure(described, mistakes, changes)])

    async def invoke(self, token: str, arguments: api.Properties, *, preview: bool) -> api.Invoked:
        """`documents`: takes all documents of a stack, and looks at them at once where it is asked to."""
        if token != DOCUMENTS:
            return await super().invoke(token, arguments, preview=preview)
        self._judge.announce(json.loads(arguments["documents"]))
        found = await self._judge.all_mistakes() if arguments["check"] else []
        return api.Invoked({"mistakes": [asdict(each) for each in found]})

    async def diff(self, request: api.Diff) -> api.Difference:
        """Another name, version or target is another asset; the rest is updated in place."""
        asset = type_of(request.resource.token)
        old, new = reveal(request.old_inputs), reveal(request.inputs)
        if takeover.is_imported(old):
            found = await asyncio.to_thread(takeover.changes, asset, old, new, self._root)
        else:
            found = detailed_diff(old, new)
        changes = [change for change in found if change.path[0] not in request.ignore_changes]
        shown = [
            PropertyChange(change.path, change.kind, _replaces(asset, old, new, change))
            for change in changes
            if change.path[0] not in _NEVER_SENT
        ]
        replaced = any(change.replaces for change in shown)
        return api.Difference(
            changes=shown or changes,
            delete_before_replace=any(is_replaced(asset, change.path) for change in shown),
            stable=() if replaced else ("id",),
        )

    async def create(self, request: api.Create) -> api.Created:
        """In a preview what follows from the inputs, and whether what must be there already is."""
        asset, inputs = type_of(request.resource.token), reveal(request.inputs)
        hidden = secret_paths(request.inputs)
        must_exist = bool(inputs.get("mustExist"))
        if request.preview:
            if must_exist and not contains_unknown(inputs):
                await self._versions.taken(await self._asset(asset, inputs))
            return api.Created("", _concealed(_outputs(asset, inputs, UNKNOWN), hidden))
        thing = await self._asset(asset, inputs)

        async def create() -> dict[str, Any]:
            if asset.versioned:
                return await (self._versions.taken if must_exist else self._versions.create)(thing)
            return await self._named.create(thing, inputs)

        outputs = _outputs(asset, inputs, await self._written(request, create))
        return api.Created(str(outputs["id"]), _concealed(outputs, hidden))

    async def update(self, request: api.Update) -> api.Properties:
        """Writes the document again if Azure ML would see the change; brings an archived version back."""
        asset = type_of(request.resource.token)
        inputs, old = reveal(request.inputs), reveal(request.old_inputs)
        hidden = secret_paths(request.inputs)
        changed = {change.path[0] for change in detailed_diff(old, inputs)}
        if asset.versioned and changed and changed <= _NEVER_SENT:
            state = reveal(request.old_outputs)["state"]
            return _concealed(_outputs(asset, inputs, state), hidden)
        if request.preview:
            return _concealed(_outputs(asset, inputs, UNKNOWN), hidden)
        thing = await self._asset(asset, inputs)
        was_archived = bool(old.get("spec", {}).get("archived"))

        async def update() -> dict[str, Any]:
            if asset.versioned and takeover.is_imported(old) and not old.get("contentHash"):
                return await self._versions.take_over(thing)
            if asset.versioned:
                return await self._versions.update(thing, archived=was_archived)
            return await self._named.update(thing, inputs)

        return _concealed(_outputs(asset, inputs, await self._written(request, update)), hidden)

    async def read(self, request: api.Read) -> api.ReadResult:
        """Import, or refresh: what changed in Azure ML changes the inputs, so the next update mends it."""
        asset, its_id = type_of(request.resource.token), request.resource.id
        known = identity_of(asset, its_id)
        state, imported = None, {"file": "", "target": known.target.as_input()}
        if asset.versioned:
            found = await self._versions.read(asset, known.target, known.name, str(known.version))
            if found is not None:
                state, imported["version"] = found.state, str(known.version)
                if found.digest:
                    imported["contentHash"] = found.digest
        else:
            state = await self._named.read(asset, known)
        if state is None:
            return api.ReadResult()
        inputs, outputs = reveal(request.inputs), reveal(request.outputs)
        if not inputs:
            imported["spec"] = {key: value for key, value in state.items() if value not in ({}, [])}
            return api.ReadResult(its_id, imported, {**_outputs(asset, imported, state), "id": its_id})
        drifted, hidden = _carry_over(inputs, outputs.get("state") or {}, state), secret_paths(request.inputs)
        return api.ReadResult(
            its_id, _concealed(drifted, hidden), _concealed({**outputs, **drifted, "state": state}, hidden)
        )

    async def delete(self, request: api.Delete) -> None:
        """Removes what has no versions; a version stays, or is archived if the stack says so."""
        asset, known = (
            type_of(request.resource.token),
            identity_of(type_of(request.resource.token), request.resource.id),
        )
        if not asset.versioned:
            await self._named.delete(asset, known)
        elif reveal(request.inputs).get("whenReplaced") == "archive":
            await self._versions.archive(asset, known.target, known.name, str(known.version))

    async def _written(
        self, request: api.Create | api.Update, write: Callable[[], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """What a write leaves in Azure ML; what is half made goes to the state without secrets in clear."""
        try:
            return await self._patience.run(self.log, request.resource.urn, write)
        except api.InitializationError as half:
            hidden = secret_paths(request.inputs)
            half.outputs, half.inputs = _concealed(half.outputs, hidden), _concealed(half.inputs, hidden)
            raise
        except OSError as error:
            raise unreadable(error) from error

    async def _asset(self, asset: AssetType, inputs: Mapping[str, Any]) -> Asset:
        file = self._root / str(inputs["file"])
        spec = dict(inputs["spec"])
        spec.pop("archived", None)
        if asset.versioned:
            spec["version"] = inputs["version"]
        content: Content = await asyncio.to_thread(contents.read, asset.kind, spec, file.parent, self._root)
        if contents.content_hash(asset.kind, inputs["spec"], content) != inputs["contentHash"]:
            raise api.ProviderError(
                f"files of {inputs['file']} changed while the update was running; nothing of it was sent. "
                "Run the update again."
            )
        return Asset(asset, Target.of(inputs["target"]), spec, file, content, str(inputs["contentHash"]))


def _replaces(
    asset: AssetType, old: Mapping[str, Any], new: Mapping[str, Any], change: PropertyChange
) -> bool:
    if change.path[0] == "target":
        return bool(reveal(old.get("target")) != reveal(new.get("target")))
    if change.path in {("spec", "name"), ("spec", "endpoint_name"), ("version",)}:
        return True
    if is_replaced(asset, change.path):
        return True
    if change.path[0] == "contentHash":
        return asset.versioned and not _same_version(old, new)
    return False


def _same_version(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(new.get("version") is not UNKNOWN and old.get("version") == new.get("version"))


def _outputs(asset: AssetType, inputs: Mapping[str, Any], state: Any) -> dict[str, Any]:
    """The inputs, and what follows from them; UNKNOWN where a part of it is not known yet."""
    spec, version, target = inputs["spec"], inputs.get("version"), inputs["target"]
    # Only a job may be without a name; it is never sent, so that any will do.
    name = spec.get("name", Path(str(inputs["file"])).stem)
    outputs = {**inputs, "name": name, "state": state}
    if contains_unknown([target, name, version, spec.get("endpoint_name")]):
        in_workspace = isinstance(target, Mapping) and "registryName" not in target
        named = in_workspace and not contains_unknown([name, version])
        outputs["id"] = UNKNOWN
        outputs["reference"] = reference(asset, Target(), name, version) if named else UNKNOWN
        return outputs
    place = Target.of(target)
    parent = str(spec.get("endpoint_name") or "").removeprefix("azureml:")
    outputs["id"] = resource_id(asset, place, str(name), version, parent)
    outputs["reference"] = reference(asset, place, str(name), version)
    return outputs


def _concealed(values: Mapping[str, Any], hidden: Iterable[PropertyPath]) -> dict[str, Any]:
    """The values with Secrets where the inputs had them."""
    concealed: dict[str, Any] = conceal(dict(values), hidden)
    return concealed


def _carry_over(
    inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs as they would have been for what is there now: only what changed in Azure ML changes."""
    spec = dict(inputs["spec"])
    for key in {*before, *now}:
        if before.get(key) == now.get(key):
            continue
        if key in now:
            spec[key] = now[key]
        else:
            spec.pop(key, None)
    return {**inputs, "spec": spec}
