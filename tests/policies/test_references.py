"""References name things as their owners do, so that a reader finds them by searching for the name.

That each of them exists was looked up where its owner keeps it: Azure/azure-policy (which also maps policies
to the benchmarks), MicrosoftDocs/SecurityBenchmarks, the CIS benchmark 2.0, PSRule for Azure, checkov,
trivy-checks, and the sources of Microsoft's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import Concern, Control

# How many controls each domain of the Microsoft cloud security benchmark has; AI came with its version 2.
BENCHMARK = {
    "NS": 10,
    "IM": 9,
    "PA": 8,
    "DP": 8,
    "AM": 5,
    "LT": 7,
    "IR": 7,
    "PV": 7,
    "ES": 3,
    "BR": 4,
    "DS": 7,
    "GS": 11,
    "AI": 7,
}
CIS = r"([1-9]|10)\.\d{1,2}(\.\d{1,2})?"  # 2.0 has ten sections
OTHERS = r"Azure(\.[A-Z][A-Za-z]+){2,}|CKV2?_AZURE_\d+|CKV_SECRET_\d+|AZU-\d{4}"
PAGES = r"https://learn\.microsoft\.com/(azure|entra|rest)/[a-z0-9/-]+[a-z0-9]"
PULUMIS_OWN = r"https://www\.pulumi\.com/docs/iac/concepts/options/[a-z]+/"


def lists(control: Control) -> Sequence[tuple[str, ...]]:
    references = control.references
    return references.azure_policy, references.benchmark, references.cis, references.others


def test_every_control_of_azure_links_to_the_page_that_explains_it() -> None:
    for control in CATALOGUE:
        url = control.references.url
        pattern = PULUMIS_OWN if control.concern is Concern.PROTECTION and "pulumi" in url else PAGES
        assert re.fullmatch(pattern, url) or (control.concern is Concern.PACK and not url), (control.id, url)


@pytest.mark.parametrize("control", CATALOGUE, ids=lambda control: control.id)
def test_no_reference_is_there_twice_or_of_another_form(control: Control) -> None:
    for names in lists(control):
        assert len(set(names)) == len(names)
    for each in control.references.benchmark:
        domain, _, number = each.partition("-")
        assert 1 <= int(number) <= BENCHMARK[domain], each
    for each in control.references.cis:
        assert re.fullmatch(CIS, each), each
    for each in control.references.others:
        assert re.fullmatch(OTHERS, each), each
    for each in control.references.azure_policy:
        assert re.fullmatch(r"\S+( \S+)+", each), each
        assert "[Deprecated]" not in each, each
