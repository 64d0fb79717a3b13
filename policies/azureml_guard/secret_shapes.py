"""What a literal secret looks like: it has a known form, or it is more random than anything else is.

Pure functions of texts. The forms are those that the issuers document or that public scanners agree on
(Microsoft Security Utilities, GitHub secret scanning, gitleaks). Hashes, ids, addresses and encoded text are
no secrets, whatever they look like; so a text counts as random only where hardly anything else could be.
"""

from __future__ import annotations

import base64
import binascii
import math
import operator
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Shape:
    """A known form of secrets.

    Attributes:
        kind: What it is, for the reader.
        markers: Texts of which one is in every secret of this form; looked for first, for speed.
        pattern: The form.
        confirm: What else must hold of the text that was found.
    """

    kind: str
    markers: tuple[str, ...]
    pattern: re.Pattern[str]
    confirm: Callable[[str], bool] = bool


def _is_binary(found: str) -> bool:
    """Base64 of 64 bytes that are no text: a key, not an encoded line."""
    return decoded_text(found) is None


_B64: Final = "[A-Za-z0-9+/]"
_START: Final = r"(?<![A-Za-z0-9+/=_-])"
_END: Final = r"(?![A-Za-z0-9+/=_-])"
STORAGE_KEY: Final = "a storage account key"
_AZURE_KEY: Final = "an access key of an Azure service"
_SHAPES: Final = (
    Shape(
        "a private key",
        ("PRIVATE KEY",),
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ),
    Shape(
        "a JSON Web Token",
        ("eyJ",),
        re.compile(r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    ),
    Shape(
        "a shared access signature",
        ("sig=",),
        re.compile(r"(?:^|[?&;\"'\s])sig=[A-Za-z0-9%+/]{20,}"),
    ),
    Shape(
        "a connection string with a key",
        ("Key", "key", "Secret"),
        re.compile(rf"(?i)\b(?:AccountKey|SharedAccessKey|SharedSecretValue)\s*=\s*{_B64}{{20,}}={{0,2}}"),
    ),
    Shape(
        "a connection string with a password",
        (";",),
        re.compile(
            r"(?i)^(?=.*(?:\bserver|data source|\bhost|user id|\buid|username)\s*=).*"
            r"(?:^|;)\s*(?:password|pwd)\s*=\s*(?![\s;<${*@]|$)",
            re.DOTALL,
        ),
    ),
    Shape(
        "an address with a password",
        ("://",),
        re.compile(r"://[^/\s:@\"'<>,;{}\[\]]+:(?![<${*])[^/\s:@\"'<>,;{}\[\]]+@[A-Za-z0-9\[]"),
    ),
    # "Provider pattern" SEC101/156 of Microsoft Security Utilities: three characters, a digit, Q~.
    Shape(
        "a client secret of Microsoft Entra",
        ("Q~",),
        re.compile(r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"),
    ),
    Shape(
        _AZURE_KEY,
        (
            "AZEG",
            "+ASt",
            "APIM",
            "ACDb",
            "+ABa",
            "+AMC",
            "AzFu",
            "AzSe",
            "AIoT",
            "+ASb",
            "+AEh",
            "+ARm",
            "+ACR",
        ),
        re.compile(
            rf"{_START}(?:{_B64}{{76}}(?:APIM|ACDb|\+(?:ABa|AMC|ASt)){_B64}{{5}}[AQgw]==|"
            rf"{_B64}{{33}}(?:AIoT|\+(?:ASb|AEh|ARm))[A-P]{_B64}{{5}}=|"
            rf"{_B64}{{42}}\+ACR[A-P]{_B64}{{5}}|[A-Za-z0-9]{{33,52}}AZEG[A-Za-z0-9]{{3,12}}|"
            rf"[\w-]{{44}}AzFu[\w-]{{5}}[AQgw]==|[A-Za-z0-9]{{42}}AzSe[A-D][A-Za-z0-9]{{5}}){_END}"
        ),
    ),
    Shape(_AZURE_KEY, ("JQQJ9",), re.compile(rf"{_START}[A-Za-z0-9]{{52}}JQQJ9[9DH][A-Za-z0-9]{{26}}")),
    Shape(
        STORAGE_KEY,
        ("==",),
        re.compile(rf"{_START}{_B64}{{86}}==(?![A-Za-z0-9+/=])"),
        _is_binary,
    ),
    Shape(
        "a token of GitHub",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})"),
    ),
    Shape(
        "a token of Azure DevOps", ("AZDO",), re.compile(r"(?<!\w)[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?!\w)")
    ),
    Shape("a token of Databricks", ("dapi",), re.compile(r"(?<!\w)dapi[0-9a-f]{32}(?:-\d)?(?!\w)")),
    Shape("a token of Hugging Face", ("hf_",), re.compile(r"(?<!\w)hf_[A-Za-z]{34}(?!\w)")),
    Shape("a key of OpenAI", ("T3BlbkFJ",), re.compile(r"(?<!\w)sk-[\w-]{16,}T3BlbkFJ[\w-]{16,}")),
    Shape("an access key of AWS", ("AKIA",), re.compile(r"(?<!\w)AKIA[A-Z2-7]{16}(?!\w)")),
    Shape("a token of GitLab", ("glpat-",), re.compile(r"(?<!\w)glpat-[\w-]{20,}")),
    Shape("a token of Slack", ("xox",), re.compile(r"(?<!\w)xox[baprs]-\d{6,}-[\w-]{10,}")),
    Shape(
        "a token of npm or PyPI",
        ("npm_", "pypi-AgE"),
        re.compile(r"(?<!\w)(?:npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,})"),
    ),
)
_SHORTEST: Final = 16  # no known form, and nothing that is random beyond doubt, is shorter
_BY_MARKER: Final = tuple((marker, shape) for shape in _SHAPES for marker in shape.markers)
# Base32. Digits in both halves: a name with a unique suffix has some at its end only.
_OLD_DEVOPS: Final = re.compile(r"(?=[a-z]{0,25}[2-7])(?=.{26}[a-z]*[2-7])[a-z2-7]{52}")


