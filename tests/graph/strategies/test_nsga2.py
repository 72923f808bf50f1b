"""NSGA-II: its sorting, and the front that it finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from graph.strategies.nsga2 import Objectives, crowding, fronts, survival_order
from studies.front import hypervolumes
from studies.run import load
from tests.graph.strategies.conformance import SPACE, Additive

POINTS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda p: (float(p[0]), float(p[1]))), max_size=30
)


def dominates(one: Objectives, other: Objectives) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]


@given(points=POINTS)
def test_every_point_is_in_the_first_front_in_which_nothing_left_dominates_it(points: list[Objectives]) -> None:
    found = fronts(points)
    assert sorted(i for front in found for i in front) == list(range(len(points)))
    for rank, front in enumerate(found):
        left = [i for later in found[rank:] for i in later]
        expected = {i for i in left if not any(dominates(points[j], points[i]) for j in left)}
        assert set(front) == expected


@given(points=POINTS)
def test_the_ends_of_a_front_have_most_room(points: list[Objectives]) -> None:
    for front in fronts(points):
        room = crowding(points, front)
        ends = {min(front, key=lambda i: points[i][0]), max(front, key=lambda i: points[i][0])}
        assert all(room[i] == float("inf") for i in ends if points.count(points[i]) == 1)
        assert all(distance >= 0 for distance in room.values())
    assert sorted(survival_order(points)) == list(range(len(points)))


def test_it_agrees_with_the_definition_of_the_crowding_distance() -> None:
    points = [(0.0, 0.0), (1.0, 5.0), (4.0, 8.0), (10.0, 10.0)]
    assert crowding(points, [0, 1, 2, 3])[1] == pytest.approx(4 / 10 + 8 / 10)
    assert crowding(points, [0, 1, 2, 3])[2] == pytest.approx(9 / 10 + 5 / 10)


def searched(root: Path, strategy: str, seed: int, **changes: object) -> RunFolder:
    values = {"supernet": "spos", "strategy": strategy, "seed": seed, "evaluations": 150, "objective": "macs_m"}
    config = Config(**{**values, **changes})  # type: ignore[arg-type]
    folder = RunFolder.create(root, config, f"{strategy}-{seed}")
    Search(
        config=config, space=SPACE, evaluator=Additive(), models={}, folder=folder, sink=lambda event: None
    ).run()  # fmt: skip
    return folder


def test_it_is_refused_where_there_is_no_front_to_search(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nsga2 searches a front of accuracy against cost: add --objective macs"):
        searched(tmp_path, "nsga2", 0, objective=None)


def test_it_finds_a_larger_front_than_random_search(tmp_path: Path) -> None:
    runs = [load(searched(tmp_path, name, seed).path) for name in ("nsga2", "random") for seed in range(2)]
    areas = [hypervolumes(run.points(), (400.0, 50.0))[-1] for run in runs]
    assert min(areas[:2]) > max(areas[2:])


def test_the_same_seed_proposes_the_same_for_several_limits(tmp_path: Path) -> None:
    limits = {"macs_m": [280.0, 320.0]}
    runs = [
        load(searched(tmp_path / place, "nsga2", 3, evaluations=40, objective=None, limits=limits).path)
        for place in ("one", "other")
    ]
    assert runs[0].evaluations == runs[1].evaluations
    assert all(SPACE.cost(score.architecture).macs_m <= 320 for score in runs[0].evaluations)
    assert runs[0].winners[0].candidate.cost is not None
    assert runs[0].winners[0].candidate.cost.macs_m <= 280
