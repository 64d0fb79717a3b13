"""What the name of a property, or of something in a map of the user's, says of its value."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a text: a long set, readable."""
    return frozenset(text.split())


class Named(Enum):
    """What a property's name says of its value."""

    SECRET = "secret"  # whatever it holds
    MAYBE = "maybe"  # where the value looks like one
    DIGEST = "digest"  # it is random by nature, and public
    PLAIN = "plain"


_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS: Final = words(
    "password passwords passwd pwd passphrase secret secrets apikey accesskey accountkey sharedkey "
    "privatekey clientsecret sastoken accesstoken"
)
_SECRET_PAIRS: Final = frozenset(
    (first, last)
    for last, firsts in {
        "key": "api access account shared private signing master storage function subscription host webhook",
        "keys": "api access account shared private",
        "token": "sas access auth refresh bearer api pat github hf databricks wandb",
        "pass": "db user admin smtp",
    }.items()
    for first in firsts.split()
)
# pullSecrets, keytabSecret: the name of a secret that is kept elsewhere.
_NAMED_ELSEWHERE: Final = words("pull password name keytab certificate credential credentials")
_MAYBE_WORDS: Final = words("token key keys pat sas credential credentials signature auth")
_DIGEST_WORDS: Final = words(
    "hash hashes digest checksum md sha thumbprint fingerprint etag integrity "
    "certificate cert certs public x509 crl"
)
# What stands behind these is about a secret, but is none: secretName, keyVaultUri, passwordRef, tokenType.
_ABOUT: Final = words(
    "name names type kind id ids identifier uri url urls endpoint path file ref reference version source "
    "identity mode policy size length expiration algorithm format store location scope header username"
)


@lru_cache(maxsize=8192)
def named(name: str) -> Named:
    """What a name says: `adminUserPassword`, `AZURE_CLIENT_SECRET`, `sas-token`, `contentMd5`."""
    parts = tuple(word.lower() for word in _WORD.findall(name[:200].rstrip("0123456789_-")))
    if not parts:
        return Named.PLAIN
    last = parts[-1]
    if last in ("secret", "secrets") and _NAMED_ELSEWHERE.intersection(parts[-2:-1]):
        return Named.MAYBE
    if last in _SECRET_WORDS or last.endswith("password") or parts[-2:] in _SECRET_PAIRS:
        return Named.DIGEST if "public" in parts else Named.SECRET
    if _DIGEST_WORDS.intersection(parts):
        return Named.DIGEST
    return Named.MAYBE if last in _MAYBE_WORDS else Named.PLAIN


@lru_cache(maxsize=8192)
def is_about(name: str) -> bool:
    """Whether something with this name describes a secret, rather than being one."""
    parts = _WORD.findall(name[:200])
    return bool(parts) and parts[-1].lower() in _ABOUT


_REFERENCE: Final = re.compile(
    r"\s*|\*+|true|false|null|none|"
    r"@Microsoft\.KeyVault\(.*\)|"  # a reference of App Service, Functions, Logic Apps
    r"\$\{.*\}|\$\(.*\)|\{\{.*\}\}|<[^<>]*>|\$[A-Za-z_]\w*|"  # put in by whoever runs it
    r"azureml:\S*|/subscriptions/\S*|"
    r"[a-z][a-z0-9+.-]*://[^\s@?]*",  # an address, such as that of a secret of a vault
    re.IGNORECASE | re.DOTALL,
)


def is_reference(text: str) -> bool:
    """Whether a text says where a value is, or is to be filled in, rather than being it."""
    return _REFERENCE.fullmatch(text) is not None
