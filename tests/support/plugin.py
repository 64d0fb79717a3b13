"""The assets plugin in the test's process: what the engine would ask, with files of the test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from azureml_assets.credentials import credential
from azureml_assets.kinds import PACKAGE, Target
from azureml_assets.provider import AssetProvider
from resource_provider import provider as api

SCHEMA = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
JsonObject = dict[str, Any]
_RESULTS: Final = frozenset({"id", "name", "reference", "state"})  # what outputs have beside the inputs


class PluginError(AssertionError):
    """Check refused; `reasons` says why, `properties` which inputs the engine is told to print."""

    def __init__(self, failures: list[api.CheckFailure]) -> None:
        super().__init__("\n".join(f"{each.property}: {each.reason}" for each in failures))
        self.reasons = [each.reason for each in failures]
        self.properties = [each.property for each in failures]


class RecordedLog:
    """What the user reads beside the resources."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    async def debug(self, message: str, urn: str = "") -> None:
        self.lines.append(("debug", message))

    async def info(self, message: str, urn: str = "") -> None:
        self.lines.append(("info", message))

    async def warning(self, message: str, urn: str = "") -> None:
        self.lines.append(("warning", message))

    async def status(self, message: str, urn: str = "") -> None:
        self.lines.append(("status", message))


class Plugin:
    """The provider with a project folder and a target; each method is what one `up` does to one resource."""

    def __init__(
        self, provider: AssetProvider, root: Path, target: Target, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.provider = provider
        self.log = provider.log = RecordedLog()
        self.root = root
        self.target = target
        self._loop = loop

    def file(self, path: str, text: str) -> str:
        """A file of the project; its path relative to the project."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        return path

    def document(self, path: str, schema: str, /, **data: Any) -> JsonObject:
        """A catalogue file, and the inputs that the program makes of it."""
        self.file(path, yaml.safe_dump({"$schema": SCHEMA.format(schema), **data}, sort_keys=False))
        return {"file": path, "spec": data, "target": self.target.as_input()}

    def told(self, *documents: JsonObject, check: bool = False) -> list[JsonObject]:
        """What the plugin answers to the documents of a stack, each as `ml_assets.announcement` has it."""
        arguments = {"documents": json.dumps(documents), "check": check}
        found: list[JsonObject] = self._run(
            self.provider.invoke(f"{PACKAGE}:index:documents", arguments, preview=True)
        ).result["mistakes"]
        return found

    def check(self, type: str, inputs: JsonObject, old: JsonObject | None = None) -> JsonObject:
        """Checked inputs; PluginError with all failures."""
        request = api.Check(resource=self._resource(type), old_inputs=old or {}, inputs=inputs, seed=b"")
        checked = self._run(self.provider.check(request))
        if checked.failures:
            raise PluginError(list(checked.failures))
        return dict(checked.inputs)

    def preview(self, type: str, inputs: JsonObject) -> JsonObject:
        """Outputs of a creation that only is previewed; `inputs` are checked ones."""
        return self._create(type, inputs, preview=True).outputs

    def create(self, type: str, inputs: JsonObject) -> api.Created:
        """Check and create."""
        return self._create(type, self.check(type, inputs), preview=False)

    def diff(self, type: str, old: JsonObject, new: JsonObject) -> dict[str, bool]:
        """Changed properties of checked inputs, and whether each replaces the resource."""
        return {change.dotted: change.replaces for change in self._difference(type, old, new).changes}

    def deletes_first(self, type: str, old: JsonObject, new: JsonObject) -> bool:
        """Whether a replacement removes the old resource before it makes the new one."""
        return self._difference(type, old, new).delete_before_replace

    def update(self, type: str, made: api.Created, inputs: JsonObject) -> JsonObject:
        """The outputs after an update in place; `inputs` are checked ones."""
        request = api.Update(
            resource=self._resource(type, made.id),
            old_inputs={key: value for key, value in made.outputs.items() if key not in _RESULTS},
            old_outputs=made.outputs,
            inputs=inputs,
            timeout=0,
            preview=False,
        )
        return dict(self._run(self.provider.update(request)))

    def read(self, type: str, id: str, made: Mapping[str, Any] | None = None) -> api.ReadResult:
        """A refresh of what was made, or an import."""
        inputs = (
            {key: made[key] for key in made if key not in {"id", "state", "name", "reference"}}
            if made
            else {}
        )
        request = api.Read(resource=self._resource(type, id), inputs=inputs, outputs=dict(made or {}))
        result: api.ReadResult = self._run(self.provider.read(request))
        return result

    def delete(self, type: str, id: str, inputs: JsonObject) -> None:
        """A deletion."""
        resource = self._resource(type, id)
        self._run(self.provider.delete(api.Delete(resource=resource, inputs=inputs, outputs={}, timeout=0)))

    def _create(self, type: str, inputs: JsonObject, *, preview: bool) -> api.Created:
        request = api.Create(resource=self._resource(type), inputs=inputs, timeout=0, preview=preview)
        created: api.Created = self._run(self.provider.create(request))
        return created

    def _difference(self, type: str, old: JsonObject, new: JsonObject) -> api.Difference:
        request = api.Diff(resource=self._resource(type, "x"), old_inputs=old, old_outputs={}, inputs=new)
        difference: api.Difference = self._run(self.provider.diff(request))
        return difference

    def _resource(self, type: str, id: str = "") -> api.Resource:
        return api.Resource(urn=f"urn:{type}", token=f"{PACKAGE}:index:{type}", name="x", id=id)

    def _run(self, operation: Any) -> Any:
        return self._loop.run_until_complete(operation)


@contextmanager
def running_plugin(root: Path, target: Target) -> Iterator[Plugin]:
    """A plugin that is started and stopped, in the sandbox that the process is in."""
    credential.cache_clear()  # another sandbox, another identity
    loop = asyncio.new_event_loop()
    provider = AssetProvider(root)
    loop.run_until_complete(provider.start())
    try:
        plugin = Plugin(provider, root, target, loop)
        plugin.told()  # of nothing: else it would wait to hear of other documents before it refuses one
        yield plugin
    finally:
        loop.run_until_complete(provider.stop())
        loop.close()
