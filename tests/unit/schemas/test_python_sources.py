"""The compilers read generated Python as its generators write it, in small."""

from pathlib import Path

from sandbox.schemas.nodes import ObjectType, snake
from sandbox.schemas.pulumi_types import compile_module
from sandbox.schemas.python_source import PythonSource
from sandbox.schemas.rest_models import RestModels
from sandbox.schemas.rest_operations import arm_type_of, operations

PULUMI_RESOURCE = '''
@pulumi.input_type
class DiskInitArgs:
    def __init__(__self__, *,
                 resource_group_name: pulumi.Input[_builtins.str],
                 disk_name: pulumi.Input[Optional[_builtins.str]] = None,
                 enable_sso: pulumi.Input[Optional[_builtins.bool]] = None,
                 job: pulumi.Input[Optional[Union['AArgs', 'BArgs']]] = None,
                 rules: pulumi.Input[Optional[Sequence[pulumi.Input['RuleArgs']]]] = None,
                 tier: pulumi.Input[Optional[Union[_builtins.str, 'Tier']]] = None):
        pulumi.set(__self__, "resource_group_name", resource_group_name)

    @_builtins.property
    @pulumi.getter(name="resourceGroupName")
    def resource_group_name(self) -> pulumi.Input[_builtins.str]:
        return pulumi.get(self, "resource_group_name")

    @_builtins.property
    @pulumi.getter(name="diskName")
    def disk_name(self) -> pulumi.Input[Optional[_builtins.str]]:
        return pulumi.get(self, "disk_name")

    @_builtins.property
    @pulumi.getter(name="enableSSO")
    def enable_sso(self) -> pulumi.Input[Optional[_builtins.bool]]:
        return pulumi.get(self, "enable_sso")

    @_builtins.property
    @pulumi.getter
    def job(self) -> pulumi.Input[Optional[Union['AArgs', 'BArgs']]]:
        return pulumi.get(self, "job")

    @_builtins.property
    @pulumi.getter
    def rules(self) -> pulumi.Input[Optional[Sequence[pulumi.Input['RuleArgs']]]]:
        return pulumi.get(self, "rules")

    @_builtins.property
    @pulumi.getter
    def tier(self) -> pulumi.Input[Optional[Union[_builtins.str, 'Tier']]]:
        return pulumi.get(self, "tier")


@pulumi.type_token("azure-native:compute:Disk")
class Disk(pulumi.CustomResource):
    """
    Uses Azure REST API version 2024-03-02. In version 2.x of the Azure Native provider, it used 2022-07-02.

    Other available API versions: 2022-07-02, 2023-10-02-preview. These can be accessed by a local package.
    """
    def __init__(__self__, resource_name: str, *args, **kwargs):
        pass

    @_builtins.property
    @pulumi.getter
    def owner(self) -> pulumi.Output['outputs.OwnerResponse']:
        return pulumi.get(self, "owner")
'''
PULUMI_INPUTS = """
class AArgs:
    def __init__(__self__, *,
                 kind: pulumi.Input[_builtins.str]):
        pulumi.set(__self__, "kind", 'A')

    @_builtins.property
    @pulumi.getter
    def kind(self) -> pulumi.Input[_builtins.str]:
        return pulumi.get(self, "kind")


class BArgs:
    def __init__(__self__, *,
                 kind: pulumi.Input[_builtins.str]):
        pulumi.set(__self__, "kind", 'B')

    @_builtins.property
    @pulumi.getter
    def kind(self) -> pulumi.Input[_builtins.str]:
        return pulumi.get(self, "kind")


class RuleArgs:
    def __init__(__self__, *,
                 inner: pulumi.Input[Optional['RuleArgs']] = None):
        pass

    @_builtins.property
    @pulumi.getter
    def inner(self) -> pulumi.Input[Optional['RuleArgs']]:
        return pulumi.get(self, "inner")
"""
PULUMI_OUTPUTS = """
class OwnerResponse(dict):
    def __init__(__self__, *,
                 since: _builtins.int):
        pulumi.set(__self__, "since", since)

    @_builtins.property
    @pulumi.getter
    def since(self) -> _builtins.int:
        return pulumi.get(self, "since")
"""
ENUMS = """
class Tier(_builtins.str, Enum):
    HOT = "Hot"
    COLD = "Cold"
"""
TYPESPEC = """
class Resource(_Model):
    id: Optional[str] = rest_field(visibility=["read"])
    location: str = rest_field(visibility=["read", "create"])


class Base(_Model):
    kind: str = rest_discriminator(name="kind", visibility=["read", "create", "update"])


class One(Base, discriminator="one"):
    kind: Literal[Kind.ONE] = rest_discriminator(name="kind", visibility=["read", "create", "update"])
    network_rule_set: Optional[list["_models.Rule"]] = rest_field(
        name="networkAcls", visibility=["read", "update"]
    )


class Rule(_Model):
    action: Union[str, "_models.Kind"] = rest_field(visibility=["read", "create", "update"])


class Disk(Resource):
    properties: "_models.Base" = rest_field(visibility=["read", "create", "update"])
    tags: Optional[dict[str, str]] = rest_field(visibility=["read", "create", "update"])
"""
TYPESPEC_ENUMS = """
class Kind(str, Enum):
    ONE = "one"
    TWO = "two"
"""
AUTOREST = '''
class Assignment(_serialization.Model):
    """An assignment.

    :ivar scope: Where.
    :vartype scope: str
    :ivar level: How much. Known values are: "Low" and
     "High".
    :vartype level: str or
     ~azure.mgmt.x.models.Level
    """

    _validation = {"scope": {"readonly": True}, "principal_id": {"required": True}}

    _attribute_map = {
        "scope": {"key": "properties.scope", "type": "str"},
        "principal_id": {"key": "properties.principalId", "type": "str"},
        "level": {"key": "properties.level", "type": "str"},
        "odata_type": {"key": "@odata\\\\.type", "type": "str"},
        "counts": {"key": "counts", "type": "{[int]}"},
    }
'''
OPERATIONS = """
def build_disks_create_request(
    name: str, **kwargs: Any
) -> HttpRequest:
    api_version: str = kwargs.pop("api_version", _params.pop("api-version", "2024-03-02"))
    _url = "/subscriptions/{subscriptionId}/resourceGroups/{g}/providers/Microsoft.Compute/disks/{diskName}"
    return HttpRequest(method="PUT", url=_url)


class DisksOperations:
    def _create_initial(
        self, name: str, kind: Union[str, _models.Kind], body: Union[_models.Disk, IO[bytes]], **kwargs: Any
    ) -> Iterator[bytes]:
        _request = build_disks_create_request(name=name)
"""


