"""Versioned assets of workspaces and registries: containers, versions, uploads, lists.

One `AssetKind` says what is special about environments, data, ...; `types` makes the
resource types of it, for workspaces and for registries alike. Left out: profiles,
packages and image builds, materialisation of feature sets.
"""
