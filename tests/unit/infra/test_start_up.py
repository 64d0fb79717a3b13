"""What start-up leaves out, and what it must not."""

from __future__ import annotations

import pulumi
import pytest

from infra.start_up import _is_sdk_alias, _without_sdk_aliases


@pytest.mark.parametrize(
    "token",
    [
        "azure-native:storage/v20220901:StorageAccount",
        "azure-native:machinelearningservices/v20240101preview:Workspace",
        "azure-native:insights:Component",
    ],
)
def test_aliases_of_the_sdk_are_left_out(token: str) -> None:
    assert _is_sdk_alias(pulumi.Alias(type_=token))


@pytest.mark.parametrize(
    "alias",
    [
        pulumi.Alias(name="former-name"),
        pulumi.Alias(type_="azure-native:storage:StorageAccount", name="former-name"),
        pulumi.Alias(type_="azureml:infra:Storage"),
        "urn:pulumi:dev::azureml-platform::azure-native:storage:StorageAccount::former",
    ],
)
def test_aliases_of_the_program_stay(alias: pulumi.Alias | str) -> None:
    opts = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="azure-native:storage/v20210101:Queue"), alias])
    args = pulumi.ResourceTransformationArgs(
        resource=object(),  # type: ignore[arg-type]
        type_="azure-native:storage:StorageAccount",
        name="account",
        props={},
        opts=opts,
    )

    result = _without_sdk_aliases(args)

    assert result is not None
    assert result.opts.aliases == [alias]
