"""The example of a family of one's own: it keeps every promise, and a broken copy of it is found out."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest

from collm_nas.testing import Broken, SpaceConformance, SupernetConformance
from common.errors import UserError
from supernets.families.recipe import Scale
from supernets.families.registry import supernet_family
from tests.paths import ROOT

FILE = ROOT / "examples" / "tiny_resnet" / "tiny_resnet_family.py"
NAME = f"{FILE}:TINY_RESNET"


class TestSpace(SpaceConformance):
    name = NAME
    broken: ClassVar[Broken] = [
        ({"d": [1, 2, 4]}, "d[2]: expected one of 1, 2, 3; got 4"),
        ({"k": [3] * 8}, "k: expected 9 entries, got 8"),
        ({"w": 1}, "unknown keys w"),
    ]


class TestSupernet(SupernetConformance):
    name = NAME
    scale = Scale(width=0.5, divisor=2)


OVERRIDDEN = {
    "parse_and_genotype_are_inverse": "genotype = lambda self, a: {**a.to_dict(), 'd': [1, 2, 3]}",
    "genes_that_do_not_act_change_nothing": """_canonical = lambda self, values: Architecture(
        self.name, tuple((gene, tuple(value)) for gene, value in values.items())
    )""",
    "numbers_may_stand_in_quotes_and_single_genes_in_a_list": "_unwrapped = lambda self, gene, value: value",
    "genes_that_act_make_a_different_architecture": (
        "parse = lambda self, given: SearchSpace.parse(self, {**given, 'k': [3] * 9}); "
        "TinyResNetSpace.sample = lambda self, rng: self.parse(SearchSpace.sample(self, rng).to_dict())"
    ),
    "what_acts_is_what_the_dimensions_say": "active = lambda self, a: frozenset(d.label for d in self.dimensions)",
    "mutants_and_children_are_canonical_members": """crossover = lambda self, a, b, rng: Architecture(
        self.name, (("d", (9, 9, 9)), *a.genes[1:])
    )""",
    "a_mutation_of_rate_zero_and_a_crossover_with_oneself_change_nothing": (
        "mutate = lambda self, a, rng, rate: self.sample(rng)"
    ),
    "one_change_is_one_acting_gene_and_a_neighbour_has_no_other": "change_one = lambda self, a, rng: self.sample(rng)",
    "twins_are_other_members_with_the_same_cost_and_are_twins_of_each_other": "twins = lambda self, a: [a]",
    "choices_make_the_architecture_that_they_came_from": "from_choices = lambda self, choices: self.smallest()",
    "the_same_generator_gives_the_same_draw": "sample = lambda self, rng: SearchSpace.sample(self, random)",
    "costs_lie_between_the_smallest_and_the_largest": (
        "cost = lambda self, a: Cost(macs=10**9 if a['d'][0] == 2 else 1, params=1)"
    ),
    "the_smallest_and_the_largest_have_the_least_and_most_macs": "largest = SearchSpace.smallest; TinyResNetSpace."
    "count_bounds = lambda self: (self.count(self.smallest()), self.count(SearchSpace.largest(self)))",
    "the_graph_adds_up_to_the_cost": "graph = lambda self, a: GRAPH(self, a).subgraph([0, 1, 2])",
    "the_schema_accepts_genotypes": """_genotype_schema = lambda self: {
        **SearchSpace._genotype_schema(self), "required": ["width"]
    }""",
    "the_schema_accepts_what_parse_accepts_and_nothing_else": "_genotype_schema = lambda self: {'type': 'object'}",
    "the_schema_counts_architectures": "json_schema = lambda self, low, high: SearchSpace.json_schema(self, 0, 99)",
    "broken_genotypes_are_refused_by_parse_and_schema_alike": (
        "parse = lambda self, given: SearchSpace.parse(self, {gene: given[gene] for gene in 'dke'})"
    ),
    "every_problem_is_reported_at_once": "_complete = complete_or_stop",
    "parse_refuses_what_is_no_object": (
        "parse = lambda self, given: SearchSpace.parse(self, given) if isinstance(given, dict) else self.smallest()"
    ),
    "the_description_names_every_dimension_and_choice": "describe = lambda self: 'An elastic ResNet.'",
}
"""By the promise that it breaks: an attribute of the space."""

HELPERS = """

