"""What counts as a literal secret, and what never does, over made-up values of many kinds."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.control import Context
from azureml_guard.data_secrets import CONTROLS
from azureml_guard.facts import Finding, Resource, Verdict
from azureml_guard.judge import Judgement
from azureml_guard.messages import message_of
from azureml_guard.values import Secret
from tests.support.policy_cases import TODAY

CONTROL = CONTROLS[0]
CONTEXT = Context(environment="prod", today=TODAY, settings={"publicNames": []})
ALNUM = string.ascii_letters + string.digits
BASE64 = ALNUM + "+/"
seeds = st.integers(0, 2**64)


def found(properties: dict[str, Any], type_name: str = "app:ContainerApp") -> list[Finding]:
    """What the control finds wrong."""
    resource = Resource(type=type_name, urn="urn:pulumi:prod::p::t::n", properties=properties)
    return [finding for finding in CONTROL.check(resource, CONTEXT) if finding.verdict is not Verdict.PASS]


def text(chance: random.Random, alphabet: str, length: int) -> str:
    return "".join(chance.choice(alphabet) for _ in range(length))


def words(chance: random.Random, separator: str) -> str:
    known = [
        "feature",
        "store",
        "scoring",
        "model",
        "training",
        "pipeline",
        "customer",
        "churn",
        "weekly",
        "batch",
        "shared",
        "team",
        "west",
        "europe",
    ]
    return separator.join(chance.choice(known) for _ in range(chance.randint(2, 8)))


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def url_safe(chance: random.Random, length: int) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(length)).decode().rstrip("=")


SECRETS: dict[str, Callable[[random.Random], str]] = {
    "storage account key": lambda r: encoded(r.randbytes(64)),
    "storage account key that says so": lambda r: text(r, BASE64, 76) + "+ASt" + text(r, BASE64, 5) + "A==",
    "connection string": lambda r: (
        f"DefaultEndpointsProtocol=https;AccountName=st;AccountKey={encoded(r.randbytes(64))}"
    ),
    "service bus": lambda r: (
        "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=r;"
        f"SharedAccessKey={encoded(r.randbytes(32))}"
    ),
    "database": lambda r: f"Server=tcp:x;Database=y;User ID=z;Password={text(r, ALNUM, 6)};Encrypt=true",
    "shared access signature": lambda r: (
        "https://st.blob.core.windows.net/c?sv=2024-11-04&se=2027-01-01&sr=c&sp=rl&"
        f"sig={encoded(r.randbytes(32)).replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}"
    ),
    "signature alone": lambda r: f"sig={encoded(r.randbytes(32))}",
    "token of GitHub": lambda r: f"gh{r.choice('pousr')}_{text(r, ALNUM, 36)}",
    "fine-grained token of GitHub": lambda r: f"github_pat_{text(r, ALNUM, 22)}_{text(r, ALNUM, 59)}",
    "token of Azure DevOps": lambda r: text(r, ALNUM, 76) + "AZDO" + text(r, ALNUM, 4),
    "old token of Azure DevOps": lambda r: "".join(
        text(r, string.ascii_lowercase + "234567", 25) + "7" for _ in range(2)
    ),
    "client secret": lambda r: text(r, ALNUM + "_~.-", 3) + "8Q~" + text(r, ALNUM + "_~.-", 34),
    "JSON Web Token": lambda r: f"eyJ{url_safe(r, 12)}.eyJ{url_safe(r, 24)}.{url_safe(r, 32)}",
    "private key": lambda r: (
        f"-----BEGIN {r.choice(['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '])}PRIVATE KEY-----\n"
        f"{encoded(r.randbytes(48))}"
    ),
    "token of Databricks": lambda r: "dapi" + text(r, "0123456789abcdef", 32),
    "token of Hugging Face": lambda r: "hf_" + text(r, string.ascii_letters, 34),
    "address with a password": lambda r: f"https://build:{text(r, ALNUM, 12)}@packages.contoso.com/simple",
}
PUBLIC: dict[str, Callable[[random.Random], str]] = {
    "GUID": lambda r: str(uuid.UUID(int=r.getrandbits(128))),
    "resource id": lambda r: (
        f"/subscriptions/{uuid.UUID(int=r.getrandbits(128))}/resourceGroups/rg-{words(r, '-')}/providers/"
        f"Microsoft.MachineLearningServices/workspaces/mlw{text(r, ALNUM, 20)}"
    ),
    "address": lambda r: (
        f"https://{words(r, '-')}.blob.core.windows.net/{words(r, '/')}?api-version=2024-01-01"
    ),
    "address of a secret": lambda r: (
        f"https://kv.vault.azure.net/secrets/key/{text(r, '0123456789abcdef', 32)}"
    ),
    "digest of an image": lambda r: f"mcr.microsoft.com/{words(r, '/')}@sha256:{r.randbytes(32).hex()}",
    "hash": lambda r: r.choice([hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512])(
        r.randbytes(9)
    ).hexdigest(),
    "integrity": lambda r: f"sha512-{encoded(r.randbytes(64))}",
    "public key": lambda r: f"ssh-rsa AAAAB3NzaC1yc2E{encoded(r.randbytes(279))} ada@contoso.com",
    "elliptic public key": lambda r: f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{encoded(r.randbytes(32))[:43]}",
    "certificate": lambda r: (
        f"-----BEGIN CERTIFICATE-----\nMIID{encoded(r.randbytes(300))}\n-----END CERTIFICATE-----"
    ),
    "certificate without its frame": lambda r: "MIID" + encoded(r.randbytes(300)),
    "public key block": lambda r: (
        f"-----BEGIN PUBLIC KEY-----\n{encoded(r.randbytes(90))}\n-----END PUBLIC KEY-----"
    ),
    "script in base64": lambda r: encoded(
        f"#!/bin/bash\n{words(r, ' ')}\npip install {words(r, '-')}\n".encode()
    ),
    "zip in base64": lambda r: encoded(gzip.compress(r.randbytes(40))),
    "conda file": lambda r: (
        f"name: {words(r, '-')}\ndependencies:\n"
        f"  - python=3.11.9=h{text(r, '0123456789abcdef', 7)}_0_cpython\n  - pip:\n"
        f"      - azureml-mlflow==1.60.0 --hash=sha256:{r.randbytes(32).hex()}\n"
    ),
    "name": lambda r: words(r, r.choice(["-", "_", "", " "])) + str(r.randint(1, 2027)),
    "name in camel case": lambda r: (
        "".join(word.title() for word in words(r, " ").split()) + f"V{r.randint(1, 99)}"
    ),
    "name with a unique suffix": lambda r: (
        f"st{words(r, '')}{text(r, string.ascii_lowercase + string.digits, 13)}"
    ),
    "size": lambda r: r.choice(
        ["Standard_NC24ads_A100_v4", "Standard_E96iads_v5", "Standard_ND96isr_H100_v5"]
    ),
    "asset": lambda r: f"azureml://registries/azureml/models/{words(r, '-')}/versions/{r.randint(1, 99)}",
    "period": lambda r: f"P{r.randint(1, 9)}DT{r.randint(1, 9)}H",
    "time": lambda r: f"2026-11-{r.randint(10, 28)}T10:{r.randint(10, 59)}:00.1234567Z",
    "query": lambda r: (
        f'AmlComputeJobEvent | where WorkspaceName == "{words(r, "-")}" '
        "| summarize count() by bin(TimeGenerated, 1h)"
    ),
    "document": lambda r: json.dumps(
        {"type": "workbook", "id": str(uuid.UUID(int=r.getrandbits(128))), "text": words(r, " ")}
    ),
    "insights": lambda r: (
        f"InstrumentationKey={uuid.UUID(int=r.getrandbits(128))};IngestionEndpoint=https://westeurope-5.in."
        f"applicationinsights.azure.com/;ApplicationId={uuid.UUID(int=r.getrandbits(128))}"
    ),
    "range": lambda r: f"{r.randint(1, 254)}.{r.randint(0, 255)}.0.0/16",
    "mail": lambda r: f"{words(r, '.')}@contoso.com",
}
PLAIN_NAMES = ("description", "value", "image", "tags", "condaFile", "scriptData", "command", "uri")


@pytest.mark.parametrize("kind", SECRETS)
@settings(max_examples=60, deadline=None)
@given(seed=seeds, name=st.sampled_from(PLAIN_NAMES))
def test_a_known_form_of_secrets_is_found_under_any_name(kind: str, seed: int, name: str) -> None:
    secret = SECRETS[kind](random.Random(seed))

    assert found({name: secret})
    assert found({"properties": {"environmentVariables": {"ANYTHING": secret}}})
    assert found({"spec": {"jobs": [{name: secret}]}}, "azureml-assets:Job")
    assert found({"scriptData": encoded(f"#!/bin/sh\nexport A='{secret}'\n".encode())}) or "old" in kind
    assert not found({name: Secret(secret), "list": [Secret({"password": secret})]})


@pytest.mark.parametrize("kind", PUBLIC)
@settings(max_examples=60, deadline=None)
@given(seed=seeds, name=st.sampled_from(PLAIN_NAMES))
def test_what_is_public_is_never_taken_for_a_secret(kind: str, seed: int, name: str) -> None:
    value = PUBLIC[kind](random.Random(seed))

    assert not found({name: value})
    assert not found({"properties": {"environmentVariables": {"ANYTHING": value}, "items": [value, value]}})
    assert not found({"spec": {"jobs": {"train": {"inputs": {"data": value}}}}}, "azureml-assets:Job")


def test_nearly_all_random_keys_are_found_although_nothing_names_them() -> None:
    chance = random.Random(9)
    keys = [text(chance, ALNUM, chance.randint(32, 64)) for _ in range(1000)]

    assert sum(bool(found({"note": key})) for key in keys) > 950
    assert sum(bool(found({"cacheKey": key})) for key in keys) > 950


def test_digests_are_public_where_their_name_says_so() -> None:
    chance = random.Random(9)
    for _ in range(300):
        digest = encoded(chance.randbytes(chance.choice([20, 32, 48, 64])))
        for name in ("contentMd5", "sha512", "integrity", "certificateThumbprint", "etag", "contentHash"):
            assert not found({"spec": {name: digest}})


names_of_secrets = st.sampled_from(
    [
        "password",
        "adminUserPassword",
        "DB_PASSWORD",
        "client_secret",
        "clientSecret",
        "AZURE_CLIENT_SECRET",
        "accountKey",
        "account-key",
        "STORAGE_ACCOUNT_KEY",
        "apiKey",
        "OPENAI_API_KEY",
        "sasToken",
        "HF_TOKEN",
        "passphrase",
        "primarySharedKey",
        "private_key",
        "PGPASSWORD",
    ]
)


@settings(max_examples=60, deadline=None)
@given(name=names_of_secrets, value=st.text(string.ascii_letters + string.digits + "!?-_", min_size=5))
def test_a_literal_under_the_name_of_a_secret_is_found_whatever_it_is(name: str, value: str) -> None:
    assert found({"siteConfig": {name: value}}) or value.lower() == "false"


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(
        [
            "secretName",
            "passwordSecretName",
            "keyVaultSecretUri",
            "clientSecretSettingName",
            "tokenEndpoint",
            "secretsType",
            "keyType",
            "publicKey",
            "sshPublicKey",
            "passwordRef",
            "partitionKey",
            "tokenIssuer",
            "keyVaultProperties",
            "disablePasswordAuthentication",
            "SECRET_NAME",
            "KEY_VAULT_URL",
            "TOKENIZERS_PARALLELISM",
            "passwordPolicy",
            "instrumentationKey",
            "keySource",
        ]
    ),
    seed=seeds,
    kind=st.sampled_from(sorted(PUBLIC)),
)
def test_what_is_only_about_a_secret_may_be_a_literal(name: str, seed: int, kind: str) -> None:
    value = PUBLIC[kind](random.Random(seed))
    if name in ("partitionKey", "instrumentationKey") and kind == "hash":
        value = "customerId"

    assert not found({"properties": {name: value}})


@settings(max_examples=60, deadline=None)
@given(
    value=st.sampled_from(
        (
            *(
                "",
                "  ",
                "***",
                "None",
                "<your key>",
                "$(KEY)",
                "${KEY}",
                "${{secrets.KEY}}",
                "{{ key }}",
                "$KEY",
            ),
            *("azureml:key:1", "https://kv.vault.azure.net/secrets/key"),
            "@Microsoft.KeyVault(VaultName=kv;SecretName=key)",
        )
    )
)
def test_a_reference_is_no_literal(value: str) -> None:
    assert not found({"properties": {"password": value, "environmentVariables": {"API_KEY": value}}})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=20,
)
CANARY = "canary9f8e7d6c5b4a39281706"


def places(value: Any) -> Iterator[Any]:
    """Documents with the canary as key and as value, deep in something."""
    yield {"environmentVariables": {CANARY: value, "DB_PASSWORD": CANARY}}
    yield {"properties": {"credentials": {"keys": {CANARY: CANARY, "other": value}}}}
    yield {"properties": {"environmentVariables": {f"{CANARY}_PASSWORD": CANARY}, "x": value}}
    yield {"tags": {f"{CANARY} password": CANARY, "x": value}}
    yield {"properties": {"secrets": {CANARY: CANARY}, "parameters": {"a": {CANARY: {"password": CANARY}}}}}


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_neither_values_nor_names_that_the_user_chose_are_said(value: Any) -> None:
    for properties in places(value):
        findings = found(properties)
        assert findings
        judgement = Judgement(CONTROL, Verdict.FAIL, "urn", tuple(findings), Level.MANDATORY)
        assert CANARY not in message_of(judgement)
        assert CANARY not in repr(findings)


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_any_document_can_be_looked_through(value: Any) -> None:
    found({"template": value, "settings": {"password": value}})
