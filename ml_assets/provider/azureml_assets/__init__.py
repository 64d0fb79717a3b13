"""The plugin that registers assets: checked offline, hashed, and sent by azure-ai-ml.

The only place that imports azure.ai.ml, and never before a document has to be checked or
written: a run in which nothing changed does without it.
"""
