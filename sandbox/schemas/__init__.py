"""Strict schemas of Azure resources, read from the published Python packages.

Two families, both read as source text and never imported:

* the input and output types of `pulumi_azure_native` (one module per namespace);
* the request and response models of `azure-mgmt-*` and of `azure-ai-ml`.

`catalogue` answers questions about them, `check` compares a value with a schema.
`python -m sandbox.schemas` compiles everything that the sandbox declares ahead of time.
"""
