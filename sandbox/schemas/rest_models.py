"""Compiles the request and response models of an Azure SDK package into schemas.

Two generators wrote those packages, and both styles are read:

* AutoRest (msrest): `_validation`, `_attribute_map` with dotted keys, `_subtype_map`;
* TypeSpec: `rest_field(name=, visibility=[...])`, `discriminator="..."` on the subclass.

`visibility=["read"]` and `readonly` make a property read-only, a visibility with
"create" but without "update" makes it create-only: Azure refuses to change it later.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from pathlib import Path

from sandbox.schemas.nodes import ObjectType, TypeNode, snake
from sandbox.schemas.python_source import PythonSource, enum_values, string_value

_SUBCLASS = re.compile(r"^class (\w+)\(\s*(\w+),\s*discriminator=\"([^\"]+)\"", re.MULTILINE)
_VARTYPE = re.compile(r":vartype (\w+): (.+?)(?=\n\s*:|\n\s*\"\"\")", re.DOTALL)
_UNESCAPED_DOT = re.compile(r"(?<!\\)\.")

_PRIMITIVES = {
    "str": "string", "bool": "boolean", "int": "integer", "float": "number", "bytes": "string",
    "datetime": "string", "timedelta": "string", "date": "string", "time": "string", "Decimal": "number",
}  # fmt: skip
_MSREST = {
    "str": "string", "bool": "boolean", "int": "integer", "long": "integer", "float": "number",
    "iso-8601": "string", "rfc-1123": "string", "duration": "string", "date": "string", "time": "string",
    "bytearray": "string", "base64": "string", "unix-time": "integer", "decimal": "number", "object": "any",
}  # fmt: skip


class RestModels:
    """The models folder of one package (or of one API version of it).

    `prefix` keeps the type names of several folders apart in one table.
    """

    def __init__(self, folder: Path, types: dict[str, ObjectType], prefix: str = "") -> None:
        new_style = folder / "_models_py3.py"
        self.models = PythonSource(new_style if new_style.is_file() else folder / "_models.py")
        enum_files = sorted(folder.glob("_*enums.py"))
        self.enums = PythonSource(enum_files[0]) if enum_files else None
        self.types = types
        self.prefix = prefix

    @property
    def enum_names(self) -> tuple[str, ...]:
        """The enum classes."""
        return self.enums.class_names if self.enums is not None else ()

    def reference(self, name: str) -> TypeNode:
        """The type of a model or enum class of that name; compiled on first use."""
        if self.enums is not None and name in self.enums:
            return {"enum": enum_values(self.enums.class_def(name))}
        if name not in self.models:
            return "any"
        key = self.prefix + name
        if key not in self.types:
            self.types[key] = {"properties": {}}  # breaks cycles
            self.types[key].update(self._object(name))
        return {"ref": key}

    def _object_name(self, name: str) -> str:
        """The key under which a model class is kept; compiled on first use."""
        self.reference(name)
        return self.prefix + name

    def _object(self, name: str) -> ObjectType:
        assigned = _class_assignments(self.models.class_def(name))
        if "_attribute_map" in assigned:
            return self._autorest(name, assigned)
        return self._typespec(name)

    # TypeSpec -----------------------------------------------------------------------------

    @cached_property
    def _subclasses(self) -> dict[str, list[tuple[str, str]]]:
        """Base class -> (discriminator value, subclass)."""
        found: dict[str, list[tuple[str, str]]] = {}
        for match in _SUBCLASS.finditer(self.models.text):
            found.setdefault(match[2], []).append((match[3], match[1]))
        return found

    def _typespec(self, name: str) -> ObjectType:
        node = self.models.class_def(name)
        result: ObjectType = {"properties": {}}
        for base in node.bases:
            base_name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            if base_name in self.models:
                inherited = self._typespec(base_name)
                _extend(result, inherited)
        discriminator = ""
        for item in node.body:
            if not (isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Call)):
                continue
            function = getattr(item.value.func, "id", "")
            if function in ("rest_field", "rest_discriminator") and isinstance(item.target, ast.Name):
                wire = self._field(result, item.target.id, item.annotation, item.value)
                if function == "rest_discriminator":
                    discriminator = wire
        variants = self._variants(name)
        if variants and discriminator:
            result["by"] = discriminator
            result["variants"] = variants
        return result

    def _field(self, result: ObjectType, attribute: str, annotation: ast.expr, call: ast.Call) -> str:
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        wire = string_value(keywords.get("name")) or attribute
        optional = isinstance(annotation, ast.Subscript) and getattr(annotation.value, "id", "") == "Optional"
        visibility_node = keywords.get("visibility")
        visibility = (
            [string_value(element) for element in visibility_node.elts]
            if isinstance(visibility_node, ast.List)
            else ["read", "create", "update"]
        )
        result["properties"][wire] = self._annotation(annotation)
        constant = self._literal(annotation)
        for key in ("required", "read_only", "create_only"):
            _discard(result, key, wire)
        if visibility == ["read"]:
            result.setdefault("read_only", []).append(wire)
        else:
            if not optional:
                result.setdefault("required", []).append(wire)
            if "create" in visibility and "update" not in visibility:
                result.setdefault("create_only", []).append(wire)
        if constant is not None:
            result.setdefault("constants", {})[wire] = constant
        if snake(wire) != attribute:
            result.setdefault("python", {})[wire] = attribute
        return wire

    def _variants(self, name: str) -> dict[str, str]:
        variants: dict[str, str] = {}
        for value, subclass in self._subclasses.get(name, ()):
            variants[value] = self._object_name(subclass)
        return variants

    def _literal(self, annotation: ast.expr) -> str | None:
        """The wire value in `Literal[ComputeType.AML_COMPUTE]` or `Literal["x"]`."""
        for node in ast.walk(annotation):
            if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
                inner = node.slice
                if isinstance(inner, ast.Attribute) and self.enums is not None:
                    enum_name = getattr(inner.value, "id", "")
                    for item in self.enums.class_def(enum_name).body:
                        if (
                            isinstance(item, ast.Assign)
                            and isinstance(item.targets[0], ast.Name)
                            and item.targets[0].id == inner.attr
                        ):
                            return string_value(item.value)
                return string_value(inner)
        return None

    def _annotation(self, node: ast.expr) -> TypeNode:
        text = string_value(node)
        if text is not None:
            return self.reference(text.rsplit(".", 1)[-1])
        if isinstance(node, (ast.Attribute, ast.Name)):
            return _PRIMITIVES.get(node.attr if isinstance(node, ast.Attribute) else node.id, "any")
        if not isinstance(node, ast.Subscript):
            return "any"
        name = getattr(node.value, "id", "")
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Optional":
            return self._annotation(arguments[0])
        if name in ("list", "List"):
            return {"array": self._annotation(arguments[0])}
        if name in ("dict", "Dict", "MutableMapping"):
            return {"map": self._annotation(arguments[1])}
        if name == "Literal":
            value = self._literal(node)
            return {"enum": [value]} if value is not None else "any"
        if name == "Union":
            members = [self._annotation(argument) for argument in arguments]
            enums = [member for member in members if isinstance(member, dict) and "enum" in member]
            return enums[0] if enums else {"any_of": members}
        return "any"

    # AutoRest -----------------------------------------------------------------------------

    def _autorest(self, name: str, assigned: dict[str, ast.expr]) -> ObjectType:
        attribute_map: dict[str, dict[str, str]] = ast.literal_eval(assigned["_attribute_map"])
        validation = ast.literal_eval(assigned["_validation"]) if "_validation" in assigned else {}
        enums = self._documented_enums(name)
        result: ObjectType = {"properties": {}}
        for attribute, entry in attribute_map.items():
            *parents, wire = [part.replace("\\.", ".") for part in _UNESCAPED_DOT.split(entry["key"])]
            owner = self._nested(self.prefix + name, result, parents)
            rules = validation.get(attribute, {})
            owner["properties"][wire] = self._msrest_type(entry["type"], enums.get(attribute))
            if rules.get("readonly"):
                owner.setdefault("read_only", []).append(wire)
            elif rules.get("required"):
                owner.setdefault("required", []).append(wire)
                if parents and parents[0] not in result.get("required", []):
                    result.setdefault("required", []).append(parents[0])
            if snake(wire) != attribute:
                owner.setdefault("python", {})[wire] = attribute
        if "_subtype_map" in assigned:
            for attribute, subtypes in ast.literal_eval(assigned["_subtype_map"]).items():
                result["by"] = attribute_map[attribute]["key"].replace("\\.", ".")
                result["variants"] = {}
                for value, subclass in subtypes.items():
                    result["variants"][value] = self._object_name(subclass)
        return result

    def _nested(self, owner_name: str, result: ObjectType, parents: list[str]) -> ObjectType:
        """The anonymous object that a dotted key such as "properties.scope" points into."""
        owner = result
        for parent in parents:
            owner_name = f"{owner_name}.{parent}"
            owner["properties"].setdefault(parent, {"ref": owner_name})
            owner = self.types.setdefault(owner_name, {"properties": {}})
        return owner

    def _documented_enums(self, name: str) -> dict[str, TypeNode]:
        """AutoRest types an enum as `str`; only the docstring names its class."""
        if self.enums is None:
            return {}
        found: dict[str, TypeNode] = {}
        for match in _VARTYPE.finditer(self.models.segment(name)):
            for class_name in re.findall(r"~[\w.]+\.(\w+)", match[2]):
                if class_name in self.enums:
                    found[match[1]] = self.reference(class_name)
        return found

    def _msrest_type(self, text: str, enum: TypeNode | None) -> TypeNode:
        if text.startswith("["):
            return {"array": self._msrest_type(text[1:-1], enum)}
        if text.startswith("{"):
            return {"map": self._msrest_type(text[1:-1], enum)}
        if text == "str" and enum is not None:
            return enum
        return _MSREST[text] if text in _MSREST else self.reference(text)


def _class_assignments(node: ast.ClassDef) -> dict[str, ast.expr]:
    return {
        item.targets[0].id: item.value
        for item in node.body
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
    }


def _extend(result: ObjectType, base: ObjectType) -> None:
    """Adds what a subclass inherits, except the base's own choice of subtypes."""
    result["properties"].update(base["properties"])
    for name in base.get("required", ()):
        result.setdefault("required", []).append(name)
    for name in base.get("read_only", ()):
        result.setdefault("read_only", []).append(name)
    for name in base.get("create_only", ()):
        result.setdefault("create_only", []).append(name)
    result.setdefault("constants", {}).update(base.get("constants", {}))
    result.setdefault("python", {}).update(base.get("python", {}))


def _discard(result: ObjectType, key: str, name: str) -> None:
    values = result.get(key)
    if isinstance(values, list) and name in values:
        values.remove(name)
