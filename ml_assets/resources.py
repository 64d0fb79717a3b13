"""The resource types of the plugin `azureml-assets`, as Pulumi sees them.

Tokens and property names are the contract with the plugin (ml_assets/provider); a changed token
would replace every resource of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi

from ml_assets.schemas import Kind


class Asset(pulumi.CustomResource):
    """Something that a document describes. `spec`, `target` and `file` are inputs, the others outputs.

    Attributes:
        token: The type token.
        file: The document, relative to the project's root.
        spec: The document's content, with everything put in that it refers to.
        target: The workspace or the registry that has it.
        name: Its name in Azure ML.
        reference: What other documents write to mean it, such as `azureml:NAME:VERSION`.
        state: What Azure ML holds, in the form of a document.
    """

    token: str
    file: pulumi.Output[str]
    spec: pulumi.Output[dict[str, Any]]
    target: pulumi.Output[dict[str, str]]
    name: pulumi.Output[str]
    reference: pulumi.Output[str]
    state: pulumi.Output[dict[str, Any]]

    def __init__(
        self, token: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        super().__init__(token, name, {**self._outputs(), **inputs}, opts)
        self.token = token

    @classmethod
    def _outputs(cls) -> dict[str, None]:
        """The outputs, without values: pulumi makes attributes of what it is given."""
        return dict.fromkeys(("name", "reference", "state"))


class VersionedAsset(Asset):
    """An asset whose versions never change.

    Attributes:
        version: The version, which may follow from the content.
        contentHash: The hash of the document and all files that belong to it.
        content: Short hashes of those files, by path.
    """

    version: pulumi.Output[str]
    contentHash: pulumi.Output[str]  # noqa: N815, the plugin's name for it
    content: pulumi.Output[dict[str, str]]

    @classmethod
    def _outputs(cls) -> dict[str, None]:
        return {**super()._outputs(), **dict.fromkeys(("version", "contentHash", "content"))}


class Datastore(Asset):
    """A datastore: a container, share or file system that the workspace knows by a name."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Datastore", name, inputs, opts)


class Environment(VersionedAsset):
    """An environment: an image, with a conda file or a build context."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Environment", name, inputs, opts)


class Data(VersionedAsset):
    """A data asset: a file, a folder or a table."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Data", name, inputs, opts)


class Component(VersionedAsset):
    """A component: a step of pipelines, with its code."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Component", name, inputs, opts)


class Model(VersionedAsset):
    """A model."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Model", name, inputs, opts)


class OnlineEndpoint(Asset):
    """An online endpoint, without its traffic."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:OnlineEndpoint", name, inputs, opts)


class OnlineDeployment(Asset):
    """A deployment of an online endpoint."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:OnlineDeployment", name, inputs, opts)


class OnlineTraffic(Asset):
    """How an online endpoint shares its requests among its deployments."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:OnlineTraffic", name, inputs, opts)


class BatchDefaults(Asset):
    """Which deployment of a batch endpoint runs when none is named."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:BatchDefaults", name, inputs, opts)


class BatchEndpoint(Asset):
    """A batch endpoint, without its default deployment."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:BatchEndpoint", name, inputs, opts)


class BatchDeployment(Asset):
    """A deployment of a batch endpoint."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:BatchDeployment", name, inputs, opts)


class Schedule(Asset):
    """A schedule, which holds its job."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Schedule", name, inputs, opts)


class Connection(Asset):
    """A connection to something outside the workspace."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Connection", name, inputs, opts)


class FeatureSet(VersionedAsset):
    """A feature set of a feature store."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:FeatureSet", name, inputs, opts)


class FeatureStoreEntity(VersionedAsset):
    """An entity of a feature store."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:FeatureStoreEntity", name, inputs, opts)


class Job(Asset):
    """A job: checked in every preview, and never submitted by an update."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("azureml-assets:index:Job", name, inputs, opts)


Maker = Callable[[str, Mapping[str, Any], pulumi.ResourceOptions | None], Asset]
OF_KIND: Final[Mapping[Kind, Maker]] = {
    Kind.DATASTORE: Datastore,
    Kind.ENVIRONMENT: Environment,
    Kind.DATA: Data,
    Kind.COMPONENT: Component,
    Kind.MODEL: Model,
    Kind.ONLINE_ENDPOINT: OnlineEndpoint,
    Kind.ONLINE_DEPLOYMENT: OnlineDeployment,
    Kind.BATCH_ENDPOINT: BatchEndpoint,
    Kind.BATCH_DEPLOYMENT: BatchDeployment,
    Kind.SCHEDULE: Schedule,
    Kind.CONNECTION: Connection,
    Kind.FEATURE_SET: FeatureSet,
    Kind.FEATURE_STORE_ENTITY: FeatureStoreEntity,
    Kind.JOB: Job,
}

ROUTES_OF_KIND: Final[Mapping[Kind, Maker]] = {
    Kind.ONLINE_ENDPOINT: OnlineTraffic,
    Kind.BATCH_ENDPOINT: BatchDefaults,
}
