from __future__ import annotations

from typing import Any, ClassVar

import jsonschema
import pytest

from collm_nas.testing import Broken, SpaceConformance
from supernets.families.registry import get_space
from supernets.space.architecture import InvalidArchitecture


class TestAutoFormer(SpaceConformance):
    name = "autoformer"
    broken: ClassVar[Broken] = [
        ({"embed_dim": 200}, "embed_dim: expected one of 192, 216, 240; got 200"),
        ({"mlp_ratio": [4.0] * 13}, "mlp_ratio: expected 14 entries, got 13"),
        ({"depth": 13, "mlp_ratio": [4.0] * 12}, "mlp_ratio: expected 13 to 14 entries, got 12"),
        ({"depth": 12, "num_heads": [3] * 15}, "num_heads: expected 12 to 14 entries, got 15"),
        ({"depth": 11}, "depth: expected one of 12, 13, 14; got 11"),
        ({"depth": ...}, "depth: expected one of 12, 13, 14; got nothing"),
        ({"depth": 12, "num_heads": [3] * 13 + [5]}, "num_heads[13]: expected one of 3, 4; got 5"),
        ({"num_heads": [True] * 14}, "num_heads[0]: expected one of 3, 4; got True"),
        ({"num_heads": "34"}, "num_heads: expected a list of 14 choices; got '34'"),
        ({"num_heads": ...}, "num_heads: expected a list of 14 choices; got nothing"),
        ({"embed_dim": [192, 216]}, "embed_dim: expected one of 192, 216, 240; got [192, 216]"),
        ({"layer_num": 13}, "unknown keys layer_num"),
    ]


class TestAutoFormerSmall(SpaceConformance):
    name = "autoformer-small"
    broken: ClassVar[Broken] = [
        ({"embed_dim": 192}, "embed_dim: expected one of 320, 384, 448; got 192"),
        ({"num_heads": [4] * 14}, "num_heads[0]: expected one of 5, 6, 7; got 4"),
    ]


class TestAutoFormerBaseWide(SpaceConformance):
    name = "autoformer-base-wide"
    broken: ClassVar[Broken] = [
        ({"depth": 13}, "depth: expected one of 14, 15, 16; got 13"),
        ({"num_heads": [7] * 16}, "num_heads[0]: expected one of 8, 9, 10; got 7"),
    ]


def genotype(depth: int) -> dict[str, Any]:
    return {"depth": depth, "embed_dim": 216, "mlp_ratio": [3.5, 4] * (depth // 2), "num_heads": [4] * depth}


def test_entries_beyond_the_depth_change_nothing() -> None:
    space = get_space("autoformer")
    longer = {**genotype(12), "mlp_ratio": [3.5, 4] * 7, "num_heads": [4] * 13}
    assert space.parse(longer) == space.parse(genotype(12))
    jsonschema.validate({"architectures": [longer]}, space.json_schema(1, 1))


def test_genotypes_are_cut_to_the_depth() -> None:
    space = get_space("autoformer")
    assert space.genotype(space.parse(genotype(12))) == genotype(12)


@pytest.mark.parametrize("widths", [[216], [216] * 12, (216,) * 14])
def test_the_authors_spelling_is_accepted(widths: Any) -> None:
    plain = genotype(12)
    theirs = {key: plain[key] for key in ("mlp_ratio", "num_heads")} | {"layer_num": 12, "embed_dim": widths}
    assert get_space("autoformer").parse(theirs) == get_space("autoformer").parse(plain)


def test_the_spelling_of_published_tables_is_accepted() -> None:
    plain = genotype(14)
    theirs = {key: plain[key] for key in ("depth", "mlp_ratio", "num_heads")} | {"hidden_dim": 216}
    assert get_space("autoformer").parse(theirs) == get_space("autoformer").parse(plain)


def test_a_wrong_length_and_a_wrong_entry_are_both_reported() -> None:
    with pytest.raises(InvalidArchitecture) as caught:
        get_space("autoformer").parse({**genotype(12), "num_heads": [4, 6]})
    assert caught.value.problems == (
        "num_heads: expected 12 to 14 entries, got 2",
        "num_heads[1]: expected one of 3, 4; got 6",
    )


@pytest.mark.parametrize(
    ("name", "widths", "ratios", "heads", "depths"),
    [
        ("autoformer", 3, 2, 2, (12, 13, 14)),
        ("autoformer-small", 3, 3, 3, (12, 13, 14)),
        ("autoformer-base", 3, 3, 2, (14, 15, 16)),
        ("autoformer-wide", 3, 3, 2, (12, 13, 14)),
        ("autoformer-base-wide", 3, 3, 3, (14, 15, 16)),
    ],
)
def test_the_size_counts_different_networks(
    name: str, widths: int, ratios: int, heads: int, depths: tuple[int, ...]
) -> None:
    assert get_space(name).size() == widths * sum((ratios * heads) ** depth for depth in depths)


def test_the_graph_is_one_of_layers() -> None:
    space = get_space("autoformer")
    graph = space.graph(space.parse(genotype(12)))
    assert graph.graph["layout"] == "layers"
    nodes = [node for _, node in graph.nodes(data=True)]
    assert {node["label"] for node in nodes if node["stage"] == 1} == {"h4 m3.5", "h4 m4"}
    assert [node["operator"] for node in nodes if node["block"] == 1] == [
        "qkv", "attention", "proj", "add", "fc1", "fc2", "add",
    ]  # fmt: skip
    assert max(node["block"] for node in nodes) == 12
