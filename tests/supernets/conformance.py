"""What every search space must hold to; a family's test class inherits these and names its supernet."""

from __future__ import annotations

import json
import random
from typing import Any, ClassVar

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets import Architecture, InvalidArchitecture, SearchSpace, get_space

Broken = list[tuple[dict[str, Any], str]]
"""Changes to a good genotype (`...` removes a gene), and what the message must contain."""

seeds = st.integers(min_value=0, max_value=2**32)


class SpaceConformance:
    """Set `name` and `broken`."""

    name: ClassVar[str]
    broken: ClassVar[Broken]

    @property
    def space(self) -> SearchSpace:
        return get_space(self.name)

    @given(seeds)
    def test_parse_and_genotype_are_inverse(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        genotype = self.space.genotype(a)
        assert self.space.parse(genotype) == a
        assert self.space.parse(json.loads(json.dumps(genotype))) == a
        assert Architecture.from_json(a.to_json()) == a
        assert Architecture.from_json(a.to_json()).id == a.id

    @given(seeds)
    def test_genes_that_do_not_act_change_nothing(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        genotype, active = self.space.genotype(a), self.space.active(a)
        for dimension in self.space.dimensions:
            if dimension.label not in active:
                genotype[dimension.gene][dimension.index] = rng.choice(dimension.choices)
        assert self.space.parse(genotype) == a
        assert hash(self.space.parse(genotype)) == hash(a)

    @given(seeds)
    def test_genes_that_act_make_a_different_architecture(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        genotype, active = self.space.genotype(a), self.space.active(a)
        free = [d for d in self.space.dimensions if d.label in active and len(d.choices) > 1]
        dimension = rng.choice(free)
        current = genotype[dimension.gene] if dimension.index is None else genotype[dimension.gene][dimension.index]
        other = rng.choice([choice for choice in dimension.choices if choice != current])
        if dimension.index is None:
            genotype[dimension.gene] = other
        else:
            genotype[dimension.gene][dimension.index] = other
        assert self.space.parse(genotype) != a
        assert self.space.parse(genotype).id != a.id

    @given(seeds)
    def test_what_acts_is_what_the_dimensions_say(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        genotype, expected = self.space.genotype(a), set()
        values = {
            d.label: genotype[d.gene] if d.index is None else genotype[d.gene][d.index] for d in self.space.dimensions
        }
        for dimension in self.space.dimensions:
            if dimension.acts_from is None or values[dimension.acts_from[0]] >= dimension.acts_from[1]:
                expected.add(dimension.label)
        assert self.space.active(a) == expected

    @given(seeds, st.floats(min_value=0, max_value=1))
    def test_mutants_and_children_are_canonical_members(self, seed: int, rate: float) -> None:
        rng = random.Random(seed)
        a, b = self.space.sample(rng), self.space.sample(rng)
        for child in (self.space.mutate(a, rng, rate), self.space.crossover(a, b, rng)):
            assert self.space.parse(self.space.genotype(child)) == child

    @given(seeds)
    def test_a_mutation_of_rate_zero_and_a_crossover_with_oneself_change_nothing(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        assert self.space.mutate(a, rng, 0.0) == a
        assert self.space.crossover(a, a, rng) == a

    @given(seeds)
    def test_the_same_generator_gives_the_same_draw(self, seed: int) -> None:
        assert self.space.sample(random.Random(seed)) == self.space.sample(random.Random(seed))

    @given(seeds)
    def test_costs_lie_between_the_smallest_and_the_largest(self, seed: int) -> None:
        cost = self.space.cost(self.space.sample(random.Random(seed)))
        low, high = self.space.cost(self.space.smallest()), self.space.cost(self.space.largest())
        assert low.macs <= cost.macs <= high.macs
        assert low.params <= cost.params <= high.params

    @given(seeds)
    def test_the_graph_adds_up_to_the_cost(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        graph = self.space.graph(a)
        cost = self.space.cost(a)
        assert sum(node["macs"] for _, node in graph.nodes(data=True)) == cost.macs
        assert sum(node["params"] for _, node in graph.nodes(data=True)) == cost.params
        for _, node in graph.nodes(data=True):
            assert {"operator", "kernel", "channels", "side", "stride", "stage", "block", "expansion"} <= set(node)

    @given(seeds)
    def test_the_schema_accepts_genotypes(self, seed: int) -> None:
        rng = random.Random(seed)
        genotypes = [self.space.genotype(self.space.sample(rng)) for _ in range(3)]
        jsonschema.validate({"architectures": genotypes}, self.space.json_schema(1, 5))

    def test_the_schema_counts_architectures(self) -> None:
        genotype = self.space.genotype(self.space.largest())
        for architectures in ([], [genotype] * 6):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({"architectures": architectures}, self.space.json_schema(1, 5))

    def test_broken_genotypes_are_refused_by_parse_and_schema_alike(self) -> None:
        for change, message in self.broken:
            genotype = {**self.space.genotype(self.space.largest()), **change}
            genotype = {key: value for key, value in genotype.items() if value is not ...}
            with pytest.raises(InvalidArchitecture) as caught:
                self.space.parse(genotype)
            assert message in str(caught.value)
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({"architectures": [genotype]}, self.space.json_schema(1, 5))

    def test_every_problem_is_reported_at_once(self) -> None:
        genotype = self.space.genotype(self.space.largest())
        for change, _ in self.broken[:2]:
            genotype |= change
        genotype = {key: value for key, value in genotype.items() if value is not ...}
        with pytest.raises(InvalidArchitecture) as caught:
            self.space.parse(genotype)
        for _, message in self.broken[:2]:
            assert message in str(caught.value)
        assert len(caught.value.problems) >= 2

    def test_parse_refuses_what_is_no_object(self) -> None:
        things: list[Any] = [[], "text", None, 3]
        for thing in things:
            with pytest.raises(InvalidArchitecture):
                self.space.parse(thing)

    def test_the_description_names_every_dimension_and_choice(self) -> None:
        text = self.space.describe()
        for dimension in self.space.dimensions:
            row = next(line for line in text.splitlines() if line.startswith("|") and _names(line, dimension.label))
            for choice in dimension.choices:
                assert str(choice) in row
            if dimension.acts_from:
                label, least = dimension.acts_from
                assert f"{dimension.label}:{label}>={least}" in row


def _names(row: str, label: str) -> bool:
    return label in [gene.split(":")[0] for gene in row.split("|")[1].split()]
