"""Whole searches: how they stop, what they write, what they refuse."""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.archive.archive import Archive
from graph.config import Config
from graph.events import Evaluated, Message, RunEnded, RunStarted, Verdict
from graph.run_folder import RunFolder
from graph.search import RunNotes, check
from supernets.evaluate.evaluator import Evaluation, OutOfMemory, ScoringStopped
from supernets.evaluate.protocol import ProtocolMismatch
from supernets.space.architecture import Architecture
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace
from tests.graph.fakes import (
    SPACE,
    STRATEGY,
    FormulaEvaluator,
    config,
    eventful_script,
    genotypes,
    models,
    protocol,
    random_config,
    search_in,
)


def run(root: Path, settings: Config, script: dict[str, Any] | None = None, **more: Any) -> tuple[RunFolder, list[Any]]:
    """The folder and the events of one whole search."""
    folder, events = RunFolder.create(root, settings), list[Any]()
    evaluator = more.pop("evaluator", FormulaEvaluator())
    fallback_chain = models(script or eventful_script())
    search_in(folder, evaluator=evaluator, models=fallback_chain, sink=more.pop("sink", events.append), **more).run()
    return folder, events


def ended(events: list[Any]) -> RunEnded:
    assert isinstance(events[-1], RunEnded)
    return events[-1]


def script_of(*answers: Any) -> dict[str, Any]:
    return {"navigator": [STRATEGY.format(1)], "generator": list(answers)}


def test_a_collm_search_from_end_to_end(tmp_path: Path) -> None:
    notes = RunNotes(
        settings_shown=(("model", "scripted", "named"),),
        opening=("hello",),
        closing=("goodbye",),
        draw=lambda a: f"drawing of {a.id}",
    )
    folder, events = run(tmp_path, config(), notes=notes)
    assert events[0] == RunStarted(
        run=folder.id,
        supernet="ofa",
        strategy="collm",
        evaluations=14,
        done=0,
        settings_shown=notes.settings_shown,
        notes=("hello",),
    )
    verdicts = Counter(e.candidate.verdict for e in events if isinstance(e, Verdict) and e.candidate.round == 1)
    assert verdicts == {"legal": 5, "duplicate": 1, "over limit": 1, "illegal": 1}
    result = json.loads(folder.result.read_text())
    assert list(result) == [
        "schema", "supernet", "strategy", "models", "answered", "seed", "protocol", "architecture", "macs_m",
        "params_m", "paper_macs_m", "latency_ms", "memory_mb",
        "search_top1", "search_stderr", "report_top1", "report_stderr", "latency_device", "evaluations", "ledger",
        "prices", "stopped_because",
    ]  # fmt: skip
    best = max((e.evaluation for e in events if isinstance(e, Evaluated)), key=lambda score: score.top1)
    assert (result["search_top1"], result["architecture"]) == (best.top1, best.architecture.to_dict())
    assert result["report_top1"] == FormulaEvaluator().report(best.architecture).top1
    assert result["stopped_because"] == "budget of 14 evaluations spent"
    assert result["protocol"]["id"] == protocol().id
    last = ended(events)
    assert last.result == result
    assert (last.diagnosis, last.drawing, last.notes) == ("", f"drawing of {best.architecture.id}", ("goodbye",))


def test_the_same_seed_is_the_same_search(tmp_path: Path) -> None:
    def scores(settings: Config) -> list[Any]:
        _, events = run(tmp_path, settings)
        return [event.evaluation for event in events if isinstance(event, Evaluated)]

    assert scores(random_config()) == scores(random_config())
    assert scores(random_config()) != scores(random_config(seed=2))


def test_random_search_spends_its_whole_budget_within_the_limit(tmp_path: Path) -> None:
    _, events = run(tmp_path, random_config(evaluations=20, limits={"macs_m": 400.0, "params_m": 6.0}))
    scored = {event.evaluation.architecture for event in events if isinstance(event, Evaluated)}
    costs = [SPACE.cost(a) for a in scored]
    assert len(scored) == 20
    assert all(cost.macs_m <= 400 and cost.params_m <= 6 for cost in costs)


