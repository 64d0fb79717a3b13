"""Stage 1: the Azure resources of the platform, one module per concern."""

from infra.lean_sdk import install

install()
