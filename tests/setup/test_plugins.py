"""Plugins in Python that the engine starts by a path: policy packs, provider plugins, components, dynamic
providers.
"""

from __future__ import annotations

import json

from tests.support.pulumi_project import VIRTUALENV, Project

PLUGIN_MANIFEST = f"""
    runtime:
      name: python
      options:
        toolchain: pip
        virtualenv: {VIRTUALENV}
"""

PROVIDER = """
    import sys

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi.provider.experimental.provider import (
        CheckRequest, CheckResponse, ConfigureRequest, ConfigureResponse, CreateRequest, CreateResponse,
        DeleteRequest, DiffRequest, DiffResponse, Provider,
    )
    from pulumi.provider.experimental.server import main


    class Echo(Provider):
        async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
            return ConfigureResponse(
                accept_secrets=True, supports_preview=False, accept_resources=True, accept_outputs=False
            )

        async def check(self, request: CheckRequest) -> CheckResponse:
            return CheckResponse(inputs=request.new_inputs)

        async def diff(self, request: DiffRequest) -> DiffResponse:
            return DiffResponse(changes=False)

        async def create(self, request: CreateRequest) -> CreateResponse:
            said = request.properties["said"].value
            return CreateResponse(
                resource_id="echo-1",
                properties={"said": PropertyValue(said), "echo": PropertyValue(said * 2)},
            )

        async def delete(self, request: DeleteRequest) -> None:
            print("deleted", request.resource_id, file=sys.stderr)


    main(sys.argv[1:], "1.2.3", Echo())
"""

PROGRAM_WITH_PROVIDER = """
    import pulumi


    class Echo(pulumi.CustomResource):
        echo: pulumi.Output[str]

        def __init__(self, name: str, said: str, opts: pulumi.ResourceOptions | None = None) -> None:
            super().__init__("echo:index:Echo", name, {"said": said, "echo": None}, opts)


    class Pair(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            super().__init__("trial:index:Pair", name)
            first = Echo(f"{name}-first", "na", pulumi.ResourceOptions(parent=self))
            self.echo = first.echo
            self.register_outputs({"echo": self.echo})


    pulumi.export("echo", Pair("pair").echo)
"""

POLICY_PACK = """
    from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


    def no_shouting(args, report_violation):
        if args.resource_type == "echo:index:Echo" and args.props.get("said", "").isupper():
            report_violation(f"said is {args.props['said']!r}, allowed: lower case")


    PolicyPack(
        name="manners",
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=[
            ResourceValidationPolicy(name="no-shouting", description="Nobody shouts.", validate=no_shouting)
        ],
    )
"""


def _with_provider(project: Project, program: str = PROGRAM_WITH_PROVIDER) -> None:
    project.write(
        {
            "echo/PulumiPlugin.yaml": PLUGIN_MANIFEST,
            "echo/__main__.py": PROVIDER,
            "__main__.py": program,
        }
    )
    with (project.folder / "Pulumi.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("plugins:\n  providers:\n    - name: echo\n      path: ./echo\n")


def test_a_provider_found_by_path_serves_a_component_and_is_destroyed(project: Project) -> None:
    _with_provider(project)

    project.pulumi("up", "--yes", "--skip-preview")
    outputs = json.loads(project.pulumi("stack", "output", "--json").output)
    second = project.pulumi("preview", "--expect-no-changes")
    down = project.pulumi("destroy", "--yes", "--skip-preview")

    assert outputs == {"echo": "nana"}
    assert "3 unchanged" in second.output
    assert "3 deleted" in down.output


def test_a_plugin_that_fails_to_start_shows_its_own_words(project: Project) -> None:
    _with_provider(project)
    project.write({"echo/__main__.py": "raise SystemExit('echo: no microphone')\n"})

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    assert "echo: no microphone" in preview.output


def test_a_policy_pack_stops_a_preview_with_its_message(project: Project) -> None:
    _with_provider(project, PROGRAM_WITH_PROVIDER.replace('"na"', '"NA"'))
    project.write({"manners/PulumiPolicy.yaml": PLUGIN_MANIFEST, "manners/__main__.py": POLICY_PACK})

    refused = project.pulumi("preview", "--policy-pack", "manners", code=None)
    project.write({"__main__.py": PROGRAM_WITH_PROVIDER})
    accepted = project.pulumi("preview", "--policy-pack", "manners")

    assert refused.code != 0
    assert "said is 'NA', allowed: lower case" in refused.output
    assert "allowed: lower case" not in accepted.output


def test_a_dynamic_provider_runs_in_the_programs_environment(project: Project) -> None:
    project.write(
        {
            "__main__.py": """
            import sys

            import pulumi
            from pulumi.dynamic import CreateResult, Resource, ResourceProvider


            class Here(ResourceProvider):
                def create(self, props):
                    import sys

                    return CreateResult("here", {"prefix": sys.prefix})


            class HereResource(Resource):
                prefix: pulumi.Output[str]


            pulumi.export("same", HereResource(Here(), "here", {"prefix": None}).prefix.apply(
                lambda prefix: prefix == sys.prefix
            ))
            """
        }
    )

    project.pulumi("up", "--yes", "--skip-preview")

    assert json.loads(project.pulumi("stack", "output", "--json").output) == {"same": True}