def test_minutes_of_earlier_processes_count(tmp_path: Path) -> None:
    now = 0.0

    def work(name: str) -> None:
        nonlocal now
        now += 20 if name == "evaluate" else 0
        if now == 40:
            raise KeyboardInterrupt

    settings = random_config(minutes=1)
    folder = RunFolder.create(tmp_path, settings)
    with pytest.raises(KeyboardInterrupt):
        search_in(folder, evaluator=FormulaEvaluator(work), sink=print, clock=lambda: now).run()
    now, events = 1000.0, list[Any]()
    search_in(folder, evaluator=FormulaEvaluator(work), sink=events.append, clock=lambda: now).run()
    assert [event.elapsed for event in events if isinstance(event, Evaluated)] == [60]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (config(limits={"macs_m": 10.0}), "no sub-network of ofa meets macs_m <= 10: the smallest has"),
        (config(limits={"params_m": 1000.0}), "params_m <= 1000 limits nothing: the largest sub-network of ofa has"),
        (config(limits={"latency": 3.0}), r"unknown limit 'latency' \(did you mean latency_ms\?\): expected one"),
        (config(strategy="guess"), "unknown strategy 'guess': expected one of collm, sillm"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_starts(tmp_path: Path, settings: Config, text: str) -> None:
    folder = RunFolder.create(tmp_path, settings)
    with pytest.raises(UserError, match=text):
        search_in(folder, models=models(eventful_script()), sink=print)
    assert not folder.archive.exists()


def test_another_protocol_is_refused(tmp_path: Path) -> None:
    folder, _ = run(tmp_path, config())
    other = FormulaEvaluator(measured=protocol("other weights"))
    with pytest.raises(ProtocolMismatch, match="weights: formula there, other weights here"):
        search_in(folder, config=config(), evaluator=other, models=models(eventful_script()), sink=print).run()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    folder, _ = run(tmp_path, config())
    with folder.lock(), pytest.raises(UserError, match=r"is in use by process \d+"):
        search_in(folder, config=config(), models=models(eventful_script()), sink=print).run()


def test_what_is_no_architecture_in_neutral_names_is_none_in_true_ones(tmp_path: Path) -> None:
    settings = config(disguise=True, limits={}, evaluations=2)
    true = genotypes("true", 1)[0]
    sent = {"architectures": [DisguisedSpace(SPACE, settings.seed).to_disguised(true), true]}
    script = {"navigator": [STRATEGY.format(1)] * 5, "generator": [[sent, {"architectures": [true]}]] * 5}
    folder = RunFolder.create(tmp_path, settings)
    search_in(folder, models=models(script)).run()
    archive = Archive(folder.archive, SPACE)
    first, second = archive.candidates(1, 1)
    archive.close()
    assert (first.verdict, first.genotype) == ("legal", true)
    assert second.verdict == "illegal"
    assert "unknown keys" in second.reason


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = random_config(evaluations=200)
    folder = RunFolder.create(tmp_path, settings)
    opened = Archive.__init__

    def small(archive: Archive, path: Path, space: SearchSpace, *, durable: bool) -> None:
        opened(archive, path, space, durable=durable)
        archive.connection.execute("PRAGMA max_page_count = 24")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "__init__", small)
        with pytest.raises(UserError, match=r"database or disk is full; what was recorded before is safe.*--resume"):
            search_in(folder).run()
    events: list[Any] = []
    search_in(folder, sink=events.append).run()
    assert events[0].done > 0
    assert ended(events).stopped_because == "budget of 200 evaluations spent"


def test_an_archive_that_is_no_database_is_told(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, random_config())
    folder.archive.write_text("this is no database, but it is long enough to be looked at as one" * 20)
    with pytest.raises(UserError, match=r"file is not a database; it is damaged .* Put back a copy of archive\.sqlite"):
        search_in(folder, config=random_config(), sink=print).run()


def test_a_folder_that_may_not_be_written_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(tmp_path, random_config())

    def refuse(folder: RunFolder, result: dict[str, Any]) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder.result))

    monkeypatch.setattr(RunFolder, "write_result", refuse)
    with pytest.raises(UserError, match=r"Permission denied.*--resume"):
        search_in(folder).run()


