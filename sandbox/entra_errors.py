"""Entra ID's errors: one function per documented code, in the shape that MSAL reads.

Codes: "Microsoft Entra authentication and authorization error codes". The
sentences, statuses and `error` values are those that people quote in public issues
of Azure/login, azure-workload-identity and sap-automation; AADSTS700212's is
formed like its two neighbours.
"""

from __future__ import annotations

import datetime as dt
import uuid

from starlette.responses import JSONResponse

_WORKLOAD_DOCS = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"


class EntraError(Exception):
    """An answer of the token service that is not a token."""

    def __init__(self, status: int, error: str, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.error = error
        self.code = code
        self.sentence = sentence

    def response(self, correlation_id: str | None = None) -> JSONResponse:
        """The JSON answer, with trace ids as Entra ID adds them."""
        trace, correlation = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        stamp = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        content = {
            "error": self.error,
            "error_description": (
                f"AADSTS{self.code}: {self.sentence} "
                f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
            ),
            "error_codes": [self.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }
        return JSONResponse(content, self.status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def tenant_not_found(tenant: str) -> EntraError:
    """The path names a tenant that does not exist."""
    return EntraError(
        400,
        "invalid_tenant",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing "
        "into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    )


def parameter_missing(name: str) -> EntraError:
    """A field of the form that every token request has is absent."""
    return EntraError(
        400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )


def grant_type_unsupported(grant_type: str) -> EntraError:
    """The sandbox signs in applications only; interactive sign-in has no emulation."""
    return EntraError(
        400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant_type}'."
    )


def application_not_found(client_id: str, tenant: str) -> EntraError:
    """No application has this client id."""
    return EntraError(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can "
        "happen if "
        "the application has not been installed by the administrator of the tenant or consented to by "
        "any user in "
        "the tenant. You may have sent your authentication request to the wrong tenant.",
    )


def secret_wrong(client_id: str) -> EntraError:
    """The client secret is not the application's."""
    return EntraError(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
        "secret value, "
        f"not the client secret ID, for a secret added to app '{client_id}'.",
    )


def credential_missing() -> EntraError:
    """Neither a secret nor an assertion was sent."""
    return EntraError(
        401,
        "invalid_client",
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    )


def scope_missing() -> EntraError:
    """Version 2.0 wants a scope."""
    return parameter_missing("scope")


def scope_not_default(scope: str) -> EntraError:
    """Client credentials work with `.default` scopes only."""
    return EntraError(
        400,
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope "
        "value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    )


def resource_unknown(resource: str, tenant: str) -> EntraError:
    """The scope's resource is no application of this tenant or of Azure."""
    return EntraError(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can "
        "happen if "
        "the application has not been installed by the administrator of the tenant or consented to by "
        "any user in "
        "the tenant. You might have sent your authentication request to the wrong tenant.",
    )


def assertion_malformed() -> EntraError:
    """The client assertion is no JWT."""
    return EntraError(401, "invalid_client", 50027, "JWT token is invalid or malformed.")


def assertion_signature_wrong() -> EntraError:
    """Nobody whose keys the issuer publishes has signed the assertion."""
    return EntraError(401, "invalid_client", 700027, "Client assertion contains an invalid signature.")


def assertion_expired(now: str, begins: str, ends: str) -> EntraError:
    """The assertion's time is over, or has not come yet."""
    return EntraError(
        401,
        "invalid_client",
        700024,
        f"Client assertion is not within its valid time range. Current time: {now}, assertion valid from "
        f"{begins}, "
        f"expiry time of assertion {ends}.",
    )


def federation_issuer_unknown(issuer: str) -> EntraError:
    """No federated credential of the application names this issuer."""
    return EntraError(
        401,
        "invalid_client",
        700211,
        f"No matching federated identity record found for presented assertion issuer '{issuer}'. Check your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"{_WORKLOAD_DOCS}",
    )


def federation_audience_unknown(audience: str) -> EntraError:
    """The issuer is known, the audience is not."""
    return EntraError(
        401,
        "invalid_client",
        700212,
        f"No matching federated identity record found for presented assertion audience '{audience}'. "
        "Check your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"{_WORKLOAD_DOCS}",
    )


def federation_subject_unknown(subject: str) -> EntraError:
    """Issuer and audience are known, the subject is not (matching minds upper and lower case)."""
    return EntraError(
        401,
        "invalid_client",
        700213,
        f"No matching federated identity record found for presented assertion subject '{subject}'. Check "
        "your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"{_WORKLOAD_DOCS}",
    )
