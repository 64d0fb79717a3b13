"""Addresses, hosts and ports as network rules write them."""

from __future__ import annotations

import ipaddress
from fnmatch import fnmatchcase
from typing import Final

ANYBODY: Final = ("*", "any", "internet")
# A block with a shorter prefix has more than a 256th of all addresses. Two halves of the Internet are it too.
_LARGEST_BLOCK: Final = 8


def is_anybody(source: str) -> bool:
    """Whether a source or destination of a rule is everybody, the Internet, or a large part of it.

    Args:
        source: A service tag, an address, or a range such as `0.0.0.0/0`.
    """
    text = source.strip().lower()
    if text in ANYBODY:
        return True
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return _is_wide_range(text)
    return network.prefixlen < _LARGEST_BLOCK


def _is_wide_range(text: str) -> bool:
    """The same for `first-last`, which security rules take as well."""
    first, dash, last = text.partition("-")
    try:
        start, end = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    except ValueError:
        return False
    size = int(end) - int(start) + 1
    return bool(dash) and size > 2 ** (start.max_prefixlen - _LARGEST_BLOCK)


def ports_include(text: str, port: int) -> bool:
    """Whether a port range of a rule (`*`, `22`, `20-25`) has a port."""
    if text.strip() == "*":
        return True
    first, _, last = text.partition("-")
    return int(first) <= port <= int(last or first)


def is_any_host(pattern: str) -> bool:
    """Whether a host with wildcards is more than hosts of one domain: `*`, `*.com`, `*contoso.com`."""
    _, wildcard, fixed = _host(pattern).rpartition("*")
    return bool(wildcard) and "." not in fixed.partition(".")[2]


def is_host_of(host: str, pattern: str) -> bool:
    """Whether a pattern covers a host, which may have wildcards too."""
    return fnmatchcase(_host(host), _host(pattern))


def hosts_meet(one: str, other: str) -> bool:
    """Whether one of two hosts, each perhaps with wildcards, covers the other."""
    return is_host_of(one, other) or is_host_of(other, one)


def _host(text: str) -> str:
    return text.strip().rstrip(".").lower()
