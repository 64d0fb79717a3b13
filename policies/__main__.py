"""The policy pack: `pulumi preview --policy-pack policies`."""

from pathlib import Path

from azureml_guard.host import serve

serve(Path(__file__).parent / "config")
