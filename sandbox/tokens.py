"""Signed tokens: those that Entra ID issues, and those that an OIDC issuer outside Azure would.

Both are RS256 JWTs over the sandbox's own key. Which claims are asserted here:
"Access token claims reference" (Microsoft identity platform), version 1.0 tokens,
which is what Azure's own resources such as Resource Manager and Storage receive.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.settings import FEDERATED_AUDIENCE, GITHUB_ISSUER

# Real lifetimes vary between 60 and 90 minutes; a fixed one keeps runs alike.
LIFETIME = 3600
MANAGED_IDENTITY_LIFETIME = 86400
CLOCK_SKEW = 300
_REMEMBERED = 256  # tokens that were found valid

MANAGEMENT_AUDIENCES = frozenset(
    {
        "https://management.core.windows.net/",
        "https://management.core.windows.net",
        "https://management.azure.com/",
        "https://management.azure.com",
    }
)

Problem = Literal["malformed", "signature", "expired", "not yet valid", "issuer", "audience"]


class TokenError(Exception):
    """A bearer token that a service of Azure refuses.

    `problem` is what is wrong; `claims` are the token's own where it could be read,
    for messages that quote them. Each service renders its own error from it.
    """

    def __init__(self, problem: Problem, detail: str, claims: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.problem = problem
        self.claims = dict(claims or {})


@dataclass(frozen=True)
class Identity:
    """Who a token speaks for: the service principal's object id and its application's id."""

    object_id: str
    application_id: str
    managed_identity_id: str = ""  # ARM id of a managed identity; empty for an application


class TokenService:
    """Signs and verifies with the sandbox's key; `tenant_id` is the only tenant there is."""

    def __init__(self, signing_key: Path, tenant_id: str) -> None:
        key = serialization.load_pem_private_key(signing_key.read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{signing_key} holds no RSA key")
        self._key = key
        self._public = key.public_key()
        self.tenant_id = tenant_id
        self.issuer = f"https://sts.windows.net/{tenant_id}/"
        self.key_id = _thumbprint(self._public)
        self._valid: dict[str, dict[str, Any]] = {}  # claims of tokens whose signature was checked

    def access_token(self, identity: Identity, audience: str, lifetime: int = LIFETIME) -> tuple[str, int]:
        """A version 1.0 access token and its lifetime in seconds."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": self.issuer,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "aio": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
            "appid": identity.application_id,
            "appidacr": "2" if identity.managed_identity_id else "1",
            "idp": self.issuer,
            "idtyp": "app",
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": self.tenant_id,
            "uti": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
            "ver": "1.0",
        }
        if identity.managed_identity_id:
            claims["xms_mirid"] = identity.managed_identity_id
        return self._sign(claims), lifetime

    def outside_token(
        self,
        subject: str,
        issuer: str = GITHUB_ISSUER,
        audience: str = FEDERATED_AUDIENCE,
        lifetime: int = 600,
    ) -> str:
        """A token as a workflow's OIDC issuer hands out ("OpenID Connect", GitHub Actions documentation)."""
        now = int(time.time())
        return self._sign(
            {
                "iss": issuer,
                "sub": subject,
                "aud": audience,
                "jti": str(uuid.uuid4()),
                "iat": now,
                "nbf": now,
                "exp": now + lifetime,
            }
        )

    def verify(self, token: str, audiences: frozenset[str]) -> dict[str, Any]:
        """The claims of an access token for one of `audiences`; raises TokenError."""
        claims = self.verify_signature(token)
        if claims.get("iss") != self.issuer:
            raise TokenError("issuer", f"issuer {claims.get('iss')!r} is not {self.issuer!r}", claims)
        if claims.get("aud") not in audiences:
            raise TokenError(
                "audience", f"audience {claims.get('aud')!r} is not one of {sorted(audiences)}", claims
            )
        if not all(isinstance(claims.get(name), str) for name in ("oid", "appid", "tid")):
            raise TokenError("malformed", "the claims oid, appid and tid are not all there", claims)
        return claims

    def verify_signature(self, token: str) -> dict[str, Any]:
        """The claims of any token of this sandbox that is valid now; raises TokenError."""
        known = self._valid.get(token)
        if known is not None and time.time() < known["exp"]:  # it was valid, and only time can change that
            return dict(known)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=["RS256"],
                leeway=CLOCK_SKEW,
                options={"verify_aud": False, "require": ["exp", "iss"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenError("expired", str(error), _unverified(token)) from None
        except jwt.ImmatureSignatureError as error:
            raise TokenError("not yet valid", str(error), _unverified(token)) from None
        except jwt.InvalidSignatureError as error:
            raise TokenError("signature", str(error), _unverified(token)) from None
        except jwt.InvalidTokenError as error:
            raise TokenError("malformed", str(error)) from None
        if len(self._valid) >= _REMEMBERED:
            self._valid.clear()
        self._valid[token] = claims
        return dict(claims)

    def key_set(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        numbers = self._public.public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "kid": self.key_id,
                    "x5t": self.key_id,
                    "n": _base64_number(numbers.n),
                    "e": _base64_number(numbers.e),
                    "issuer": self.issuer,
                }
            ]
        }

    def _sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(
            dict(claims), self._key, algorithm="RS256", headers={"kid": self.key_id, "x5t": self.key_id}
        )


def _unverified(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _base64_number(number: int) -> str:
    return (
        base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")
    )


def _thumbprint(key: rsa.RSAPublicKey) -> str:
    """RFC 7638: the hash of the key's required members in order."""
    numbers = key.public_numbers()
    members = {"e": _base64_number(numbers.e), "kty": "RSA", "n": _base64_number(numbers.n)}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
