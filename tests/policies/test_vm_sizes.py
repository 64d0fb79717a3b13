"""What is told from the name of a VM size."""

from __future__ import annotations

import datetime as dt

import pytest

from azureml_guard.vm_sizes import RETIREMENTS, retirement_of, size_of


# vCPUs as the page of each series gives them.
@pytest.mark.parametrize(
    ("name", "vcpus"),
    [
        ("Standard_A7", 8),
        ("Standard_A4m_v2", 4),
        ("Standard_B1ls", 1),
        ("Standard_B4as_v2", 4),
        ("Standard_D3", 4),
        ("Standard_D13_v2", 8),
        ("Standard_DS3_v2", 4),
        ("STANDARD_DS3_V2", 4),
        ("Standard_DS15_v2", 20),
        ("Standard_DS3_v2_Promo", 4),
        ("Standard_D8s_v3", 8),
        ("Standard_D2pls_v5", 2),
        ("Standard_E4-2s_v5", 4),
        ("Standard_E96ias_v4", 96),
        ("Standard_F72s_v2", 72),
        ("Standard_FX48mds", 48),
        ("Standard_GS5", 32),
        ("Standard_HB120-16rs_v3", 120),
        ("Standard_L8s_v3", 8),
        ("Standard_M128-32ms", 128),
        ("Standard_M416s_8_v2", 416),
        ("Standard_NC4as_T4_v3", 4),
        ("Standard_NC24rs_v3", 24),
        ("Standard_NC40ads_H100_v5", 40),
        ("Standard_ND96isr_H100_v5", 96),
        ("Standard_ND40rs_v2", 40),
        ("Standard_NG32ads_V620_v1", 32),
        ("Standard_NV36adms_A10_v5", 36),
        ("Standard_DC4as_cc_v5", 4),
    ],
)
def test_vcpus_follow_from_the_name(name: str, vcpus: int) -> None:
    assert size_of(name).vcpus == vcpus


@pytest.mark.parametrize(
    ("name", "has_gpu"),
    [
        ("Standard_NC4as_T4_v3", True),
        ("Standard_NV6", True),
        ("Standard_ND96asr_v4", True),
        ("Standard_NP10s", False),
        ("Standard_D4s_v5", False),
        ("Standard_M64", False),
    ],
)
def test_gpus_are_told_by_the_family(name: str, has_gpu: bool) -> None:
    assert size_of(name).has_gpu is has_gpu


@pytest.mark.parametrize("text", ["", "Standard", "Standard_D", "4", "Standard_D4s v5", "gpu-small", "Small"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no name of a VM size"):
        size_of(text)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Standard_NC6", "2023-08-31"),
        ("Standard_NC6s_v2", "2023-08-31"),
        ("Standard_NC6s_v3", "2025-09-30"),
        ("Standard_NC24rs_v3", "2025-09-30"),
        ("Standard_NC4as_T4_v3", None),
        ("Standard_NV12s_v3", "2026-09-30"),
        ("Standard_NV6ads_A10_v5", None),
        ("Standard_HB120rs_v2", "2027-05-31"),
        ("Standard_HB120rs_v3", None),
        ("Standard_HC44-16rs", "2027-05-31"),
        ("Standard_M192idms_v2", "2027-03-31"),
        ("Standard_M208s_v2", None),
        ("Standard_DS3_v2", "2028-05-01"),
        ("Standard_D8s_v3", None),
        ("Standard_F4s_v2", "2028-11-15"),
        ("Standard_F4als_v6", None),
        ("Standard_B2ms", "2028-11-15"),
        ("Standard_B2s_v2", None),
        ("Standard_L8s_v2", "2028-11-15"),
        ("Standard_L8s_v3", None),
    ],
)
def test_retirements_are_those_that_microsoft_has_announced(name: str, day: str | None) -> None:
    assert retirement_of(size_of(name)) == (dt.date.fromisoformat(day) if day else None)


def test_the_list_of_retirements_is_in_the_order_of_days() -> None:
    days = [each.day for each in RETIREMENTS]

    assert days == sorted(days)
