"""Compute targets of the workspace, one kind per module."""
