"""Who sends a request, as its token says, and how a token is refused.

Tokens are made and read by the sandbox's Entra part; Resource Manager only needs a
function from the token's text to a `Caller`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

PrincipalType = Literal["User", "Group", "ServicePrincipal"]


@dataclass(frozen=True)
class Caller:
    """The principal of a valid token; ids are GUIDs in lower case.

    `groups` are the object ids of the groups that it is a member of: role assignments
    to those count too.
    """

    object_id: str
    application_id: str
    tenant_id: str
    principal_type: PrincipalType = "ServicePrincipal"
    groups: tuple[str, ...] = ()

    @property
    def client(self) -> str:
        """How ARM names the caller in `AuthorizationFailed`: the application, or the user's object."""
        return self.application_id or self.object_id


class TokenRejected(Exception):  # noqa: N818 - named for what happened; other modules raise it
    """A bearer token that Resource Manager does not accept.

    `code` is ARM's own: InvalidAuthenticationToken, ExpiredAuthenticationToken,
    InvalidAuthenticationTokenTenant, InvalidAuthenticationTokenAudience.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


VerifyToken = Callable[[str], Caller]  # raises TokenRejected