def test_a_watcher_that_fails_does_not_stop_the_search(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: object) -> None:
        raise BrokenPipeError("nobody reads")

    folder, _ = run(tmp_path, random_config(), sink=fail)
    assert json.loads(folder.result.read_text())["evaluations"] == 14
    assert [record.getMessage() for record in caplog.records] == [
        "showing the search failed (BrokenPipeError: nobody reads); the search continues"
    ]


def test_only_as_many_candidates_as_the_budget_holds_are_handed_out(tmp_path: Path) -> None:
    asked: list[int] = []

    class Grouped(FormulaEvaluator):
        def evaluate(self, archs: Any) -> Any:
            asked.append(len(archs))
            return iter(list(super().evaluate(archs)))

    evaluator = Grouped()
    run(tmp_path, random_config(evaluations=11), evaluator=evaluator)
    assert sum(asked) == len(evaluator.scored) == 11


def test_a_lack_of_memory_is_told_and_loses_nothing(tmp_path: Path) -> None:
    class Starved(FormulaEvaluator):
        def evaluate(self, archs: Any) -> Any:
            yield from super().evaluate(archs[:3])
            raise OutOfMemory("out of memory on cpu")

    folder = RunFolder.create(tmp_path, random_config())
    with pytest.raises(UserError, match=r"out of memory on cpu; the scores so far are recorded.*--resume"):
        search_in(folder, config=random_config(), evaluator=Starved()).run()
    events: list[Any] = []
    search_in(folder, config=random_config(), sink=events.append).run()
    assert events[0].done == 3
    assert ended(events).stopped_because == "budget of 14 evaluations spent"


def test_an_evaluator_that_answers_for_another_architecture_is_a_fault_of_the_program(tmp_path: Path) -> None:
    class Mistaken(FormulaEvaluator):
        def evaluate(self, archs: Any) -> Any:
            return super().evaluate(archs[::-1])

    with pytest.raises(RuntimeError, match=r"asked for .* the evaluator answered with"):
        run(tmp_path, random_config(), evaluator=Mistaken())


def test_what_an_evaluator_tells_is_shown_and_scoring_that_stops_can_be_continued(tmp_path: Path) -> None:
    class Losing(FormulaEvaluator):
        def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
            self.on_message("A worker was lost.")
            yield next(super().evaluate(archs))
            raise ScoringStopped("no worker is left")

    folder, events = RunFolder.create(tmp_path, random_config()), list[Any]()
    with pytest.raises(UserError, match=rf"no worker is left; .* recorded; continue with --resume {folder.path}"):
        search_in(folder, config=random_config(), evaluator=Losing(), sink=events.append).run()
    assert Message("A worker was lost.", "warning") in events
    search_in(folder, config=random_config(), sink=events.append).run()
    assert folder.result.is_file()


def test_settings_and_results_that_were_changed_are_told(tmp_path: Path) -> None:
    settings = random_config(evaluations=5)
    folder = RunFolder.create(tmp_path, settings)
    found = search_in(folder, config=settings).run()
    assert found is not None
    events: list[Any] = []
    search_in(folder, config=settings, sink=events.append).run()
    assert [event for event in events if isinstance(event, Message)] == []
    folder.write_result({**found, "report_top1": 99.9})
    search_in(folder, config=settings.changed(seed=5), sink=events.append).run()
    one, other = (event.text for event in events if isinstance(event, Message))
    assert "seed: 1 then, 5 now" in one
    assert "result.json of this run had another report_top1 than its record has now" in other
    assert json.loads(folder.result.read_text())["report_top1"] == found["report_top1"]
    folder.result.write_text("{")
    search_in(folder, config=settings).run()
    assert json.loads(folder.result.read_text()) == found


def test_a_review_is_refused_where_there_is_no_navigator() -> None:
    for strategy in ("opro", "llmatic"):
        with pytest.raises(UserError, match=f"reviews a Navigator's strategies, {strategy} has none"):
            check(config(strategy=strategy, interactive=True), SPACE)


def test_options_of_two_agents_are_refused_where_there_is_one() -> None:
    with pytest.raises(UserError, match="opro has one model without memory; leave out the options for a"):
        check(config(strategy="opro", generator_results=True), SPACE)
    check(config(strategy="opro"), SPACE)