import random

GRAPH = TinyResNetSpace.graph


def complete_or_stop(self, given, problems):
    from supernets.space.architecture import InvalidArchitecture

    if max(given["d"]) > MOST:
        raise InvalidArchitecture(["d[2]: expected one of 1, 2, 3; got 4"])
    return given


"""

REPLACED = {
    "an_extracted_network_equals_the_dynamic_one_and_is_independent": (
        "# What the program is told",
        "TinyResNetSupernet.extract = lambda self, a: nn.Sequential(*map(shared, self.path(a)))\n\n\n"
        "def shared(step):\n    return step.template.to_empty(device='cpu').eval()\n\n\n# What the program is told",
    ),
    "keys_are_equal_exactly_where_activations_are": ("Step((index, kernel, expansion)", "Step((index, expansion)"),
    "different_architectures_have_different_logits": (
        'self._step(index, a["k"][index], a["e"][index])',
        'self._step(index, 3, a["e"][index])',
    ),
    "training_reaches_every_step": (
        "        return Step((index",
        "        state = {name: t.detach() for name, t in state.items()}\n        return Step((index",
    ),
    "our_own_names_load": ("translate=lambda name: name", 'translate=lambda name: f"net.{name}"'),
    "costs_are_those_of_the_deployed_network_at_full_size": (
        'conv("conv2", hidden, cout, side, 3)',
        'conv("conv2", hidden, cout, side, 1)',
    ),
    "the_space_has_the_name_of_its_family": ('super().__init__("tiny-resnet"', 'super().__init__("resnet"'),
    "default_limits_leave_some_and_exclude_some": ('{"macs_m": 30}', '{"macs_m": 3000}'),
    "there_is_a_calibration_rule_where_there_are_batch_norms": (
        'calibration=lambda divisor: Calibration("average", images=500, batch=250)',
        "calibration=lambda divisor: None",
    ),
    "the_plain_network_of_an_export_has_the_same_logits": (
        '"blocks": blocks,',
        '"blocks": [{**block, "stride": 1} for block in blocks],',
    ),
}
"""By the promise that it breaks: text of the family, and what stands in its place."""


FOUND = (AssertionError, ValueError, RuntimeError, UserError, jsonschema.ValidationError, pytest.fail.Exception)
"""What a promise that is not kept raises: an assertion, or what refuses its consequence."""


def broken_copy(folder: Path, text: str) -> str:
    """The name of a changed family, which can still be imported and builds a network."""
    (folder / "broken.py").write_text(text)
    shutil.copy(FILE.with_name("tiny_resnet_network.py"), folder)
    name = f"{folder / 'broken.py'}:TINY_RESNET"
    supernet_family(name).network(Scale(0.5, 2))
    return name


@pytest.mark.slow
@pytest.mark.parametrize("promise", OVERRIDDEN)
def test_a_broken_promise_of_a_space_is_found(promise: str, tmp_path: Path) -> None:
    text = f"{FILE.read_text()}{HELPERS}TinyResNetSpace.{OVERRIDDEN[promise]}\n"

    class Suite(TestSpace):
        name = broken_copy(tmp_path, text)

    with pytest.raises(FOUND):
        getattr(Suite(), f"test_{promise}")()


@pytest.mark.slow
@pytest.mark.parametrize("promise", REPLACED)
def test_a_broken_promise_of_a_supernet_is_found(promise: str, tmp_path: Path) -> None:
    before, after = REPLACED[promise]
    text = FILE.read_text()
    assert before in text

    class Suite(TestSupernet):
        name = broken_copy(tmp_path, text.replace(before, after))

    with pytest.raises(FOUND):
        for_all_seeds(Suite, f"test_{promise}")


def for_all_seeds(suite: type[TestSupernet], test: str) -> None:
    method, net = getattr(suite(), test), suite.make_network()
    taken = inspect.signature(method).parameters
    for seed in range(12):
        method(**{name: value for name, value in (("net", net), ("seed", seed)) if name in taken})


def promises(suite: type) -> Iterator[str]:
    return (name.removeprefix("test_") for name in dir(suite) if name.startswith("test_"))


def test_every_promise_is_broken_once() -> None:
    assert set(OVERRIDDEN) == set(promises(SpaceConformance))
    assert set(REPLACED) == set(promises(SupernetConformance))
