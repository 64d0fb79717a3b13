"""Controls of federated credentials: whose tokens of another issuer become an identity of Azure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, Setting, StackControl
from azureml_guard.facts import Finding, Resource, Stack, Truth, both, negated
from azureml_guard.grants import CREDENTIAL, ROLE_ASSIGNMENT, Grants
from azureml_guard.references import USER_ASSIGNED_IDENTITY
from azureml_guard.roles import Right
from azureml_guard.values import UNKNOWN, Unknown

_GITHUB: Final = "https://token.actions.githubusercontent.com"
_AZURE_DEVOPS: Final = "https://vstoken.dev.azure.com/"
# "Configure a user-assigned managed identity to trust an external identity provider": one for each cloud.
_AUDIENCES: Final = (
    "api://AzureADTokenExchange",
    "api://AzureADTokenExchangeUSGov",
    "api://AzureADTokenExchangeChina",
)
_TRUSTED_OWNERS: Final = (
    "[Preview]: [Preview]: Managed Identity Federated Credentials from GitHub should be from trusted "
    "repository owners"
)
_ISSUER_TYPES: Final = (
    "[Preview]: [Preview]: Managed Identity Federated Credentials should be from allowed issuer types"
)
_ENVIRONMENT: Final = re.compile(r"repo:(?P<repository>[^/:*]+/[^/:*]+):environment:[^*]+")
_PULL_REQUEST: Final = re.compile(r"repo:(?P<repository>[^/:*]+/[^/:*]+):pull_request")


def _credentials(stack: Stack, context: Context) -> Iterator[Finding]:
    credentials = stack.of(CREDENTIAL)
    if not credentials:
        return
    grants = Grants(stack)
    for credential in credentials:
        issuer, subject = credential.at("issuer"), credential.at("subject")
        is_trusted = issuer.test(partial(_is_trusted, context.settings["issuers"]))
        yield issuer.must(is_trusted, "must be a trusted issuer")
        is_github = issuer.test(partial(_is_trusted, [_GITHUB]))
        if is_github is False:
            yield subject.must(subject.test(_names_one), "must name one caller, without *")
        else:
            yield from _github(credential, grants, is_github, context.settings["repositories"])
        yield from _audiences(credential)


def _github(
    credential: Resource, grants: Grants, is_github: Truth, repositories: list[str]
) -> Iterator[Finding]:
    subject = credential.at("subject")
    if subject.test(lambda text: _PULL_REQUEST.fullmatch(text) is not None):
        yield subject.must(
            both(is_github, _only_reads(credential, grants)),
            "must not be that of pull requests, unless the stack gives its identity roles that only read",
        )
    else:
        named = subject.test(lambda text: _ENVIRONMENT.fullmatch(text) is not None)
        yield subject.must(both(is_github, named), "must name a repository and an environment")
    if repositories:
        yield subject.must(
            both(is_github, subject.test(partial(_is_of, repositories))),
            "must name one of the repositories that are set",
        )


def _only_reads(credential: Resource, grants: Grants) -> Truth:
    """Whether all roles of the credential's identity only read, and none opens secrets or uses keys."""
    identity = grants.identity_of(credential)
    if not isinstance(identity, Resource):
        return None if identity is UNKNOWN else False
    truths: list[Truth] = []
    for grant in grants.all:
        harmless = both(grant.reads_only, negated(grant.has(Right.DECRYPT)))
        if isinstance(grant.principal, Unknown):
            truths.append(True if harmless else None)
        elif grant.principal == identity.urn:
            truths.append(harmless)
    return both(*truths)


def _audiences(credential: Resource) -> Iterator[Finding]:
    audiences = credential.at("audiences")
    known = (each.test(_AUDIENCES.__contains__) for each in audiences.each())
    yield audiences.must(
        both(audiences.test(lambda each: len(each) == 1), *known),
        "must be api://AzureADTokenExchange, or that of a national cloud",
    )


def _is_trusted(trusted: list[str], issuer: str) -> bool:
    plain = issuer.rstrip("/").lower()
    return any(
        plain.startswith(each.lower()) if each.endswith("/") else plain == each.lower() for each in trusted
    )


def _is_of(repositories: list[str], subject: str) -> bool:
    match = _ENVIRONMENT.fullmatch(subject) or _PULL_REQUEST.fullmatch(subject)
    name = match["repository"].lower() if match else ""
    return any(fnmatchcase(name, each.lower()) for each in repositories)


def _names_one(subject: str) -> bool:
    return bool(subject) and "*" not in subject


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.IDENTITY,
        number=12,
        title="Federated credentials trust one caller of a known issuer",
        why=(
            "Whoever can make the issuer write the subject acts as the identity; anybody who opens a pull "
            "request makes GitHub write pull_request."
        ),
        mend=(
            "Set issuer to a trusted one, subject to repo:OWNER/NAME:environment:ENVIRONMENT and audiences "
            "to [api://AzureADTokenExchange]. Give previews of pull requests an identity that only reads."
        ),
        severity=Severity.CRITICAL,
        types=(CREDENTIAL, USER_ASSIGNED_IDENTITY, ROLE_ASSIGNMENT),
        check=_credentials,
        settings={
            "issuers": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "pattern": "^https://"},
                    "default": [_GITHUB, _AZURE_DEVOPS],
                },
                description="Trusted issuers; one that ends with / also stands for what is below it.",
            ),
            "repositories": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[^/]+/[^/]+$"},
                    "default": [],
                },
                description="The only repositories of GitHub, OWNER/NAME, * for any characters; none: all.",
            ),
        },
        references=References(
            azure_policy=(_TRUSTED_OWNERS, _ISSUER_TYPES),
            benchmark=("IM-3",),
            url="https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations",
        ),
    ),
)
