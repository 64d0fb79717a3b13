"""Which resource of a stack another one names by its physical name or stands in, rather than by its id."""

from __future__ import annotations

from azureml_guard.facts import Fact, Resource, Stack, Truth


def names(stack: Stack, fact: Fact, holder: Resource, target: Resource, name: str) -> Truth:
    """Whether a property of `holder` is the physical name of `target`, which is the input `name` there.

    A name that is not known yet is told by what the value comes from; None where that leaves it open.
    """
    its_name = target.at(name)
    if isinstance(fact.value, str) and isinstance(its_name.value, str):
        return fact.value.lower() == its_name.value.lower()
    if fact.is_absent:
        return False
    sources = set(holder.sources.get(fact.path.split(".", 1)[0].split("[", 1)[0], ()))
    if target.urn not in sources:
        return False if sources else None
    same_type = {resource.urn for resource in stack.of(target.type)}
    return True if sources & same_type == {target.urn} else None


def stands_in(resource: Resource, its_id: str) -> Truth:
    """Whether a resource is the one with this id, or is in it: a resource group or a subscription."""
    own = resource.at("id")
    wanted = its_id.rstrip("/").lower()
    if isinstance(own.value, str):
        return f"{own.value.lower()}/".startswith(f"{wanted}/")
    group = resource.at("resourceGroupName")
    parts = wanted.strip("/").split("/")
    if len(parts) == 4 and parts[2] == "resourcegroups":
        return group.test(lambda name: name.lower() == parts[3])
    if len(parts) == 2:  # a subscription; which one the resource is in is told by its id only
        return None
    return (
        None if len(parts) > 4 and group.test(lambda name: name.lower() == parts[3]) is not False else False
    )
