"""Paths of properties that may be shown: names that Azure gave, `[*]` for names that the user chose.

Which properties are maps with names of the user's is read from the inputs of azure-native 3.29; with them
stand those that take anything at all (`template` of a deployment), for what is in there is the user's too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from azureml_guard.secret_names import words

USER_MAPS: Final = words(
    """
    actionProperties addOnAttributes additionalApiProperties additionalConfiguration
    additionalConfigurations additionalConnectionStringProperties additionalData additionalInfo
    additionalOptions additionalProperties addonConfigs addonProfiles advancedOptions
    advancedSettings aggregation allSettings allocationTags annotations appSettingsOverrides
    artifactTags artifacts assigned attributes authorizationAttributes authorizationEndpointHeaders
    authorizationEndpointQueryParameters awsTags azureStorageAccounts bindingParameters
    businessProcessMapping businessProcessStages capacities certificates classes clientCredentials
    clientData collections columnNameAndTypes columns componentVersion conf config
    configurationGroupSchemaReferences configurationOverride configurationProtectedSettings
    configurationSettings connectionParameters connectorProperties content credentialsConfig
    customDetails customHeaders customMessageProperties customOpenIdConnectProviders
    customParameterValues customParameters customProperties customRegistries customizedKeys data
    dataDiskNames databases defaultPackages delegatedResources
    desiredStateConfigurationGroupValueReferences diskVolumeConfigurations dns endpoints
    entitiesFilter env environmentVariables environment_variables eventHubEndpoints examples
    exclusionTags extendedDetails extendedProperties extensionConfigs extensionProperties
    externalInputDefinitions externalInputs failedOrSkippedRegions featureDataTypeOverride
    fieldDefinitionValues fieldDefinitions files findingSeverityCounts flavors globalConfigurations
    globalParameters groupProperties hashes header headers iconFileUris identityProfile
    importDiskDetailsCollection inbound inlineEventTypes inputAssets inputs
    instanceAssociationStatusAggregatedCount instanceTypes ipSetReferences ipSets jobs keyValuePairs
    keys kpisHealths kubeDNSOverrides kustomizations labelCategories labelIncludeFilter labelValues
    labels limits localized localizedAttributes localizedValueNames logPublishingOptions
    managedResourceTags mappings matchLabels messagingEndpoints metadata migrationSetting
    mirrorTraffic namedOutputs nfvisFromSite nodeLabels nodeSelector nonSecretParameterValues
    notifications optionalAgentSettings options outboundRules outputs overrides
    packageConnectionManagers packageParameters packageTags parameterValues parameters
    paymentChannelMetadata perYearMigrationCompletionPercentage placementProperties podLabels
    policies portSets preferredDisks principalMetadata projectConnectionManagers projectParameters
    propertyOverrides protectableObjectLoadPath protectedSettings query queryParameters requests
    resourceConcurrencyControlOptions resourceGroups resourceTags resourceTypeOverrides
    ruleVariables schema scriptParameters secretReference secretsConfiguration seedDiskTags
    seedManagedDiskTags serviceEndpoints serviceSelector serviceTypeHealthPolicyMap services
    settings shardKey signals sinks solutionSettings sourceAssociations sourceSetting
    sparkConfiguration stageVariableOverrides stages storageAccountCredentialsConfig
    storageEndpoints streamDeclarations subclasses substitute systemPropertyColumns tableMap tags
    targetDiskTags targetManagedDiskTags targetNicTags targetSetting targetVmTags template
    tenantSettings tieringPolicy tokenEndpointHeaders tokenEndpointQueryParameters
    trackingDataStores traffic transformerParams unassigned uris userAssignedIdentities
    userRoleAssignments value values variables vnetDNSOverrides webHookProperties webServiceInputs
    webServiceOutputs webhookProperties webhooks
    """
)
# These are maps of the user's in some types, and have fixed properties in others: below them only names that
# are known to be Azure's are shown. `spec` is the document of an asset of the plugin azureml-assets.
_MIXED: Final = words("properties credentials secrets secret password spec")
_AZURES: Final = words(
    """
    properties credentials secrets key keys value password sas sasToken clientSecret pat token
    secretAccessKey refreshToken certificate account_key sas_token client_secret clientId tenantId
    username credentialsType secretsType authType category target description condaFile image build
    codeUri environmentId environmentVariables environment_variables tags inputs outputs command code
    environment conda_file jobs appInsights vmSize userAccountCredentials adminUserName
    adminUserPassword adminUserSshPublicKey adminAccount sslConfiguration cert setupScripts scripts
    startupScript creationScript scriptData scriptArguments connectionString serviceUri encryption
    networkAcls accessPolicies attributes contentType scaleSettings subnet customServices sshSettings
    schedules liveTraceConfiguration siteConfig administratorLoginPassword parameters resourceId
    metadata sku kind scope model modelId instanceType
    """
)
# Types whose own `properties` are a map of the user's.
_MAPS: Final = words(
    """
    datafactory:GlobalParameter web:WebAppApplicationSettings web:WebAppApplicationSettingsSlot
    web:WebAppAzureStorageAccounts web:WebAppAzureStorageAccountsSlot web:WebAppConnectionStrings
    web:WebAppConnectionStringsSlot web:WebAppMetadata web:WebAppMetadataSlot
    """
)
_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]{0,63}")


def shown(type_name: str, keys: Sequence[str | int]) -> str:
    """The path as far as its names are Azure's: `properties.environmentVariables[*]`.

    Args:
        type_name: The type whose inputs they are of.
        keys: Names and positions in lists, from the inputs down. The first is a property of the type itself.
    """
    path = ""
    above: list[str] = []
    for key in keys:
        if isinstance(key, int):
            path += "[*]"
            continue
        if above and not _is_azures(type_name, above, key):
            return path if path.endswith("[*]") else f"{path}[*]"
        path = f"{path}.{key}" if path else key
        above.append(key)
    return path


def _is_azures(type_name: str, above: list[str], key: str) -> bool:
    parent = above[-1]
    if parent in USER_MAPS or _NAME.fullmatch(key) is None:
        return False
    if above == ["properties"]:
        return type_name not in _MAPS
    return key in _AZURES if parent in _MIXED else True
