"""Tokens that were accepted once: what is remembered of them, and for how long."""

from __future__ import annotations

import time
from pathlib import Path
from unittest.mock import Mock

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.tokens import Identity, TokenError, TokenService

AUDIENCE = "https://management.azure.com"
SOMEBODY = Identity("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")


@pytest.fixture(scope="module")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "signing.key"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return file


@pytest.fixture
def tokens(signing_key: Path) -> TokenService:
    return TokenService(signing_key, "00000000-0000-4000-8000-00000000000c")


def test_a_signature_is_checked_once(tokens: TokenService, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = tokens.access_token(SOMEBODY, AUDIENCE)
    first = tokens.verify(token, frozenset({AUDIENCE}))
    monkeypatch.setattr("sandbox.tokens.jwt.decode", Mock(side_effect=AssertionError))
    assert tokens.verify(token, frozenset({AUDIENCE})) == first


def test_a_known_token_still_has_to_be_for_the_audience(tokens: TokenService) -> None:
    token, _ = tokens.access_token(SOMEBODY, AUDIENCE)
    tokens.verify(token, frozenset({AUDIENCE}))
    with pytest.raises(TokenError) as refused:
        tokens.verify(token, frozenset({"https://storage.azure.com"}))
    assert refused.value.problem == "audience"


def test_a_known_token_is_judged_again_when_its_time_is_over(
    tokens: TokenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, lifetime = tokens.access_token(SOMEBODY, AUDIENCE)
    tokens.verify(token, frozenset({AUDIENCE}))
    later = time.time() + lifetime + 1
    monkeypatch.setattr("sandbox.tokens.time.time", lambda: later)
    monkeypatch.setattr("sandbox.tokens.jwt.decode", Mock(side_effect=[jwt.ExpiredSignatureError, {}]))
    with pytest.raises(TokenError) as refused:
        tokens.verify(token, frozenset({AUDIENCE}))
    assert refused.value.problem == "expired"


def test_another_token_with_the_same_claims_is_not_known(tokens: TokenService) -> None:
    token, _ = tokens.access_token(SOMEBODY, AUDIENCE)
    tokens.verify(token, frozenset({AUDIENCE}))
    head, claims, signature = token.split(".")
    with pytest.raises(TokenError) as refused:
        tokens.verify(f"{head}.{claims}.{signature[::-1]}", frozenset({AUDIENCE}))
    assert refused.value.problem in ("signature", "malformed")
