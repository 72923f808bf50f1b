"""Repeats a finished search offline: models' answers come from its record, everything else is computed again.

Notable: a replay is an ordinary search in its own folder, without models, whose scores must equal the recorded ones.
Durations and the end of a time budget come from the record. The first difference ends the replay and is reported.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from agents.calls.transcript import Transcript
from agents.models.scripted import ScriptedChatModel
from common.errors import UserError
from graph.archive.archive import Archive
from graph.budget import Budget
from graph.events import Sink
from graph.record_faults import explain_faults
from graph.replay.recorded import RecordedCalls, RecordedEvaluator, RecordedReviewer, ReplayDiffers
from graph.role_options import prompts
from graph.run_folder import RunFolder
from graph.search import RunNotes, Search
from graph.spending import PriceList
from supernets.evaluate.evaluator import Evaluator
from supernets.space.cost import COST_KINDS
from supernets.space.space import SearchSpace

_COMPARED = {
    "rounds": "SELECT * FROM rounds ORDER BY round",
    "proposals": "SELECT * FROM proposals ORDER BY round, idx",
    "evaluations": "SELECT * FROM evaluations ORDER BY split DESC, round, idx",
    "calls": "SELECT key, role, round, attempt, model, text, prompt_tokens, completion_tokens, cost_usd, seconds "
    "FROM calls ORDER BY rowid",
}


def replay(
    run: RunFolder,
    folder: RunFolder,
    space: SearchSpace,
    evaluator: Evaluator | None,
    sink: Sink,
    notes: RunNotes | None = None,
) -> dict[str, Any] | None:
    """Repeat `run` in `folder`; returns the content of `result.json`, equal to that of `run`, None if it has none.

    Args:
        evaluator: scores again, as a check; with None, scores come from the record.

    Raises:
        UserError: `run` is not finished or in use, or its agents had other prompts.
        ProtocolMismatch: the protocol of `evaluator` is not that of `run`.
        ReplayDiffers: the replay differs from `run`; `folder` holds the replay up to there.
    """
    with explain_faults(run), run.lock(), closing(Archive(run.archive, space)) as record:
        if not record.stopped_because or (record.evaluation_count and not run.result.exists()):
            raise UserError(f"the run {run.id} is not finished; continue it first: --resume {run.path}")
        if (config := run.config()).models:
            record.require_prompts(prompts(config).hash)
        if evaluator:
            record.require_protocol(evaluator.protocol)
        found = _Replay(
            record=record, run=run, folder=folder, space=space, evaluator=evaluator, sink=sink, notes=notes
        ).run()
        with closing(Archive(folder.archive, space)) as archive:
            _require_same_rows(record, archive)
    if found is not None:
        if not (recorded := run.read_result()):
            raise UserError(
                f"{run.result}: expected the result of the run as JSON, found something else; remove it, then "
                f"--resume {run.path} writes it again"
            )
        _require_same_result(recorded, folder.read_result())
    folder.write_config(run.config())
    return found


class _Replay(Search):
    def __init__(
        self,
        *,
        record: Archive,
        run: RunFolder,
        folder: RunFolder,
        space: SearchSpace,
        evaluator: Evaluator | None,
        sink: Sink,
        notes: RunNotes | None,
    ) -> None:
        config, no_model = run.config(), ScriptedChatModel(answers={})
        super().__init__(
            config=config,
            space=space,
            evaluator=RecordedEvaluator(record, space, evaluator),
            models={role: [no_model] * len(settings.fallback_chain) for role, settings in config.models.items()},
            folder=folder,
            sink=sink,
            notes=notes,
            reviewer=RecordedReviewer(record),
        )
        self._record = record

    def _transcript(self, archive: Archive) -> Transcript:
        return RecordedCalls(self._record, archive.calls)

    def _settle_twins(self, archive: Archive) -> None:
        if self._record.merges_twins:
            archive.merge_twins()

    def _prices(self, archive: Archive) -> PriceList:
        archive.save_prices(self._record.prices)
        return self._record.prices

    def _budget(self, archive: Archive) -> Budget:
        config, record = self._config, self._record

        def clock() -> float:
            """Zero until the replay reaches the point where the run's time budget was spent, if it was."""
            there = archive.last_round >= record.last_round and archive.evaluation_count >= record.evaluation_count
            return 60 * (config.minutes or 0) if there and record.stopped_because.endswith("minutes spent") else 0.0

        return Budget(evaluations=config.evaluations, minutes=config.minutes, clock=clock)


def _require_same_rows(record: Archive, archive: Archive) -> None:
    for table, sql in _COMPARED.items():
        cursor = record.connection.execute(sql)
        columns = [column[0] for column in cursor.description]
        there, here = cursor.fetchall(), archive.connection.execute(sql).fetchall()
        if len(there) != len(here):
            raise ReplayDiffers(f"{table}: {len(there)} there, {len(here)} here")
        for one, other in zip(there, here, strict=True):
            for name, was, now in zip(columns, one, other, strict=True):
                unknown = was is None and name in COST_KINDS  # to the program that made the run
                if was != now and not unknown:
                    number = one[columns.index("round")]
                    raise ReplayDiffers(f"{table}, round {number}: {name}: {was!r} there, {now!r} here")


def _require_same_result(there: dict[str, Any], here: dict[str, Any]) -> None:
    for name in {**there, **here}:
        unknown = name in COST_KINDS and there.get(name) is None
        if there.get(name) != here.get(name) and not unknown:
            raise ReplayDiffers(f"result.json: {name}: {there.get(name)!r} there, {here.get(name)!r} here")
