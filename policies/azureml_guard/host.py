"""The pack as Pulumi's engine sees it: an analyzer over gRPC that judges each resource in one pass.

The policy classes of pulumi-policy take each resource apart once for every policy, and turn a policy
that met an unknown value into advice that nobody reads. This host takes it apart once, and says
"not evaluated" where that is the verdict.
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent import futures
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2
from pulumi_policy import EnforcementLevel as Level
from pulumi_policy import Severity

from azureml_guard import configuration
from azureml_guard.catalogue import CATALOGUE
from azureml_guard.configuration import ConfigurationError
from azureml_guard.control import Control, ResourceControl
from azureml_guard.discreet import DISCREET
from azureml_guard.facts import Options, Resource, Stack, Verdict, type_of
from azureml_guard.judge import Judge, Judgement
from azureml_guard.messages import message_of
from azureml_guard.remedies import remedied
from azureml_guard.values import completed, from_struct

NAME: Final = "azureml-guard"
VERSION: Final = "1.0.0"  # that of PulumiPolicy.yaml
_THREADS: Final = 4
_ALL: Final = "all"  # what a --policy-pack-config calls every policy; the engine has applied it already
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024  # the engine's own limit
_LEVELS: Final = {
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.REMEDIATE: analyzer_pb2.REMEDIATE,
    Level.DISABLED: analyzer_pb2.DISABLED,
}
_SEVERITIES: Final = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


class Host(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine: ConfigureStack, GetAnalyzerInfo, Configure, Analyze for each, AnalyzeStack."""

    def __init__(self, folder: Path, today: dt.date, catalogue: Sequence[Control] = CATALOGUE) -> None:
        """`folder`: where `dev.json`, `staging.json` and `prod.json` are."""
        self._catalogue = catalogue
        self._folder = folder
        self._today = today
        self._environment = configuration.STRICTEST
        self._root = ""
        self._judge: Judge | None = None
        self._inputs: dict[str, dict[str, Any]] = {}
        self._silent = {
            kind: {
                control.id: analyzer_pb2.PolicyNotApplicable(policy_name=control.id)
                for control in self._catalogue
                if isinstance(control, kind)
            }
            for kind in (Control, ResourceControl)
        }
        silent = self._not_applicable(set(), ResourceControl)
        self._unmended = analyzer_pb2.RemediateResponse(not_applicable=silent)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing to agree on."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The pack's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def ConfigureStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Learns which stack it is, and so which file of config/ holds."""
        self._environment = configuration.environment_of(request.stack, self._folder)
        self._root = f"{request.project}-{request.stack}"  # as every language host calls the stack's resource
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The controls, and the configuration of this stack, which a --policy-pack-config may change."""
        path = configuration.file_of(self._environment, self._folder)
        try:
            given = configuration.read(path)
            configured = configuration.configured(self._catalogue, given, self._today)
        except ConfigurationError as error:
            mistakes = "\n".join(f"  {mistake}" for mistake in error.mistakes)
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{path}:\n{mistakes}")
        info = analyzer_pb2.AnalyzerInfo(name=NAME, version=VERSION, supportsConfig=True)
        for control in self._catalogue:
            info.policies.append(_policy(control, configured[control.id].level))
            values = given.get(control.id, {})
            config = analyzer_pb2.PolicyConfig(enforcementLevel=_LEVELS[configured[control.id].level])
            config.properties.update({k: v for k, v in values.items() if k != configuration.LEVEL_KEY})
            info.initialConfig[control.id].CopyFrom(config)
        return info

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The configuration in force."""
        names = {number: level.value for level, number in _LEVELS.items()}
        given = {
            name: {
                **from_struct(config.properties),
                configuration.LEVEL_KEY: names[config.enforcementLevel],
            }
            for name, config in request.policyConfig.items()
            if name != _ALL
        }
        try:
            configured = configuration.configured(self._catalogue, given, self._today)
        except ConfigurationError as error:
            mistakes = "\n".join(f"  {mistake}" for mistake in error.mistakes)
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the policy pack's configuration:\n{mistakes}")
        self._judge = Judge(self._catalogue, configured, self._environment, self._today, self._root)
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judges one resource by its inputs."""
        resource = _resource(request)
        self._inputs[resource.urn] = dict(resource.properties)
        response = analyzer_pb2.AnalyzeResponse()
        judge = self._ready(context)
        judged = set()
        for judgement in judge.resource(resource):
            judged.add(judgement.control.id)
            if judgement.verdict is not Verdict.PASS:
                response.diagnostics.append(_diagnostic(judgement))
        response.not_applicable.extend(self._not_applicable(judged, ResourceControl))
        return response

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Mends what is safe to mend, under controls of level `remediate`."""
        judge = self._ready(context)
        if not judge.mends:  # the engine asks for each resource, and waits for the answer
            return self._unmended
        response = analyzer_pb2.RemediateResponse()
        properties = request.properties
        mended = set()
        for control, values in judge.remedies(_resource(request)):
            properties = remedied(properties, values)
            mended.add(control.id)
            response.remediations.append(
                analyzer_pb2.Remediation(
                    policyName=control.id,
                    policyPackName=NAME,
                    policyPackVersion=VERSION,
                    description=control.title,
                    properties=properties,
                )
            )
        response.not_applicable.extend(self._not_applicable(mended, ResourceControl))
        return response

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judges the whole: what was declared, completed by what is known of the results."""
        resources = tuple(self._of_stack(each) for each in request.resources)
        response = analyzer_pb2.AnalyzeResponse()
        judged = set()
        for judgement in self._ready(context).stack(Stack(resources)):
            judged.add(judgement.control.id)
            if judgement.verdict is not Verdict.PASS:
                response.diagnostics.append(_diagnostic(judgement))
        response.not_applicable.extend(self._not_applicable(judged, Control))
        return response

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing runs that could be stopped."""
        return empty_pb2.Empty()

    def _not_applicable(self, judged: set[str], kind: type[Control]) -> Iterator[Any]:
        return (message for control, message in self._silent[kind].items() if control not in judged)

    def _ready(self, context: grpc.ServicerContext) -> Judge:
        if self._judge is None:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, "the engine has not configured the policy pack"
            )
        return self._judge

    def _of_stack(self, message: Any) -> Resource:
        resource = _resource(message)
        inputs = self._inputs.get(resource.urn, {})
        return Resource(
            type=resource.type,
            urn=resource.urn,
            properties=completed(inputs, resource.properties),
            is_azure=resource.is_azure,
            options=resource.options,
            sources={key: tuple(value.urns) for key, value in message.propertyDependencies.items()},
        )


