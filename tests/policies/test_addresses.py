"""What security rules, firewalls and outbound rules write, read as Azure reads it."""

from __future__ import annotations

import pytest

from azureml_guard.addresses import hosts_meet, is_any_host, is_anybody, is_host_of, ports_include


@pytest.mark.parametrize(
    "source",
    ["*", "Internet", "any", " 0.0.0.0/0 ", "::/0", "0.0.0.0/1", "128.0.0.0/7", "0.0.0.0-255.255.255.255"],
)
def test_a_source_is_anybody_if_it_is_a_large_part_of_the_internet(source: str) -> None:
    assert is_anybody(source)


@pytest.mark.parametrize(
    "source",
    ["10.0.0.0/8", "203.0.113.7", "203.0.113.1-203.0.113.9", "2001:db8::/32", "VirtualNetwork", "a-b", ""],
)
def test_a_source_is_somebody_if_it_is_a_network_or_the_tag_of_a_service(source: str) -> None:
    assert not is_anybody(source)


@pytest.mark.parametrize("text", ["22", "*", "20-25", "22-22", " 0-65535 "])
def test_a_port_is_in_its_number_its_range_and_in_all_ports(text: str) -> None:
    assert ports_include(text, 22)


@pytest.mark.parametrize("text", ["2222", "23-3389", "0-21"])
def test_a_port_is_in_no_other_range(text: str) -> None:
    assert not ports_include(text, 22)


@pytest.mark.parametrize("pattern", ["*", "*.com", "*.COM.", "*contoso.com", "contoso.*", "*.*"])
def test_a_wildcard_over_domains_is_any_host(pattern: str) -> None:
    assert is_any_host(pattern)


@pytest.mark.parametrize("pattern", ["contoso.com", "*.contoso.com", "*-cdn.contoso.com", "localhost"])
def test_a_wildcard_within_one_domain_is_not_any_host(pattern: str) -> None:
    assert not is_any_host(pattern)


def test_a_pattern_covers_narrower_hosts_and_meets_wider_ones() -> None:
    assert is_host_of("Packages.example.org.", "packages.example.org")
    assert is_host_of("a.contoso.com", "*.contoso.com")
    assert not is_host_of("*.contoso.com", "a.contoso.com")
    assert hosts_meet("*.contoso.com", "a.contoso.com")
    assert not hosts_meet("*.contoso.com", "contoso.com")
