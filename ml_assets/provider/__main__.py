"""The process of the plugin; the engine starts this folder. What the plugin does is in azureml_assets."""

import sys
from pathlib import Path

# The folder is started as it lies: the base of our plugins and the reader of documents are in the root.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from azureml_assets.provider import AssetProvider  # the path first
from resource_provider.server import main

main(AssetProvider(Path.cwd()))
