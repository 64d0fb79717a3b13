"""Compiles one module of `pulumi_azure_native` into schemas, from its source text.

What the package says and what is taken from it:

* `FooArgs.__init__` (`FooInitArgs` where an input type has that name): which inputs are required;
* `@pulumi.getter(name=...)`: Pulumi's property names;
* annotations: primitive types, nested types in `_inputs.py` / `outputs.py`, enums in `_enums.py`;
* `pulumi.set(__self__, "compute_type", 'AmlCompute')`: discriminator constants;
* the class docstring: the API version in use and the other ones that Azure has.

Enums are almost always declared open (`Union[str, Enum]`) because the generator keeps
Azure's `modelAsString`. Azure itself refuses values that it does not know, so a value
outside the list is an error here as well.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.schemas.nodes import ObjectType, TypeNode, snake
from sandbox.schemas.python_source import PythonSource, enum_values, methods, string_value

_PRIMITIVES = {"str": "string", "bool": "boolean", "int": "integer", "float": "number", "Any": "any"}
_VERSION = re.compile(r"Uses Azure REST API version ([\w.-]+?)\.(?:\s|$)")
_OTHERS = re.compile(r"Other available API versions: ([^.]*)\.")


@dataclass
class CompiledModule:
    """All resources of one module, by class name, and the types that they refer to.

    A resource is {"inputs": NAME, "outputs": NAME, "version": ..., "versions": [...]}.
    """

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    types: dict[str, ObjectType] = field(default_factory=dict)


def compile_module(package: Path, module: str) -> CompiledModule:
    """Compiles `package/module`. FileNotFoundError when the package has no such module."""
    if not (package / module / "__init__.py").is_file():
        raise FileNotFoundError(f"pulumi_azure_native has no module {module!r}")
    return _Compiler(package, module).run()


class _Compiler:
    def __init__(self, package: Path, module: str) -> None:
        self.folder = package / module
        self.inputs = PythonSource(self.folder / "_inputs.py")
        self.outputs = PythonSource(self.folder / "outputs.py")
        self.enums = PythonSource(self.folder / "_enums.py")
        self.out = CompiledModule()
        self._enum_nodes: dict[str, TypeNode] = {}

    def run(self) -> CompiledModule:
        for path in sorted(self.folder.glob("*.py")):
            if not path.name.startswith(("_", "get_", "list_")) and path.name != "outputs.py":
                self._resource(PythonSource(path))
        return self.out

    def _resource(self, source: PythonSource) -> None:
        custom = [
            name for name in source.class_names if "(pulumi.CustomResource)" in source.segment(name)[:200]
        ]
        if not custom:
            return
        name = custom[0]
        args = next(n for n in (f"{name}InitArgs", f"{name}Args") if n in source)
        inputs_name, outputs_name = f"{name}/inputs", f"{name}/outputs"
        self.out.types[inputs_name] = self._object(source.class_def(args), required_from_init=True)
        self.out.types[outputs_name] = self._object(source.class_def(name), required_from_init=False)
        text = source.segment(name)
        version = _VERSION.search(text)
        others = _OTHERS.search(text)
        versions = [part.strip() for part in others[1].split(",")] if others else []
        if version:
            versions.append(version[1])
        self.out.resources[name] = {
            "inputs": inputs_name,
            "outputs": outputs_name,
            "version": version[1] if version else "",
            "versions": sorted(set(versions)),
        }

    def _object(self, node: ast.ClassDef, *, required_from_init: bool) -> ObjectType:
        properties: dict[str, TypeNode] = {}
        renamed: dict[str, str] = {}
        names: dict[str, str] = {}
        for method in methods(node):
            getter = _getter_name(method)
            if getter is None:
                continue
            wire = getter or method.name
            names[method.name] = wire
            properties[wire] = self._type(method.returns)
            if snake(wire) != method.name:
                renamed[wire] = method.name
        found: ObjectType = {"properties": properties}
        init = next((m for m in methods(node) if m.name == "__init__" and not m.args.vararg), None)
        if required_from_init and init is not None:
            required = [
                names[arg.arg]
                for arg, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
                if default is None and arg.arg in names
            ]
            if required:
                found["required"] = required
            constants = _constants(init, names)
            if constants:
                found["constants"] = constants
        if renamed:
            found["python"] = renamed
        return found

    def _reference(self, name: str) -> TypeNode:
        """A type named in an annotation: an input type, an output type or an enum."""
        local = name.rsplit(".", 1)[-1]
        source = self.outputs if name.startswith("outputs.") else self.inputs
        if local in self.enums and source is self.inputs:
            if local not in self._enum_nodes:
                self._enum_nodes[local] = {"enum": enum_values(self.enums.class_def(local))}
            return self._enum_nodes[local]
        if local not in source:
            return "any"
        if local not in self.out.types:
            self.out.types[local] = {"properties": {}}  # breaks cycles
            self.out.types[local].update(self._object(source.class_def(local), required_from_init=True))
        return {"ref": local}

    def _type(self, node: ast.AST | None) -> TypeNode:
        text = string_value(node)
        if text is not None:
            return self._reference(text)
        if isinstance(node, ast.Attribute):  # _builtins.str, pulumi.Archive
            return _PRIMITIVES.get(node.attr, "any")
        if isinstance(node, ast.Name):
            return _PRIMITIVES.get(node.id, "any")
        if isinstance(node, ast.Subscript):
            return self._generic(node)
        return "any"

    def _generic(self, node: ast.Subscript) -> TypeNode:
        name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in ("Input", "Output", "Optional", "InputType"):
            return self._type(arguments[0])
        if name == "Sequence":
            return {"array": self._type(arguments[0])}
        if name == "Mapping":
            return {"map": self._type(arguments[1])}
        if name == "Union":
            return self._union([self._type(argument) for argument in arguments])
        return "any"

    def _union(self, members: list[TypeNode]) -> TypeNode:
        enums = [member for member in members if isinstance(member, dict) and "enum" in member]
        if len(enums) == 1 and set(map(str, members)) <= {"string", str(enums[0])}:
            return enums[0]
        references = [member["ref"] for member in members if isinstance(member, dict) and "ref" in member]
        if len(references) == len(members):
            for property_name in self.out.types[references[0]].get("constants", {}):
                values = [self.out.types[ref].get("constants", {}).get(property_name) for ref in references]
                if all(values) and len(set(values)) == len(values):
                    return {
                        "by": property_name,
                        "variants": dict(zip(map(str, values), references, strict=True)),
                    }
        return {"any_of": members}


def _getter_name(method: ast.FunctionDef) -> str | None:
    """The name in `@pulumi.getter(name=...)`, "" for a bare `@pulumi.getter`, None for no getter."""
    for decorator in method.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        if isinstance(target, ast.Attribute) and target.attr == "getter":
            keywords = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
            return string_value(keywords.get("name")) or ""
    return None


def _constants(init: ast.FunctionDef, names: dict[str, str]) -> dict[str, str]:
    """Discriminators: `pulumi.set(__self__, "x", 'Value')` at the top level of `__init__`."""
    constants: dict[str, str] = {}
    for statement in init.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if isinstance(call.func, ast.Attribute) and call.func.attr == "set" and len(call.args) == 3:
                attribute, value = string_value(call.args[1]), string_value(call.args[2])
                if attribute in names and value is not None:
                    constants[names[attribute]] = value
    return constants
