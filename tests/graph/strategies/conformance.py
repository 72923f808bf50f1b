"""What every strategy that asks no language model must hold to; each one's test class inherits this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from graph.archive.archive import Archive
from graph.candidate import Candidate
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture, value_of
from tests.graph.fakes import protocol

SPACE = get_space("spos")
LIMIT = 320.0


class Additive(Evaluator):
    """Each gene adds its own; the last third of them counts most. `stop_at`: raises at that evaluation."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.protocol = protocol()
        self._left = stop_at

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        for a in archs:
            if self._left == 0:
                raise KeyboardInterrupt
            self._left = None if self._left is None else self._left - 1
            yield self.report(a)

    def report(self, a: Architecture) -> Evaluation:
        values = [d.choices.index(value_of(a, d)) for d in SPACE.dimensions]
        top1 = 50 + sum((1 + i // 7) * (value % 3) / 4 for i, value in enumerate(values))
        return Evaluation(a, top1, 0.5, 1000, 0.0, self.protocol.id)


def search(
    root: Path, name: str, seed: int = 0, evaluations: int = 60, evaluator: Evaluator | None = None, **changes: Any
) -> Search:
    values = {"strategy": name, "seed": seed, "evaluations": evaluations, "limits": {"macs_m": LIMIT}, **changes}
    config = Config(supernet="spos", **values)
    return Search(
        config=config,
        space=SPACE,
        evaluator=evaluator or Additive(),
        models={},
        folder=RunFolder.create(root, config),
        sink=lambda event: None,
    )


def recorded(folder: Path) -> tuple[list[Candidate], list[Evaluation]]:
    """Every candidate and every score of the only run in a folder."""
    (run,) = folder.iterdir()
    with closing(Archive(RunFolder(run).archive, SPACE)) as archive:
        return archive.candidates(1, archive.last_round), archive.evaluations(1, archive.last_round)


class StrategyConformance:
    """Set `name`, and `learns` if it must find more than random search does."""

    name: ClassVar[str]
    learns: ClassVar[bool] = True

    def test_it_spends_the_budget_on_new_architectures_within_the_limit(self, tmp_path: Path) -> None:
        found = search(tmp_path, self.name).run()
        assert found is not None
        assert found["evaluations"] == 60
        scored = {evaluation.architecture for evaluation in recorded(tmp_path)[1]}
        assert len(scored) == 60
        assert all(SPACE.cost(a).macs_m <= LIMIT for a in scored)

    def test_each_round_of_several_limits_keeps_its_own(self, tmp_path: Path) -> None:
        search(tmp_path, self.name, evaluations=40, limits={"macs_m": [300.0, LIMIT]}).run()
        for candidate in recorded(tmp_path)[0]:
            assert candidate.cost is not None
            assert candidate.cost.macs_m <= (LIMIT if candidate.round % 2 else 300.0)

    def test_a_seed_says_what_is_proposed(self, tmp_path: Path) -> None:
        sent: list[Any] = []
        for place, seed in (("a", 0), ("b", 0), ("c", 1)):
            search(tmp_path / place, self.name, seed, 30).run()
            sent.append([candidate.text for candidate in recorded(tmp_path / place)[0]])
        assert sent[0] == sent[1] != sent[2]

    def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(self, tmp_path: Path) -> None:
        search(tmp_path / "whole", self.name).run()
        with pytest.raises(KeyboardInterrupt):
            search(tmp_path / "cut", self.name, evaluator=Additive(stop_at=37)).run()
        (run,) = (tmp_path / "cut").iterdir()
        folder = RunFolder(run)
        Search(
            config=folder.config(), space=SPACE, evaluator=Additive(), models={}, folder=folder, sink=lambda event: None
        ).run()
        assert recorded(tmp_path / "cut") == recorded(tmp_path / "whole")

    @pytest.mark.slow
    def test_it_finds_more_than_random_search(self, tmp_path: Path) -> None:
        if not self.learns:
            pytest.skip("it does not learn")

        def total(name: str) -> float:
            runs = [search(tmp_path / f"{name}{seed}", name, seed, 150).run() for seed in range(2)]
            return sum(float(found["search_top1"]) for found in runs if found)

        assert total(self.name) > total("random")