def _module(folder: Path) -> Path:
    module = folder / "compute"
    module.mkdir(parents=True)
    (module / "__init__.py").write_text("")
    (module / "disk.py").write_text(PULUMI_RESOURCE)
    (module / "_inputs.py").write_text(PULUMI_INPUTS)
    (module / "outputs.py").write_text(PULUMI_OUTPUTS)
    (module / "_enums.py").write_text(ENUMS)
    return folder


def _models(folder: Path, models: str, enums: str, name: str = "_models.py") -> RestModels:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(models)
    (folder / "_enums.py").write_text(enums)
    types: dict[str, ObjectType] = {}
    return RestModels(folder, types)


def test_pulumi_inputs_are_compiled(tmp_path: Path) -> None:
    compiled = compile_module(_module(tmp_path), "compute")
    inputs = compiled.types["Disk/inputs"]
    assert inputs["required"] == ["resourceGroupName"]
    assert inputs["properties"]["tier"] == {"enum": ["Hot", "Cold"]}
    assert inputs["properties"]["job"] == {"by": "kind", "variants": {"A": "AArgs", "B": "BArgs"}}
    assert inputs["properties"]["rules"] == {"array": {"ref": "RuleArgs"}}
    assert compiled.types["RuleArgs"]["properties"]["inner"] == {"ref": "RuleArgs"}


def test_pulumi_versions_and_outputs_are_compiled(tmp_path: Path) -> None:
    compiled = compile_module(_module(tmp_path), "compute")
    resource = compiled.resources["Disk"]
    assert resource["version"] == "2024-03-02"
    assert resource["versions"] == ["2022-07-02", "2023-10-02-preview", "2024-03-02"]
    assert compiled.types["Disk/outputs"]["properties"] == {"owner": {"ref": "OwnerResponse"}}


def test_typespec_models_are_compiled(tmp_path: Path) -> None:
    models = _models(tmp_path, TYPESPEC, TYPESPEC_ENUMS)
    assert models.reference("Disk") == {"ref": "Disk"}
    disk = models.types["Disk"]
    assert disk["required"] == ["location", "properties"]
    assert disk["read_only"] == ["id"]
    assert disk["create_only"] == ["location"]
    assert models.types["Base"]["variants"] == {"one": "One"}
    one = models.types["One"]
    assert one["constants"] == {"kind": "one"}
    assert one["properties"]["networkAcls"] == {"array": {"ref": "Rule"}}
    assert one["python"] == {"networkAcls": "network_rule_set"}
    assert models.types["Rule"]["properties"]["action"] == {"enum": ["one", "two"]}


def test_autorest_models_are_compiled(tmp_path: Path) -> None:
    models = _models(tmp_path, AUTOREST, 'class Level(str, Enum):\n    LOW = "Low"\n', "_models_py3.py")
    models.reference("Assignment")
    top, inner = models.types["Assignment"], models.types["Assignment.properties"]
    assert top["required"] == ["properties"]
    assert top["properties"]["@odata.type"] == "string"
    assert top["properties"]["counts"] == {"map": {"array": "integer"}}
    assert inner["required"] == ["principalId"]
    assert inner["read_only"] == ["scope"]
    assert inner["properties"]["level"] == {"enum": ["Low"]}


def test_operations_are_found(tmp_path: Path) -> None:
    (tmp_path / "_operations.py").write_text(OPERATIONS)
    (found,) = operations(tmp_path, {"Kind"})
    assert (found.type, found.method, found.api_version) == ("Microsoft.Compute/disks", "PUT", "2024-03-02")
    assert found.body == "Disk"


def test_arm_types_of_paths() -> None:
    group = "/subscriptions/{s}/resourceGroups/{g}"
    storage = f"{group}/providers/Microsoft.Storage/storageAccounts/{{a}}"
    assert arm_type_of(group) == ("Microsoft.Resources/resourceGroups", "")
    assert arm_type_of(f"{storage}/blobServices/default") == (
        "Microsoft.Storage/storageAccounts/blobServices",
        "",
    )
    assert arm_type_of(f"{storage}/listKeys") == ("Microsoft.Storage/storageAccounts", "listKeys")
    scoped = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assert arm_type_of(scoped) == ("Microsoft.Authorization/roleAssignments", "")
    assert arm_type_of("/{roleAssignmentId}") is None
    assert arm_type_of("/x/providers/{ns}/{type}/{name}") is None


def test_snake_case_follows_the_generators() -> None:
    assert snake("resourceGroupName") == "resource_group_name"
    assert snake("enableSSO") == "enable_sso"
    assert snake("isNfsV3Enabled") == "is_nfs_v3_enabled"
    assert snake("iPAddressOrRange") == "i_p_address_or_range"


def test_a_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert PythonSource(tmp_path / "none.py").class_names == ()
