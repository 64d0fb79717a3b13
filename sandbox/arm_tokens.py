"""How Resource Manager judges a bearer token: its codes and sentences.

Source: "Authenticate requests across tenants" and the answers quoted in public
issues (Azure-Samples/active-directory-dotnetcore-daemon-v2#145 for the audience).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sandbox.arm.caller import Caller, TokenRejected, VerifyToken
from sandbox.tokens import MANAGEMENT_AUDIENCES, TokenError, TokenService

_ALLOWED = (
    "'https://management.core.windows.net/','https://management.core.windows.net',"
    "'https://management.azure.com/','https://management.azure.com'"
)


def token_verifier(tokens: TokenService) -> VerifyToken:
    """The function that Resource Manager gives each Authorization header's token to."""

    def verify(token: str) -> Caller:
        try:
            claims = tokens.verify(token, MANAGEMENT_AUDIENCES)
        except TokenError as error:
            raise TokenRejected(*_code_and_message(error, tokens.issuer)) from None
        return Caller(claims["oid"].lower(), claims["appid"].lower(), claims["tid"].lower())

    return verify


def _code_and_message(error: TokenError, issuer: str) -> tuple[str, str]:
    claims = error.claims
    if error.problem == "expired":
        now = dt.datetime.now(dt.timezone.utc)
        ended = dt.datetime.fromtimestamp(claims["exp"], dt.timezone.utc)
        return "ExpiredAuthenticationToken", (
            f"The access token expiry UTC time '{_american(ended)}' is earlier than current UTC time "
            f"'{_american(now)}'."
        )
    if error.problem == "audience":
        return "InvalidAuthenticationTokenAudience", (
            f"The access token has been obtained for wrong audience or resource '{_audience(claims)}'. "
            f"It should exactly match with one of the allowed audiences {_ALLOWED}."
        )
    if error.problem == "issuer":
        return "InvalidAuthenticationTokenTenant", (
            f"The access token is from the wrong issuer '{claims.get('iss')}'. It must match the tenant "
            f"'{issuer}' "
            "associated with this subscription. Please use the authority (URL) "
            f"'{issuer.replace('sts.windows.net', 'login.windows.net').rstrip('/')}' to get the token. "
            "Note, if the "
            "subscription is transferred to another tenant there is no impact to the services, but "
            "information about "
            "new tenant could take time to propagate (up to an hour). If you just transferred your "
            "subscription and "
            "see this error message, please try back later."
        )
    if error.problem == "malformed":
        return "InvalidAuthenticationToken", "The access token is invalid."
    return "InvalidAuthenticationToken", "The access token signature is invalid."


def _audience(claims: Mapping[str, Any]) -> str:
    audience = claims.get("aud")
    return ",".join(audience) if isinstance(audience, list) else str(audience)


def _american(moment: dt.datetime) -> str:
    """The format that the service writes: 9/1/2022 1:02:03 PM."""
    day = f"{moment.month}/{moment.day}/{moment.year}"
    return f"{day} {moment.hour % 12 or 12}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"
