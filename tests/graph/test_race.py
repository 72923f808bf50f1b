"""A search that races its candidates, with hits from a formula: what it keeps, tells, and repeats after a kill."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.terminal.console import plain_console
from cli.terminal.trace import Trace
from graph.archive.archive import Archive
from graph.config import Config
from graph.events import Evaluated, RunEnded
from graph.replay.replay import replay
from graph.run_folder import RunFolder
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.evaluate.race import RaceEvaluator
from supernets.evaluate.scoring_schedule import ScoringSchedule
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE, FormulaEvaluator, config, contents, eventful_script, models, search_in, timeless

IMAGES, BLOCK = 1000, 50
EASE = np.random.default_rng(0).normal(0, 1, IMAGES)


class HitsEvaluator(FormulaEvaluator):
    """An image is got right where a formula of cost, image and chance says so."""

    def racing(self, complete: Sequence[bytes], error: float) -> Evaluator:
        return RaceEvaluator(self, complete, error)  # type: ignore[arg-type]

    def scores(self, archs: Sequence[Architecture], course: ScoringSchedule) -> Iterator[Evaluation]:
        for a in archs:
            self.before("evaluate")
            self.scored.append(a.id)
            noise = np.random.default_rng(int(a.id, 16)).normal(0, 0.3, IMAGES)
            hits = (EASE + noise + SPACE.cost(a).macs_m / 200 > 1.5)[course.order]
            end = next((n for n in range(BLOCK, IMAGES, BLOCK) if not course.should_continue(hits[:n])), IMAGES)
            score = course.score(hits[:end])
            yield Evaluation(a, score.top1, score.stderr, end, 0.001, self.protocol.id, score.hits)


def race_config(**changes: Any) -> Config:
    return config(
        **{"strategy": "random", "models": {}, "evaluations": 30, "per_round": 12, "fidelity": "race", **changes}
    )


def search(folder: RunFolder, before: Callable[[str], None], events: list[Any]) -> dict[str, Any] | None:
    fallback_chain = models(eventful_script()) if folder.config().models else {}
    return search_in(folder, evaluator=HitsEvaluator(before), models=fallback_chain, sink=events.append).run()


def silent(name: str) -> None: ...


@pytest.fixture
def raced(tmp_path: Path) -> tuple[RunFolder, list[Any]]:
    folder, events = RunFolder.create(tmp_path, race_config()), list[Any]()
    search(folder, silent, events)
    return folder, events


def test_the_winner_is_scored_fully_and_stopped_candidates_lie_below_it(raced: tuple[RunFolder, list[Any]]) -> None:
    folder, events = raced
    scores = [event for event in events if isinstance(event, Evaluated)]
    stopped = [event for event in scores if event.stopped]
    assert 5 < len(stopped) < len(scores) == 30
    assert not any(event.stopped for event in scores[:8])
    assert all(e.evaluation.images < IMAGES and e.evaluation.top1 < e.best_top1 and not e.is_best for e in stopped)
    result = json.loads(folder.result.read_text())
    assert result["ledger"]["total"]["images"] == sum(event.evaluation.images for event in scores) < 30 * IMAGES
    best = HitsEvaluator().racing((), 0.01).evaluate([SPACE.parse(result["architecture"])])
    assert (result["search_top1"], IMAGES) == next((e.top1, e.images) for e in best)
    archs = [event.evaluation.architecture for event in scores]
    full = max(e.top1 for e in HitsEvaluator().racing((), 0.01).evaluate(archs))
    assert result["search_top1"] == full
    with closing(Archive(folder.archive, SPACE)) as archive:
        assert archive.best()[1].images == IMAGES  # type: ignore[index]


def test_what_was_stopped_can_be_told_apart(raced: tuple[RunFolder, list[Any]], tmp_path: Path) -> None:
    _, events = raced
    path = tmp_path / "trace.txt"
    with path.open("w") as file, Trace(plain_console(file), None) as trace:
        for event in events:
            trace(event)
    told = path.read_text()
    first = next(event.evaluation for event in events if isinstance(event, Evaluated) and event.stopped)
    assert f"~{first.top1:.1f} ± {first.stderr:.1f}   stopped at {first.images} images" in told
    total = next(event.total for event in events if isinstance(event, RunEnded))
    assert total is not None
    assert f"{total.images:,} images instead of 30,000" in told


def test_the_navigator_is_told_which_scores_are_estimates(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config(fidelity="race", evaluations=20))
    asked: list[str] = []
    fallback_chain = models(eventful_script())
    search_in(folder, evaluator=HitsEvaluator(), models=fallback_chain).run()
    with closing(Archive(folder.archive, SPACE)) as archive:
        asked = [str(call.request.messages) for call in archive.calls]
    assert any("(stopped at " in text for text in asked)
    assert "could not become the best any more was stopped" in asked[0]


def test_interrupted_anywhere_a_race_ends_as_if_it_had_not_been(
    raced: tuple[RunFolder, list[Any]], tmp_path: Path
) -> None:
    reference, _ = raced
    folder = RunFolder.create(tmp_path / "interrupted", race_config())
    rng = random.Random(0)
    for _ in range(40):
        left = rng.randrange(1, 8)

        def before(name: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt

        try:
            search(folder, before, [])
            break
        except KeyboardInterrupt:
            continue
    assert folder.result.exists()
    assert contents(folder.archive) == contents(reference.archive)
    assert timeless(json.loads(folder.result.read_text())) == timeless(json.loads(reference.result.read_text()))


@pytest.mark.parametrize("evaluator", [HitsEvaluator(), None], ids=["measured", "recorded"])
def test_a_race_is_replayed(raced: tuple[RunFolder, list[Any]], tmp_path: Path, evaluator: Evaluator | None) -> None:
    folder, _ = raced
    again = RunFolder.create(tmp_path / "again", race_config())
    assert replay(folder, again, SPACE, evaluator, lambda event: None) is not None
