"""What every search space and every supernet must hold to: pytest classes that the tests of a family inherit.

Needs pytest and hypothesis (`pip install 'collm-nas[testing]'`). For a family of your own:

    NAME = "path/to/family.py:NAME"  # as after --supernet

    class TestSpace(SpaceConformance):
        name = NAME
        broken = [({"depth": [9]}, "depth[0]: expected one of 1, 2; got 9"), ({"absent": 1}, "unknown keys absent")]

    class TestSupernet(SupernetConformance):
        name = NAME
        scale = Scale(width=0.5, divisor=2)
"""

from __future__ import annotations

import copy
import importlib
import json
import random
from collections.abc import Mapping
from typing import Any, ClassVar

import jsonschema
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from supernets.export.sub_network import named_state
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, get_space, supernet_family
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture, Choice, Dimension, InvalidArchitecture, value_of
from supernets.space.space import SearchSpace

Broken = list[tuple[dict[str, Any], str]]
"""Changes to a good genotype (`...` removes a gene), and what the message must contain."""

_ODD: tuple[Any, ...] = (None, True, "three", 1.5, -1, 10**6, "", {}, [])

seeds = st.integers(min_value=0, max_value=2**32)


class SpaceConformance:
    """The promises of a `SearchSpace`."""

    name: ClassVar[str]
    """The family, as a user names it."""
    broken: ClassVar[Broken]
    """At least two changes that spoil the largest genotype, in different genes."""
    read_as_least: ClassVar[Mapping[str, Choice]] = {}
    """Gene to a first entry that `parse` reads as the least choice and that is offered to nobody."""

    @property
    def space(self) -> SearchSpace:
        return get_space(self.name)

    @given(seeds)
    def test_parse_and_genotype_are_inverse(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        genotype = self.space.genotype(a)
        assert self.space.parse(genotype) == a
        assert self.space.parse(json.loads(json.dumps(genotype))) == a
        assert self.space.parse(json.loads(json.dumps(a.to_dict()))) == a
        assert Architecture.from_json(a.to_json()) == a
        assert Architecture.from_json(a.to_json()).id == a.id

    @given(seeds)
    def test_genes_that_do_not_act_change_nothing(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        genotype, active = a.to_dict(), self.space.active(a)
        for dimension in self.space.dimensions:
            if dimension.label not in active:
                _set(genotype, dimension, rng.choice(dimension.choices))
        assert self.space.parse(genotype) == a
        assert hash(self.space.parse(genotype)) == hash(a)

    @given(seeds)
    def test_numbers_may_stand_in_quotes_and_single_genes_in_a_list(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        assert self.space.parse({gene: _quoted(value) for gene, value in a.to_dict().items()}) == a

    @given(seeds)
    def test_genes_that_act_make_a_different_architecture(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        genotype, active = a.to_dict(), self.space.active(a)
        free = [d for d in self.space.dimensions if d.label in active and len(d.choices) > 1]
        dimension = rng.choice(free)
        other = rng.choice([choice for choice in dimension.choices if choice != value_of(a, dimension)])
        for filler in self.space.dimensions:
            # Lists may be as short as what acts; the change may let more of them act.
            if filler.label not in active:
                _set(genotype, filler, filler.choices[0])
        _set(genotype, dimension, other)
        assert self.space.parse(genotype) != a
        assert self.space.parse(genotype).id != a.id

    @given(seeds)
    def test_what_acts_is_what_the_dimensions_say(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        expected = set()
        values: dict[str, Any] = {d.label: value_of(a, d) for d in self.space.dimensions}
        for dimension in self.space.dimensions:
            if dimension.acts_from is None or values[dimension.acts_from[0]] >= dimension.acts_from[1]:
                expected.add(dimension.label)
        assert self.space.active(a) == expected

    @given(seeds, st.floats(min_value=0, max_value=1))
    def test_mutants_and_children_are_canonical_members(self, seed: int, rate: float) -> None:
        rng = random.Random(seed)
        a, b = self.space.sample(rng), self.space.sample(rng)
        for child in (self.space.mutate(a, rng, rate), self.space.crossover(a, b, rng)):
            assert self.space.parse(child.to_dict()) == child

    @given(seeds)
    def test_a_mutation_of_rate_zero_and_a_crossover_with_oneself_change_nothing(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        assert self.space.mutate(a, rng, 0.0) == a
        assert self.space.crossover(a, a, rng) == a

    @given(seeds)
    def test_one_change_is_one_acting_gene_and_a_neighbour_has_no_other(self, seed: int) -> None:
        rng = random.Random(seed)
        a = self.space.sample(rng)
        changed = self.space.change_one(a, rng)
        assert self.space.parse(self.space.genotype(changed)) == changed
        active = self.space.active(a)
        both = active & self.space.active(changed)
        acting = [d for d in self.space.dimensions if d.label in both]
        assert sum(value_of(a, d) != value_of(changed, d) for d in acting) == 1
        neighbours = self.space.neighbours(a)
        assert (
            len(set(neighbours))
            == len(neighbours)
            == sum(len(d.choices) - 1 for d in self.space.dimensions if d.label in active)
        )
        assert a not in neighbours

    @given(seeds)
    def test_twins_are_other_members_with_the_same_cost_and_are_twins_of_each_other(self, seed: int) -> None:
        space = self.space
        a = space.sample(random.Random(seed))
        twins = set(space.twins(a))
        assert a not in twins
        for twin in twins:
            assert space.parse(twin.to_dict()) == twin
            assert space.cost(twin) == space.cost(a)
            assert {a, *twins} == {twin, *space.twins(twin)}

    @given(seeds)
    def test_choices_make_the_architecture_that_they_came_from(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        assert self.space.from_choices({d.label: value_of(a, d) for d in self.space.dimensions}) == a

    @given(seeds)
    def test_the_same_generator_gives_the_same_draw(self, seed: int) -> None:
        assert self.space.sample(random.Random(seed)) == self.space.sample(random.Random(seed))

    @given(seeds)
    def test_costs_lie_between_the_smallest_and_the_largest(self, seed: int) -> None:
        cost = self.space.cost(self.space.sample(random.Random(seed)))
        low, high = self.space.bounds()
        assert low.macs <= cost.macs <= high.macs
        assert low.params <= cost.params <= high.params
        if cost.memory_mb is not None:
            assert low.memory_mb is not None
            assert high.memory_mb is not None
            assert low.memory_mb <= cost.memory_mb <= high.memory_mb

    def test_the_smallest_and_the_largest_have_the_least_and_most_macs(self) -> None:
        low, high = self.space.bounds()
        assert self.space.cost(self.space.smallest()).macs == low.macs
        assert self.space.cost(self.space.largest()).macs == high.macs

    @given(seeds)
    def test_the_graph_adds_up_to_the_cost(self, seed: int) -> None:
        a = self.space.sample(random.Random(seed))
        graph = self.space.graph(a)
        cost = self.space.cost(a)
        assert sum(node["macs"] for _, node in graph.nodes(data=True)) == cost.macs
        assert sum(node["params"] for _, node in graph.nodes(data=True)) == cost.params
        for _, node in graph.nodes(data=True):
            assert {"operator", "kernel", "channels", "side", "stride", "stage", "block", "label"} <= set(node)

    @given(seeds)
    def test_the_schema_accepts_genotypes(self, seed: int) -> None:
        rng = random.Random(seed)
        genotypes = [self.space.sample(rng).to_dict() for _ in range(3)]
        jsonschema.validate({"architectures": genotypes}, self.space.json_schema(1, 5))

    @given(st.data())
    def test_the_schema_accepts_what_parse_accepts_and_nothing_else(self, data: st.DataObject) -> None:
        genotype = self.space.sample(random.Random(data.draw(seeds))).to_dict()
        gene = data.draw(st.sampled_from(sorted(genotype)))
        value = data.draw(st.sampled_from([*_ODD, *(c for d in self.space.dimensions for c in d.choices)]))
        if isinstance(genotype[gene], list):
            index = data.draw(st.integers(0, len(genotype[gene]) - 1))
            changes = [[value], genotype[gene][:-1], [*genotype[gene], value]]
            changes.append([*genotype[gene][:index], value, *genotype[gene][index + 1 :]])
            value = data.draw(st.sampled_from(changes))
        genotype[gene] = value
        assume(gene not in self.read_as_least or value[:1] != [self.read_as_least[gene]])
        assert self._parses(genotype) == self._matches(genotype), genotype

    def _parses(self, genotype: dict[str, Any]) -> bool:
        try:
            self.space.parse(genotype)
        except InvalidArchitecture:
            return False
        return True

    def _matches(self, genotype: dict[str, Any]) -> bool:
        schema = self.space.json_schema(1, 1)
        return jsonschema.Draft202012Validator(schema).is_valid({"architectures": [genotype]})

    def test_the_schema_counts_architectures(self) -> None:
        genotype = self.space.largest().to_dict()
        for architectures in ([], [genotype] * 6):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({"architectures": architectures}, self.space.json_schema(1, 5))

    def test_broken_genotypes_are_refused_by_parse_and_schema_alike(self) -> None:
        for change, message in self.broken:
            genotype = {**self.space.largest().to_dict(), **change}
            genotype = {key: value for key, value in genotype.items() if value is not ...}
            with pytest.raises(InvalidArchitecture) as caught:
                self.space.parse(genotype)
            assert message in str(caught.value)
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({"architectures": [genotype]}, self.space.json_schema(1, 5))

    def test_every_problem_is_reported_at_once(self) -> None:
        genotype = self.space.largest().to_dict()
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
            rows = [line for line in text.splitlines() if line.startswith("|") and _names(line, dimension.label)]
            assert rows, f"expected a row of a table that names {dimension.label}"
            row = rows[0]
            for choice in dimension.choices:
                assert str(choice) in row
            if dimension.acts_from:
                label, least = dimension.acts_from
                assert f"{dimension.label}:{label}>={least}" in row


class SupernetConformance:
    """The promises of a `Supernet`, and those of its `SupernetFamily`."""

    name: ClassVar[str]
    """The family, as a user names it."""
    scale: ClassVar[Scale]
    """A size at which the network is quick."""
    macs_are_counted: ClassVar[bool] = True
    """Whether the extracted network does the multiplications of its costs and no others; False if it does more, for
    speed, and tests of the family count otherwise."""

    @pytest.fixture(scope="class")
    @classmethod
    def net(cls) -> Supernet:
        return cls.make_network()

    @classmethod
    def make_network(cls) -> Supernet:
        """As a trained network would be: with the initial zeros and statistics, many a difference would not show."""
        torch.manual_seed(0)
        net = build_supernet(cls.name, cls.scale, 5).train()
        with torch.no_grad():
            for parameter in net.parameters():
                if parameter.ndim == 1:
                    parameter.uniform_(0.5, 1.5)
            for seed in range(20):
                a = net.space.sample(random.Random(seed))
                net(cls.images(net, a), a)
        return net.eval()

    @classmethod
    def images(cls, net: Supernet, a: Architecture) -> torch.Tensor:
        side = net.space.resolution(a) // cls.scale.divisor
        return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(side))

    @pytest.mark.parametrize("seed", range(6))
    def test_an_extracted_network_equals_the_dynamic_one_and_is_independent(self, net: Supernet, seed: int) -> None:
        a = net.space.sample(random.Random(seed))
        x, extracted = self.images(net, a), net.extract(a)
        with torch.no_grad():
            assert torch.equal(net(x, a), extracted(x))
            for parameter in extracted.parameters():
                parameter.zero_()
            assert net(x, a).abs().max() > 0

    @pytest.mark.parametrize("seed", range(12))
    def test_keys_are_equal_exactly_where_activations_are(self, net: Supernet, seed: int) -> None:
        rng = random.Random(seed)
        a = net.space.sample(rng)
        b = net.space.mutate(a, rng, 0.1)
        x, y = self.images(net, a), self.images(net, b)
        with torch.no_grad():
            for one, other in zip(net.path(a), net.path(b), strict=False):
                x, y = one.run(x), other.run(y)
                assert (one.key == other.key) == torch.equal(x, y)
                if one.key != other.key:
                    return
        assert a == b

    @pytest.mark.parametrize("seed", range(6))
    def test_different_architectures_have_different_logits(self, net: Supernet, seed: int) -> None:
        rng = random.Random(seed)
        a = net.space.sample(rng)
        b = a
        while b == a:
            b = net.space.mutate(a, rng, 0.05)
        with torch.no_grad():
            assert not torch.equal(net(self.images(net, a), a), net(self.images(net, b), b))

    def test_training_reaches_every_step(self, net: Supernet) -> None:
        trained = copy.deepcopy(net).train()
        a = trained.space.sample(random.Random(0))
        trained(self.images(net, a), a).square().sum().backward()
        reached = sum(p.grad is not None and bool(p.grad.any()) for p in trained.parameters())
        assert reached > 2 * len(trained.path(a))

    def test_our_own_names_load(self, net: Supernet) -> None:
        supernet_family(self.name).load(net, dict(net.state_dict()))

    @pytest.mark.parametrize("seed", range(2))
    def test_costs_are_those_of_the_deployed_network_at_full_size(self, seed: int) -> None:
        with torch.device("meta"):
            net = build_supernet(self.name)
        a = net.space.sample(random.Random(seed))
        cost, side, deployed = net.space.cost(a), net.space.resolution(a), net.extract(a)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            deployed(torch.zeros(1, 3, side, side, device="meta"))
        assert _parameters(deployed) == cost.params
        assert counter.get_total_flops() == 2 * cost.macs or not self.macs_are_counted

    def test_the_space_has_the_name_of_its_family(self) -> None:
        family = supernet_family(self.name)
        assert family.space().name == family.name

    def test_default_limits_leave_some_and_exclude_some(self) -> None:
        family = supernet_family(self.name)
        low, high = family.space().bounds()
        for column, limit in family.default_limits.items():
            assert getattr(low, column) < limit < getattr(high, column)

    def test_there_is_a_calibration_rule_where_there_are_batch_norms(self, net: Supernet) -> None:
        steps = net.path(net.space.largest())
        normalised = any(isinstance(m, nn.BatchNorm2d) for step in steps for m in step.template.modules())
        for divisor in (1, self.scale.divisor):
            assert (supernet_family(self.name).calibration(divisor) is not None) == normalised

    @pytest.mark.parametrize("seed", range(3))
    def test_the_plain_network_of_an_export_has_the_same_logits(self, net: Supernet, seed: int) -> None:
        family = supernet_family(self.name)
        if family.plain_network is None:
            pytest.skip("the family cannot be exported")
        a = net.space.sample(random.Random(seed))
        plain, extracted, x = family.plain_network(net, a), net.extract(a), self.images(net, a)
        network: nn.Module = importlib.import_module(plain.module).Network(**json.loads(json.dumps(plain.arguments)))
        network.load_state_dict(named_state(list(extracted), plain))
        with torch.no_grad():
            torch.testing.assert_close(network.eval()(x), extracted(x), rtol=1e-4, atol=1e-4)


def _parameters(network: nn.Module) -> int:
    """Weights of a network as it is deployed, where each batch norm has a scale and a shift."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d) and not module.affine]
    return sum(p.numel() for p in network.parameters()) + sum(2 * norm.num_features for norm in norms)


def _quoted(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value])]


def _set(genotype: dict[str, Any], dimension: Dimension, value: Any) -> None:
    """Change one gene of a genotype; a list that ends just before it grows."""
    if dimension.index is None:
        genotype[dimension.gene] = value
    else:
        genotype[dimension.gene][dimension.index : dimension.index + 1] = [value]


def _names(row: str, label: str) -> bool:
    return label in [gene.split(":")[0] for gene in row.split("|")[1].split()]
