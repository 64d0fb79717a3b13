"""The statements about Azure that Entra ID, metadata and the blob front rest on, with their origins."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded

_FLOW = documented("Microsoft identity platform and the OAuth 2.0 client credentials flow")
_BLOB_AUTH = documented("Authorize access to blobs using Microsoft Entra ID")
_BLOB_CODES = documented("Azure Storage REST API: status and error codes")

SERVICE_FACTS: tuple[Fact, ...] = (
    # Entra ID
    Fact("An application gets a token by secret or by assertion, for one resource's .default scope.", _FLOW),
    Fact("Claims of an application's version 1.0 token.", documented("Access token claims reference")),
    Fact("Tokens of an application last one hour.", assumed("Azure varies between 60 and 90 minutes")),
    Fact(
        "A managed identity's token lasts a day.",
        documented("Managed identities for Azure resources: frequently asked questions"),
    ),
    Fact("A wrong secret is 401 invalid_client AADSTS7000215.", recorded("Azure/sap-automation#418")),
    Fact(
        "No secret and no assertion is AADSTS7000218.",
        documented("Microsoft Entra authentication and authorization error codes"),
    ),
    Fact(
        "An unknown application is AADSTS700016.",
        documented("Microsoft Entra authentication and authorization error codes"),
    ),
    Fact(
        "An unknown tenant is AADSTS90002.",
        documented("Microsoft Entra authentication and authorization error codes"),
    ),
    Fact(
        "An unknown resource is AADSTS500011.",
        documented("Microsoft Entra authentication and authorization error codes"),
    ),
    Fact(
        "A scope other than .default is AADSTS1002012.", assumed("quoted from memory of the service's answer")
    ),
    Fact("A federated subject that does not match is AADSTS700213.", recorded("Azure/login#482")),
    Fact(
        "A federated issuer that does not match is AADSTS700211.",
        recorded("Azure/azure-workload-identity#1200"),
    ),
    Fact(
        "A federated audience that does not match is AADSTS700212.", assumed("formed like its two neighbours")
    ),
    Fact("Matching of federated credentials minds upper and lower case.", recorded("Azure/login#517")),
    Fact("An assertion outside its time is AADSTS700024.", _FLOW),
    Fact(
        "A forged assertion is AADSTS700027.",
        assumed("documented for certificates, taken over for federation"),
    ),
    Fact(
        "App Service's endpoint: header, parameters and answer at 2019-08-01.",
        documented(
            "How to use managed identities for App Service and Azure Functions: REST endpoint reference"
        ),
    ),
    Fact(
        "The endpoint's refusals are 400 with statusCode and message.",
        assumed("the document shows no refusal"),
    ),
    # Resource Manager's view of a token
    Fact(
        "A token for another audience is InvalidAuthenticationTokenAudience.",
        recorded("Azure-Samples/active-directory-dotnetcore-daemon-v2#145"),
    ),
    Fact("An expired token is ExpiredAuthenticationToken.", assumed("the sentence is quoted from memory")),
    Fact(
        "A token of another tenant is InvalidAuthenticationTokenTenant.",
        assumed("the sentence is quoted from memory"),
    ),
    # Metadata
    Fact(
        "Metadata is an object from 2022-09-01 on, a list before.",
        recorded("azure-native's and azure-cli's readers"),
    ),
    Fact("Metadata needs no token.", recorded("azure-native's and azure-cli's readers")),
    # Blobs
    Fact("Which action or data action each blob operation needs.", _BLOB_AUTH),
    Fact("A missing data role is 403 AuthorizationPermissionMismatch.", _BLOB_CODES),
    Fact(
        "allowSharedKeyAccess false refuses keys, account and service SAS: "
        "KeyBasedAuthenticationNotPermitted.",
        documented("Prevent Shared Key authorization for an Azure Storage account"),
    ),
    Fact(
        "A user delegation SAS works without keys and has its signer's rights at most.",
        documented("Create a user delegation SAS"),
    ),
    Fact(
        "Disabled public access and a denying firewall are 403 AuthorizationFailure.",
        documented("Configure Azure Storage firewalls and virtual networks"),
    ),
    Fact(
        "allowBlobPublicAccess false is 409 PublicAccessNotPermitted.",
        documented("Remediate anonymous read access to blob data"),
    ),
    Fact(
        "Clients since 2019-12-12 without a credential get a 401 challenge.",
        documented("Authorize with Microsoft Entra ID: bearer challenge"),
    ),
    Fact(
        "An account that does not exist does not resolve; a proxy reports that as 503.",
        assumed("proxies differ"),
    ),
)
