"""The graph of a review: which resource takes a value from which, and what stands in which component."""

from __future__ import annotations

from review.changes import graph
from review.document import Edge, Node
from review.preview import Op, Preview, State, Step
from review.render.graph import homes, neighbourhood, picture
from tests.support.review_documents import ROOT, full_review, large_review, urn

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
VAULT, WORKSPACE = urn("vault"), urn("workspace")
ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


def preview(before: str, after: str) -> Preview:
    vault = State(id=ID, custom=True, parent=ROOT)
    old, new = (State(custom=True, parent=ROOT, inputs={"keyVault": value}) for value in (before, after))
    steps = (
        Step(Op.REPLACE, VAULT, "azure-native:keyvault:Vault", old=vault),
        Step(Op.UPDATE, WORKSPACE, "azure-native:machinelearningservices:Workspace", old=old, new=new),
    )
    return Preview("prod", "platform", steps, {})


def test_a_resource_that_names_the_id_of_another_one_takes_a_value_from_it() -> None:
    _, edges = graph(preview("", ID.upper()))

    assert edges == (Edge(source=VAULT, target=WORKSPACE),)


def test_where_the_id_is_not_known_yet_the_one_before_counts() -> None:
    _, edges = graph(preview(ID, UNKNOWN))

    assert edges == (Edge(source=VAULT, target=WORKSPACE),)


def test_a_value_that_is_taken_from_it_no_longer_is_no_edge() -> None:
    _, edges = graph(preview(ID, "another"))

    assert edges == ()


def test_what_is_nothing_in_azure_itself_is_a_component() -> None:
    part = urn("part", "acme:infra:Part")
    step = Step(Op.SAME, part, "acme:infra:Part", new=State(parent=ROOT))
    nodes, _ = graph(Preview("prod", "platform", (step,), {}))

    assert [node.component for node in nodes] == [True]


def test_a_resource_below_another_one_stands_in_the_component_of_that_one() -> None:
    review = full_review()
    account = next(node for node in review.nodes if node.name == "account")
    blob = Node(urn=urn("blobs"), name="blobs", type="T", parent=account.urn, op="create")
    found = homes((*review.nodes, blob))

    assert found[blob.urn] == found[account.urn]
    assert (found[blob.urn].name, found[blob.urn].above) == ("storage", ())


def test_the_neighbourhood_is_one_edge_wide_in_both_directions() -> None:
    review = large_review(20, 0)
    nodes = tuple(
        node.model_copy(update={"op": "update"}) if node.name.startswith("resource-00010") else node
        for node in review.nodes
    )
    near = neighbourhood(nodes, review.edges)

    assert sorted(each.rsplit("::", 1)[-1][:14] for each in near) == [
        "resource-00009",
        "resource-00010",
        "resource-00011",
    ]


def test_many_unchanged_neighbours_are_counted_instead_of_drawn() -> None:
    hub = Node(urn=urn("hub"), name="hub", type="T", parent=ROOT, op="update")
    others = [Node(urn=urn(f"o{i}"), name=f"o{i}", type="T", parent=ROOT, op="same") for i in range(40)]
    nodes = (full_review().nodes[0], hub, *others)
    edges = [Edge(source=hub.urn, target=other.urn) for other in others]
    drawn = picture(nodes, edges, neighbourhood(nodes, edges))

    assert len(drawn.boxes[0].rows) + drawn.boxes[0].more == 41
    assert 0 < drawn.boxes[0].more == drawn.left_out
    assert len(picture(nodes, edges).boxes[0].rows) == 41
