"""Types that have tags of Azure Resource Manager: tags and a location in the inputs of azure-native 3.29.

Types of other modules are looked at where a program gives them tags. Children without a location count as
their parent's in reports of costs, so nothing is asked of them.
"""

from __future__ import annotations

from typing import Final

_BY_MODULE: Final = """
    machinelearningservices: BatchDeployment BatchEndpoint CapacityReservationGroup Compute
        InferenceEndpoint InferenceGroup InferencePool OnlineDeployment OnlineEndpoint Registry
        ServerlessEndpoint Workspace
    storage: StorageAccount
    keyvault: ManagedHsm Vault
    containerregistry: Registry Replication Task Webhook
    applicationinsights: Component MyWorkbook WebTest Workbook WorkbookTemplate
    operationalinsights: Cluster QueryPack Workspace
    managedidentity: UserAssignedIdentity
    network: ApplicationGateway ApplicationSecurityGroup AzureFirewall BastionHost ConnectionMonitor
        CustomIPPrefix DdosCustomPolicy DdosProtectionPlan ExpressRouteCircuit ExpressRouteGateway
        ExpressRoutePort FirewallPolicy FlowLog InterconnectGroup InterfaceEndpoint IpAllocation
        IpGroup IpamPool LoadBalancer LocalNetworkGateway NatGateway NetworkInterface NetworkManager
        NetworkProfile NetworkSecurityGroup NetworkSecurityPerimeter
        NetworkSecurityPerimeterAccessRule NetworkSecurityPerimeterAssociation
        NetworkSecurityPerimeterProfile NetworkVirtualAppliance NetworkWatcher NspAccessRule
        NspAssociation NspProfile P2sVpnGateway PrivateEndpoint PrivateLinkService PublicIPAddress
        PublicIPPrefix RouteFilter RouteTable SecurityPartnerProvider ServiceEndpointPolicy
        ServiceGateway VerifierWorkspace VirtualHub VirtualNetwork VirtualNetworkAppliance
        VirtualNetworkGateway VirtualNetworkGatewayConnection VirtualNetworkTap VirtualRouter
        VirtualWan VpnGateway VpnServerConfiguration VpnSite WebApplicationFirewallPolicy
    privatedns: PrivateZone VirtualNetworkLink
    dns: Zone
    monitor: ActionGroup ActivityLogAlert AutoscaleSetting AzureMonitorWorkspace
        DataCollectionEndpoint DataCollectionRule HealthModel MetricAlert PipelineGroup
        PrivateLinkScope ScheduledQueryRule TenantActionGroup
    resources: AzureCliScript AzurePowerShellScript Resource ResourceGroup TemplateSpec TemplateSpecVersion
    search: Service
    cognitiveservices: Account CommitmentPlan Project SharedCommitmentPlan
    databricks: AccessConnector Workspace
    synapse: BigDataPool KustoPool PrivateLinkHub SqlPool Workspace
    datafactory: Factory
    sql: Database ElasticPool InstancePool JobAgent ManagedDatabase ManagedInstance Server
        VirtualCluster
    compute: AvailabilitySet CapacityReservation CapacityReservationGroup DedicatedHost
        DedicatedHostGroup Disk DiskAccess DiskEncryptionSet Gallery GalleryApplication
        GalleryApplicationVersion GalleryImage GalleryImageVersion GalleryInVMAccessControlProfile
        GalleryInVMAccessControlProfileVersion GalleryScript GalleryScriptVersion Image
        ProximityPlacementGroup Snapshot SshPublicKey VirtualMachine VirtualMachineScaleSet
    containerservice: Fleet FleetManagedNamespace ManagedCluster ManagedClusterSnapshot Snapshot
    cosmosdb: CassandraCluster DatabaseAccount Fleet GarnetCluster MongoCluster ThroughputPool
    eventgrid: Domain Namespace PartnerConfiguration PartnerDestination PartnerNamespace
        PartnerRegistration PartnerTopic SystemTopic Topic
    eventhub: Cluster Namespace
    servicebus: Namespace
    web: AiGateway AppServiceEnvironment AppServicePlan Certificate Connection ConnectionGateway
        CustomApi KubeEnvironment StaticSite WebApp WebAppSlot
    app: Agent AgentSpace Builder Certificate ConnectedEnvironment ConnectedEnvironmentsCertificate
        ContainerApp ContainerAppsSessionPool Job ManagedCertificate ManagedEnvironment
    containerinstance: CGProfile ContainerGroup ContainerGroupProfile NGroup
    apimanagement: ApiGateway ApiManagementService
    redis: Redis
    dbforpostgresql: Migration Server ServerGroupCluster SingleServer
    dbformysql: Server SingleServer
    logic: IntegrationAccount IntegrationServiceEnvironment IntegrationServiceEnvironmentManagedApi
        RosettaNetProcessConfiguration Workflow
    automation: AutomationAccount RuntimeEnvironment
    recoveryservices: Vault
    purview: Account
    kusto: Cluster
    alertsmanagement: ActionRuleByName AlertProcessingRuleByName PrometheusRuleGroup
        SmartDetectorAlertRule
    portal: Dashboard
    batch: BatchAccount
    appconfiguration: ConfigurationStore
    signalrservice: SignalR SignalRReplica
"""


def _types() -> frozenset[str]:
    types = set()
    module = ""
    for word in _BY_MODULE.split():
        if word.endswith(":"):
            module = word
        else:
            types.add(f"{module}{word}")
    return frozenset(types)


TAGGED: Final = _types()
