"""The Pulumi engine: an installed one if it is new enough, else one that is built from its Go modules.

Only the standard library is imported here, because set-up runs this before any package is installed.
"""
