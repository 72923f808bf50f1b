"""The AutoFormer search space: number of layers, width of the tokens, heads and hidden channels of each layer.

Layers beyond the depth do not act: their canonical genes are the smallest choices, and genotypes omit them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from supernets.families.autoformer import cost as costs
from supernets.families.autoformer.layout import RESOLUTION, Layout
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import Cost
from supernets.space.cost_table import Term
from supernets.space.description import dimension_table
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder
from supernets.space.parsing import choices_schema, is_list, list_schema
from supernets.space.space import SearchSpace

_LISTS = ("mlp_ratio", "num_heads")
_SPELLINGS = {"layer_num": "depth", "hidden_dim": "embed_dim"}
"""Keys in the authors' files and published tables, and the genes that they mean."""


class AutoFormerSpace(SearchSpace):
    """AutoFormer sub-networks of one supernet: `{"depth", "embed_dim", "mlp_ratio", "num_heads"}`."""

    def __init__(self, name: str, title: str, layout: Layout) -> None:
        self.title = title
        self.layout = layout
        super().__init__(name, _dimensions(layout))

    def resolution(self, a: Architecture) -> int:
        return RESOLUTION

    def count(self, a: Architecture) -> Cost:
        return costs.count(a)

    def _terms(self) -> Iterator[Term]:
        layout, dims = self.layout, self.layout.embed_dims
        yield Term(("embed_dim",), {(dim,): costs.ends(dim) for dim in dims})
        attention = {(dim, heads): costs.attention(dim, heads) for dim in dims for heads in layout.num_heads}
        feed_forward = {(dim, ratio): costs.feed_forward(dim, ratio) for dim in dims for ratio in layout.mlp_ratios}
        for i in range(layout.layers):
            yield Term(("embed_dim", f"num_heads[{i}]"), attention)
            yield Term(("embed_dim", f"mlp_ratio[{i}]"), feed_forward)

    def graph(self, a: Architecture) -> nx.DiGraph[Any]:
        dim, builder = a["embed_dim"], GraphBuilder()
        builder.graph.graph.update(layout="layers", rows={"h": "heads", "m": "MLP ratio"})
        builder.chain(costs.embedding_operators(dim), STEM)
        for i in range(a["depth"]):
            heads, ratio = a["num_heads"][i], a["mlp_ratio"][i]
            operators = costs.layer_operators(dim, heads, ratio)
            for part in (operators[:3], operators[3:]):
                start = builder.last
                assert start is not None
                builder.chain(part, 1, i + 1, f"h{heads} m{ratio:g}")
                builder.join(start)
        builder.chain(costs.head_operators(dim), HEAD)
        return builder.graph

    shape_label = "embedding times MLP ratio, by the number of layers"

    def shape(self, a: Architecture) -> float:
        """Embedding times mean MLP ratio of the layers that act, for each of them."""
        depth: int = a["depth"]
        return float(a["embed_dim"] * sum(a["mlp_ratio"][:depth]) / depth**2)

    def genotype(self, a: Architecture) -> dict[str, Any]:
        genotype = super().genotype(a)
        return {**genotype, **{gene: genotype[gene][: a["depth"]] for gene in _LISTS}}

    def _complete(self, genotype: Mapping[str, Any], problems: list[str]) -> Mapping[str, Any]:
        given = dict(genotype)
        for spelling, gene in _SPELLINGS.items():
            if spelling in given and gene not in given:
                given[gene] = given.pop(spelling)
        widths = given.get("embed_dim")
        if is_list(widths) and widths and all(width == widths[0] for width in widths):
            given["embed_dim"] = widths[0]
        for gene, least in zip(_LISTS, (self.layout.mlp_ratios[0], self.layout.num_heads[0]), strict=True):
            if is_list(given.get(gene)):
                given[gene] = self._full_length(gene, list(given[gene]), least, given.get("depth"), problems)
        return given

    def _full_length(self, gene: str, values: list[Any], least: float, depth: Any, problems: list[str]) -> list[Any]:
        """`values` extended or cut to all layers of the supernet; a wrong length is added to `problems`."""
        layers = self.layout.layers
        shortest = next((choice for choice in self.layout.depths if choice == depth), self.layout.depths[0])
        if not shortest <= len(values) <= layers:
            expected = f"{layers}" if shortest == layers else f"{shortest} to {layers}"
            problems.append(f"{gene}: expected {expected} entries, got {len(values)}")
        return values[:layers] + [least] * (layers - len(values))

    def _genotype_schema(self) -> dict[str, Any]:
        return {"anyOf": [self._schema_of_depth(depth) for depth in self.layout.depths]}

    def _schema_of_depth(self, depth: int) -> dict[str, Any]:
        layout = self.layout
        properties = {
            "depth": choices_schema([depth]),
            "embed_dim": choices_schema(layout.embed_dims),
            "mlp_ratio": list_schema([layout.mlp_ratios] * layout.layers, depth),
            "num_heads": list_schema([layout.num_heads] * layout.layers, depth),
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def describe(self) -> str:
        low, high = self.layout.depths[0], self.layout.layers
        return "\n".join(
            (
                f"{self.title}: vision transformers on 14 x 14 patches of a 224-pixel image, each layer attention and "
                f"a feed-forward layer, {self.size():.2g} different networks. A genotype is a JSON object with",
                "`depth`, the number of layers; `embed_dim`, the channels of every token in all layers; `num_heads` "
                "and `mlp_ratio`, lists with one entry for each layer, from the first to the last.",
                "",
                dimension_table(self.dimensions),
                "",
                "A head is 64 channels wide whatever embed_dim is; the feed-forward layer has embed_dim * mlp_ratio "
                "hidden channels.",
                f"Both lists need at least `depth` entries ({low} to {high}); further ones change nothing.",
                f"Example: {json.dumps(self.genotype(self._example()), separators=(',', ':'))}",
            )
        )


def _dimensions(layout: Layout) -> list[Dimension]:
    dimensions = [
        Dimension(gene="depth", index=None, choices=layout.depths, group="depth", meaning="number of layers"),
        Dimension(
            gene="embed_dim",
            index=None,
            choices=layout.embed_dims,
            group="embed_dim",
            meaning="channels of a token, the same in all layers",
        ),
    ]
    choices: tuple[float, ...]
    for gene, choices, meaning in (
        ("mlp_ratio", layout.mlp_ratios, "hidden channels of the feed-forward layer over embed_dim"),
        ("num_heads", layout.num_heads, "attention heads"),
    ):
        for i in range(layout.layers):
            third = ("early", "middle", "late")[3 * i // layout.layers]
            condition = None if i < layout.depths[0] else ("depth", i + 1)
            dimensions.append(
                Dimension(
                    gene=gene,
                    index=i,
                    choices=choices,
                    group=f"{gene} {third}",
                    meaning=f"{meaning}, {third} layers",
                    acts_from=condition,
                )
            )
    return dimensions
