"""New versions, their content, the traffic of endpoints, and schedules, as previews tell them."""

from __future__ import annotations

from typing import Any

import pytest

from review.assets import asset_changes
from review.build import Made, build
from review.document import AssetChange, Review
from tests.support.review_events import ASSETS, ML, UNKNOWN, Events
from tests.support.review_parts import ENDPOINT, deployment, existing, schedule, traffic, version


def told(events: Events) -> list[AssetChange]:
    return list(asset_changes(events.preview))


def one(events: Events) -> AssetChange:
    (found,) = told(events)
    return found


def kinds(change: AssetChange) -> list[str]:
    return [fact.kind for fact in change.facts]


def review(events: Events) -> Review:
    return build(events.preview, Made())


def test_a_new_version_tells_both_versions_its_files_and_what_changes_in_the_document() -> None:
    before = version("378f", {"conda.yml": "b4fd", "gone.txt": "1", "same": "2"}, image="a:1")
    after = version("e8dd", {"conda.yml": "44fc", "new.txt": "3", "same": "2"}, image="a:2")
    found = one(Events().replace(f"{ASSETS}Environment", "sklearn", before, after, "version", "contentHash"))
    assert (found.kind, found.name, found.before, found.after) == ("Environment", "sklearn", "378f", "e8dd")
    assert found.content == ("changed conda.yml", "removed gone.txt", "added new.txt")
    assert found.text == "version e8dd beside 378f, which stays: image: a:1 → a:2"


def test_a_new_version_is_no_loss_of_the_old_one() -> None:
    events = Events().replace(f"{ASSETS}Model", "m", version("1"), version("2"), "version")
    assert review(events).destructive == ()


def test_a_job_that_was_never_submitted_is_no_loss() -> None:
    assert review(Events().delete(f"{ASSETS}Job", "jobs/train.yml", version("1"))).destructive == ()


def test_a_version_that_is_archived_when_it_is_replaced_is_told() -> None:
    before = {**version("1"), "whenReplaced": "archive"}
    found = one(Events().replace(f"{ASSETS}Model", "m", before, version("2"), "version"))
    assert kinds(found) == ["archived"]
    assert "which is archived" in found.text


@pytest.mark.parametrize(("policy", "expected"), [("keep", []), ("archive", ["archived"])])
def test_a_version_that_leaves_the_stack_stays_or_is_archived(policy: str, expected: list[str]) -> None:
    gone = {**version("1"), "whenReplaced": policy}
    assert kinds(one(Events().delete(f"{ASSETS}Data", "d", gone))) == expected


def test_an_archived_version_is_brought_back() -> None:
    before = version("1", archived=True)
    found = one(Events().update(f"{ASSETS}Environment", "sklearn", before, version("1"), "spec.archived"))
    assert found.text == "version 1 is brought back from the archive"


def test_a_long_list_of_changes_is_counted() -> None:
    keys = [f"key{number}" for number in range(9)]
    before, after = version("1", None, **dict.fromkeys(keys, 1)), version("2", None, **dict.fromkeys(keys, 2))
    assert one(Events().replace(f"{ASSETS}Component", "c", before, after, "version")).text.endswith(
        "key3: 1 → 2, and 5 more"
    )


def test_secrets_of_a_document_do_not_show() -> None:
    marked = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "hush"}
    before, after = {"spec": {"credentials": marked}}, {"spec": {"credentials": {**marked, "plaintext": "x"}}}
    found = one(Events().update(f"{ASSETS}Connection", "crm", before, after, "spec.credentials"))
    assert found.text == "credentials: [secret] → [secret]"


def test_a_version_that_is_not_known_yet_is_said_so() -> None:
    after = version(UNKNOWN)
    found = one(Events().replace(f"{ASSETS}Data", "d", version("1"), after, "version"))
    assert found.after == "known after the update"


def test_jobs_are_checked_only_and_not_told() -> None:
    assert told(Events().create(f"{ASSETS}Job", "jobs/train.yml", version("1"))) == []


def test_a_version_of_azure_native_is_an_asset_too() -> None:
    inputs = {"name": "sklearn", "version": "3", "properties": {"image": "a:1"}}
    found = one(Events().create(f"{ML}EnvironmentVersion", "env", inputs))
    assert (found.kind, found.name, found.after) == ("Environment", "sklearn", "3")


def test_traffic_is_told_in_percent_before_and_after_with_what_is_mirrored() -> None:
    before, after = traffic({"grey": 10}, blue=100, green=0), traffic({"grey": 20}, blue=60, green=40)
    found = one(Events().update(f"{ASSETS}OnlineTraffic", ENDPOINT, before, after, "spec.traffic.blue"))
    assert found.text == "blue 100 % → 60 %, green 0 % → 40 %; mirrored: grey 10 % → 20 %"
    assert found.facts == ()


def test_the_traffic_of_azure_natives_endpoint_is_told_as_well() -> None:
    before = {"endpointName": ENDPOINT, "properties": {"traffic": {"blue": 100}, "authMode": "AADToken"}}
    after = {"endpointName": ENDPOINT, "properties": {"traffic": {"blue": 30}, "authMode": "AADToken"}}
    found = one(Events().update(f"{ML}OnlineEndpoint", "e", before, after, "properties.traffic.blue"))
    assert found.text == "blue 100 % → 30 %"
    assert kinds(found) == ["refused"]


