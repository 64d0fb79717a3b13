"""The control that finds literal secrets: in any property, of any resource of Azure or asset of Azure ML.

A literal stands in the program, in the state and in the history of both. What a program marks as secret is
fine: the engine encrypts it, and this control cannot tell where the program has it from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, References, ResourceControl, Setting
from azureml_guard.facts import Finding, Resource, Verdict
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.property_paths import shown
from azureml_guard.secret_names import Named, is_about, is_reference, named, words
from azureml_guard.secret_shapes import STORAGE_KEY, looks_like_key, looks_random, shape_of
from azureml_guard.values import Unknown

ASSETS: Final = sorted(
    f"azureml-assets:{name}"
    for name in words(
        "BatchDefaults BatchDeployment BatchEndpoint Component Connection Data Datastore Environment "
        "FeatureSet FeatureStoreEntity Job Model OnlineDeployment OnlineEndpoint OnlineTraffic Schedule"
    )
)
# Below these everything is a secret that is not about one, whatever its name: maps of secrets, and settings
# of an extension that Azure encrypts.
_HOLDERS: Final = words("secret secrets password passwords protectedSettings configurationProtectedSettings")
# In these a short name is enough: credentials.key, credentials.pat, credentials.secrets.sasToken.
_CREDENTIALS: Final = words("credentials credential")
_OF_CREDENTIALS: Final = words("key keys pat sas token certificate value")
# Secrets by type that no name tells: module:Name, and the path.
_PLACES: Final = frozenset(
    {
        ("keyvault:Secret", ("properties", "value")),
        ("machinelearningservices:WorkspaceConnection", ("properties", "value")),
        ("machinelearningservices:ConnectionDeployment", ("properties", "value")),
    }
)
_RANDOM_BEYOND_DOUBT: Final = 32
_MARKED: Final = "must be marked as secret"
_Keys = tuple[str | int, ...]


def _no_literal_secret(resource: Resource, context: Context) -> Iterator[Finding]:
    harmless = frozenset(context.settings["publicNames"])
    found = list(_walk(resource, harmless))
    yield from found
    if not found:
        yield Finding(Verdict.PASS, "", "must hold no literal secret", resource.urn)


def _walk(resource: Resource, harmless: frozenset[str]) -> Iterator[Finding]:
    """Each text and unknown value that is not marked as secret. A list, for documents may be deep."""
    waiting: list[tuple[_Keys, Any, Named]] = [((), resource.properties, Named.PLAIN)]
    while waiting:
        keys, value, name = waiting.pop()
        if isinstance(value, dict):
            parent = next((key for key in reversed(keys) if isinstance(key, str)), "")
            holds = _holds(keys, parent, name)
            waiting += [((*keys, key), item, _named(key, holds, harmless)) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*keys, index), item, name) for index, item in enumerate(value)]
        elif isinstance(value, (str, Unknown)):
            name = Named.SECRET if (resource.type, keys) in _PLACES else name
            if isinstance(value, str):
                if expectation := _fault(value, name):
                    yield Finding(Verdict.FAIL, shown(resource.type, keys), expectation, resource.urn)
            elif name is Named.SECRET:
                yield Finding(Verdict.NOT_EVALUATED, shown(resource.type, keys), _MARKED, resource.urn)


def _fault(text: str, name: Named) -> str:
    """What is wrong with a text under a name that says this; empty if nothing."""
    if name is Named.SECRET:
        return "" if is_reference(text) else f"{_MARKED}, as its name says what it holds"
    shape = shape_of(text)
    if shape and not (name is Named.DIGEST and shape == STORAGE_KEY):  # base64 of SHA-512 has that form too
        return f"{_MARKED}: it has the form of {shape}"
    is_key = name is Named.MAYBE and looks_like_key(text)
    is_key = is_key or (name is Named.PLAIN and looks_random(text, _RANDOM_BEYOND_DOUBT))
    return f"{_MARKED}: it is as random as a key" if is_key else ""


def _holds(keys: _Keys, parent: str, name: Named) -> Callable[[str], bool]:
    """Which names are secrets directly in here, beside those that say so."""
    if keys and keys[-1] == "keys":  # of a custom connection, or of an endpoint
        return _every
    if name is Named.SECRET and parent in _HOLDERS:
        return _unless_about
    return _OF_CREDENTIALS.__contains__ if parent in _CREDENTIALS else _none


def _every(name: str) -> bool:
    return True


def _unless_about(name: str) -> bool:
    return not is_about(name)


def _none(name: str) -> bool:
    return False


def _named(name: str, is_held: Callable[[str], bool], harmless: frozenset[str]) -> Named:
    if name in harmless:
        return Named.DIGEST
    return Named.SECRET if is_held(name) else named(name)


CONTROLS: Final[tuple[ResourceControl, ...]] = (
    ResourceControl(
        concern=Concern.DATA,
        number=9,
        title="No property holds a literal secret",
        why="A literal is readable in the program's history, in the state and in every preview of it.",
        mend=(
            "Use an identity instead; else take the value from `pulumi config set --secret` or a key vault "
            "and pass it as pulumi.Output.secret. Replace a secret that has been committed."
        ),
        severity=Severity.CRITICAL,
        types=(EVERY_AZURE_TYPE, *ASSETS),
        check=_no_literal_secret,
        settings={
            "publicNames": Setting(
                schema={"type": "array", "items": {"type": "string"}, "default": []},
                description=(
                    "Names of properties and map keys whose values are public although they look like "
                    "secrets; values of a known form of secrets are found all the same."
                ),
            )
        },
        references=References(
            benchmark=("IM-8",),
            others=("Azure.Deployment.SecureParameter", "Azure.Deployment.SecureValue", "CKV_SECRET_6"),
            url="https://learn.microsoft.com/azure/security/fundamentals/secrets-best-practices",
        ),
    ),
)
