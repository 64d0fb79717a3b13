"""A local Azure: Resource Manager, Entra ID, metadata and blobs for any command, on this machine alone."""