def shape_of(text: str) -> str | None:
    """The kind of secret whose form a text has, or has in it; also where the text is base64 of it."""
    if len(text) < _SHORTEST:
        return None
    for kind in _shapes(text):
        return kind
    inner = decoded_text(text)
    return next(_shapes(inner), None) if inner else None


def _shapes(text: str) -> Iterator[str]:
    if len(text) == 52 and _OLD_DEVOPS.fullmatch(text):
        yield "a token of Azure DevOps"
    for shape in [shape for marker, shape in _BY_MARKER if marker in text]:
        found = shape.pattern.search(text)
        if found and shape.confirm(found[0]):
            yield shape.kind


_ENCODED: Final = re.compile(r"[A-Za-z0-9+/\r\n]{24,}={0,2}\s*")
_LONGEST_ENCODED: Final = 96 * 1024  # 64 kB of cloud-init is what Azure takes


def decoded_text(text: str) -> str | None:
    """The text that is behind base64; None for what is no base64, or is not of a text."""
    if len(text) > _LONGEST_ENCODED or _ENCODED.fullmatch(text) is None:
        return None
    try:
        inner = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return inner if "".join(inner.split()).isprintable() else None


_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_~.-]+={0,2}")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_GUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_DIGEST: Final = re.compile(r"(?:sha\d+|md5)[-:=]", re.IGNORECASE)
_KINDS: Final = str.maketrans(
    string.ascii_lowercase + string.ascii_uppercase + string.digits, "a" * 26 + "A" * 26 + "0" * 10
)
# How resource ids begin; and in base64 certificates, gzip, zip, PNG, JPEG, PDF, GIF, SSH keys.
_FILES: Final = ("/subscriptions/", "MII", "H4sI", "UEsD", "iVBOR", "/9j/", "JVBER", "R0lGOD", "AAAA")
_LONGEST_TOKEN: Final = 128
_PARTS: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_WORD: Final = 12  # Standard_NC24ads_A100_v4 has many parts, and none is long


def looks_random(text: str, shortest: int) -> bool:
    """Whether a text is one word of random characters, as keys are and names are not.

    A random text changes between small letters, capitals and digits at two of three characters; words in
    camel case do at one of three. Hexadecimal text is never judged here: it is what hashes look like.
    """
    if not shortest <= len(text) <= _LONGEST_TOKEN or _TOKEN.fullmatch(text) is None:
        return False
    if text.startswith(_FILES) or text.count(".") > 2 or text.count("/") > len(text) / 8:
        return False
    core = text.rstrip("=")
    kinds = core.translate(_KINDS)
    changes = sum(map(operator.ne, kinds, kinds[1:]))
    if changes < 0.45 * (len(core) - 1) or kinds.count("0") < 2 or "a" not in kinds or "A" not in kinds:
        return False
    return (
        max(map(len, _PARTS.split(core))) >= _LONGEST_WORD
        and entropy(core) >= 0.78 * math.log2(len(core))
        and _DIGEST.match(text) is None
        and decoded_text(text) is None
    )


def looks_like_key(text: str) -> bool:
    """Whether the value of something that may be a secret is one: random, or hexadecimal and long."""
    if _GUID.fullmatch(text):
        return False
    return looks_random(text, 20) or (len(text) >= 32 and _HEX.fullmatch(text) is not None)


def entropy(text: str) -> float:
    """Shannon's, in bits for each character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
