"""The environment of a command that runs inside the sandbox, and running it.

Nothing in a wrapped command knows about the sandbox: a proxy, a certificate
bundle and a service principal's credentials are all that makes its Azure local.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from sandbox.engine_path import engine_folder
from sandbox.errors import SandboxError
from sandbox.ports import LOOPBACK
from sandbox.pulumi_home import prepare_pulumi_home
from sandbox.settings import SandboxSettings

# Settings of the user's own Azure, Pulumi and proxy would lead commands out of the sandbox, sign in as
# somebody else, or write state that the next command, from another shell, can't read.
_DROPPED_PREFIXES = (
    "AZURE_",
    "ARM_",
    "AZUREML_",
    "IDENTITY_",
    "MSI_",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CREDENTIALS_PATH",
    "PULUMI_DIY_BACKEND_",
    "PULUMI_SELF_MANAGED_STATE_",
    "ALL_PROXY",
    "all_proxy",
)
_KEPT = ("AZURE_SANDBOX_HOME", "AZURE_SANDBOX_NODE_MODULES", "AZURE_SANDBOX_ENGINE")
_NO_PROXY = "127.0.0.1,localhost,::1"


def environment(
    settings: SandboxSettings, principal: str = "deployer", base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of a wrapped command, signed in as `principal`.

    Raises SandboxError for a principal that does not exist.
    """
    variables = dict(os.environ if base is None else base)
    for name in list(variables):
        if name.startswith(_DROPPED_PREFIXES) and name not in _KEPT:
            del variables[name]
    variables |= _network(settings) | _sign_in(settings, principal) | _pulumi(settings)
    variables["AZURE_SANDBOX"] = settings.folder.name
    variables["PATH"] = os.pathsep.join([*_programs(), variables.get("PATH", os.defpath)])
    return variables


def prepare(settings: SandboxSettings) -> None:
    """Make the files that a wrapped command's environment speaks of; quick when they are there."""
    prepare_pulumi_home(settings.folder)


def execute(settings: SandboxSettings, principal: str, command: Sequence[str]) -> NoReturn:
    """Become the command: its exit status, signals and terminal are then the caller's own.

    Does not return; raises SandboxError when there is no such program.
    """
    prepare(settings)
    variables = environment(settings, principal)
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise SandboxError(f"{command[0]}: no such program on PATH")
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(program, list(command), variables)  # noqa: S606 - a list, never a shell's text
    except OSError as error:
        raise SandboxError(f"{program} can't be executed: {error.strerror}") from None


def _network(settings: SandboxSettings) -> dict[str, str]:
    proxy = f"http://{LOOPBACK}:{settings.ports.proxy}"
    bundle = str(settings.folder.ca_bundle)
    variables = {"REQUESTS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle, "CURL_CA_BUNDLE": bundle}
    variables["NODE_EXTRA_CA_CERTS"] = str(settings.folder.ca_certificate)
    # Half of the world's programs read the small letters, the other half the capital ones.
    for name, value in (("HTTPS_PROXY", proxy), ("HTTP_PROXY", proxy), ("NO_PROXY", _NO_PROXY)):
        variables |= {name: value, name.lower(): value}
    return variables


def _sign_in(settings: SandboxSettings, name: str) -> dict[str, str]:
    principal = settings.principal(name)
    variables = {
        "AZURE_SUBSCRIPTION_ID": settings.subscription_id,
        "AZURE_CONFIG_DIR": str(settings.folder.azure_config),
    }
    for prefix in ("AZURE", "ARM"):
        variables[f"{prefix}_TENANT_ID"] = settings.tenant_id
        variables[f"{prefix}_CLIENT_ID"] = principal.application_id
        variables[f"{prefix}_CLIENT_SECRET"] = principal.secret
    variables["ARM_SUBSCRIPTION_ID"] = settings.subscription_id
    return variables


def _pulumi(settings: SandboxSettings) -> dict[str, str]:
    folder = settings.folder
    return {
        "PULUMI_HOME": str(folder.pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{folder.pulumi_state}",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # Protects nothing but the sandbox's own state, and lets commands run without a question.
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
    }


def _programs() -> list[str]:
    """Folders that come first on PATH: the engine's, then that of the running interpreter."""
    engine = engine_folder()
    return [*([str(engine)] if engine else []), str(Path(sys.executable).parent)]
