"""A stand-in for the azure-native provider plugin, for the sandbox only.

Generic over Azure Resource Manager: paths and replace rules come from the sandbox's
resource declarations, inputs and outputs from the types in `pulumi_azure_native`, wire
names from the Azure SDKs' models. Against Azure itself the official plugin is used.

It differs from the official plugin where that is an advantage for finding mistakes:
inputs are checked strictly (unknown property, type, enum value, discriminator), and a
token or a function that it does not know is refused.
"""