def serve(folder: Path) -> None:
    """Serves the pack until the engine ends it; its port is the first line of standard output."""
    host = Host(folder, dt.datetime.now(dt.timezone.utc).date())
    _, port = started(host)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


def started(host: Host) -> tuple[grpc.Server, int]:
    """A server on a port of its own, and the port."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        interceptors=[DISCREET],
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _resource(message: Any) -> Resource:
    name, is_azure = type_of(message.type)
    options = message.options
    return Resource(
        type=name,
        urn=message.urn,
        properties=from_struct(message.properties),
        is_azure=is_azure,
        options=Options(
            protect=options.protect,
            ignore_changes=tuple(options.ignoreChanges),
            create_seconds=options.customTimeouts.create,
            update_seconds=options.customTimeouts.update,
            delete_seconds=options.customTimeouts.delete,
        ),
    )


def _policy(control: Control, level: Level) -> Any:
    kind = (
        analyzer_pb2.POLICY_TYPE_RESOURCE
        if isinstance(control, ResourceControl)
        else analyzer_pb2.POLICY_TYPE_STACK
    )
    policy = analyzer_pb2.PolicyInfo(
        name=control.id,
        displayName=control.title,
        description=control.why,
        enforcementLevel=_LEVELS[level],
        policy_type=kind,
        severity=_SEVERITIES[control.severity],
        remediation_steps=control.mend,
        url=control.references.url,
        tags=[*control.references.benchmark, *control.references.others],
    )
    policy.configSchema.properties.update(configuration.schema_of(control))
    return policy


def _diagnostic(judgement: Judgement) -> Any:
    control = judgement.control
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=control.id,
        policyPackName=NAME,
        policyPackVersion=VERSION,
        description=control.title,
        message=f" {message_of(judgement)}",  # `pulumi preview --diff` puts nothing before it
        enforcementLevel=_LEVELS[judgement.level],
        urn=judgement.urn,
        severity=_SEVERITIES[control.severity],
    )