@pytest.mark.parametrize(
    ("mirrored", "why"),
    [
        ({"green": 60}, "60 % of its traffic is mirrored; allowed: 50"),
        ({"green": 10, "grey": 10}, "its traffic is mirrored to green, grey; allowed: one deployment"),
        ({"blue": 10}, "blue gets 100 % of its traffic, and mirrored traffic too"),
        ({"blue": 0, "green": 50}, ""),
    ],
)
def test_mirrored_traffic_that_azure_refuses_is_told(mirrored: dict[str, int], why: str) -> None:
    before, after = traffic(blue=100), traffic(mirrored, blue=100)
    found = one(Events().update(f"{ASSETS}OnlineTraffic", ENDPOINT, before, after, "spec.mirror_traffic"))
    assert [fact.text for fact in found.facts] == ([f"{ENDPOINT}: {why}"] if why else [])


@pytest.mark.parametrize(("shares", "fires"), [({"blue": 90}, True), ({"blue": 0}, False), ({}, False)])
def test_traffic_that_does_not_add_up_stops_the_update(shares: dict[str, int], fires: bool) -> None:
    events = Events().update(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100), traffic(**shares), "spec")
    assert ("REV-AST-001" in {reason.rule for reason in review(events).reasons}) is fires


def test_traffic_to_a_deployment_of_the_same_update_is_untried() -> None:
    events = existing().create(f"{ASSETS}OnlineDeployment", "green", deployment("green"))
    events.update(
        f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100), traffic(blue=50, green=50), "spec.traffic.blue"
    )
    (fact,) = told(events)[0].facts
    assert fact.kind == "untried"
    assert fact.text == f"green gets 50 % of the requests of {ENDPOINT} in the update in which it is made"


def test_a_deployment_without_traffic_may_be_new() -> None:
    events = existing().create(f"{ASSETS}OnlineDeployment", "green", deployment("green"))
    events.same(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic({"green": 10}, blue=100, green=0))
    assert told(events)[0].facts == ()


def test_nobody_calls_an_endpoint_that_is_made_in_the_same_update() -> None:
    events = Events().create(f"{ASSETS}OnlineEndpoint", ENDPOINT, {"spec": {"name": ENDPOINT}})
    events.create(f"{ASSETS}OnlineDeployment", "blue", deployment())
    events.create(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100))
    assert [kinds(each) for each in told(events)] == [[], [], []]


def test_a_replaced_deployment_that_keeps_its_traffic_is_untried() -> None:
    before, after = deployment(instance_type="a"), deployment(instance_type="b")
    events = existing().replace(f"{ASSETS}OnlineDeployment", "blue", before, after, "spec.instance_type")
    events.same(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100))
    assert kinds(told(events)[0]) == ["untried"]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (deployment(model="azureml:m:1"), deployment(model="azureml:m:2"), "model"),
        (deployment(environment="azureml:e:1"), deployment(environment="azureml:e:2"), "environment"),
        (deployment(content={"score.py": "1"}), deployment(content={"score.py": "2"}), "files"),
    ],
)
def test_another_model_environment_or_code_under_requests_is_told(
    before: dict[str, Any], after: dict[str, Any], what: str
) -> None:
    events = existing().update(f"{ASSETS}OnlineDeployment", "blue", before, after, "contentHash")
    events.same(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100))
    (fact,) = told(events)[0].facts
    assert fact.kind == "serves"
    assert fact.text.partition("changes: ")[2].startswith(what)


def test_more_instances_under_requests_are_no_other_model() -> None:
    before, after = deployment(instance_count=1), deployment(instance_count=3)
    events = existing().update(f"{ASSETS}OnlineDeployment", "blue", before, after, "spec.instance_count")
    events.same(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100))
    assert told(events)[0].facts == ()
    assert told(events)[0].text == "instance_count: 1 → 3"


def test_the_default_deployment_of_a_batch_endpoint_gets_its_jobs() -> None:
    before, after = deployment("model", environment="e:1"), deployment("model", environment="e:2")
    events = Events().update(f"{ASSETS}BatchDeployment", "model", before, after, "spec.environment")
    routes = {"spec": {"name": ENDPOINT, "defaults": {"deployment_name": "model"}}}
    assert told(events)[0].facts == ()
    assert kinds(told(events.same(f"{ASSETS}BatchDefaults", ENDPOINT, routes))[0]) == ["serves"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (schedule(is_enabled=False), schedule(), ["runs"]),
        (schedule(), schedule(is_enabled=False), ["stops"]),
        (schedule(), schedule("0 3 * * *"), ["retimed"]),
        (schedule(is_enabled=False), schedule("0 3 * * *", is_enabled=False), []),
        (schedule(is_enabled=False), schedule("0 3 * * *"), ["runs", "retimed"]),
        (schedule(), schedule(description="x"), []),
    ],
)
def test_schedules_that_run_again_pause_or_run_at_other_times_are_told(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(one(Events().update(f"{ASSETS}Schedule", "retrain", before, after, "spec"))) == expected


def test_a_schedule_of_azure_native_is_read_as_well() -> None:
    trigger = {"triggerType": "Cron", "expression": "0 2 * * *", "timeZone": "UTC"}
    before = {"name": "retrain", "properties": {"isEnabled": False, "trigger": trigger}}
    after = {"name": "retrain", "properties": {"isEnabled": True, "trigger": trigger}}
    found = one(Events().update(f"{ML}Schedule", "retrain", before, after, "properties.isEnabled"))
    assert kinds(found) == ["runs"]
    assert "0 2 * * *" in found.facts[0].text


def test_new_schedules_start_and_deleted_ones_end() -> None:
    events = Events().create(f"{ASSETS}Schedule", "a", schedule())
    events.create(f"{ASSETS}Schedule", "b", schedule(is_enabled=False))
    events.delete(f"{ASSETS}Schedule", "c", schedule())
    assert [kinds(each) for each in told(events)] == [["runs"], [], ["stops"]]
