"""A finished search again, offline: answers of models come from its record, everything else is done anew.

Notable: a replay is an ordinary search in a folder of its own, whose models cannot speak and whose scores must come out
as they did. Durations, and where the time was up, are the record's. The first thing that differs ends it, and is named.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

from agents.calls.transcript import Transcript
from agents.models.scripted import ScriptedChatModel
from common.errors import UserError
from graph.archive.archive import Archive
from graph.budget import Budget
from graph.events import Sink
from graph.replay.recorded import RecordedCalls, RecordedEvaluator, RecordedPerson, ReplayDiffers
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
    words: RunNotes | None = None,
) -> dict[str, Any] | None:
    """Repeat `run` in `folder`; what `result.json` holds, byte for byte that of `run`, None if `run` found nothing.

    Args:
        evaluator: scores again, as a check; None takes scores from the record.

    Raises:
        UserError: `run` is not finished or in use.
        ProtocolMismatch: `evaluator` measures otherwise than `run` did.
        ReplayDiffers: something came out differently; `folder` holds the replay up to there.
    """
    with run.lock(), closing(Archive(run.archive, space)) as record:
        if not record.stopped_because or (record.evaluation_count and not run.result.exists()):
            raise UserError(f"the run {run.id} is not finished; continue it first: --resume {run.path}")
        if evaluator:
            record.require_protocol(evaluator.protocol)
        found = _Replay(record, run, folder, space, evaluator, sink, words).run()
        with closing(Archive(folder.archive, space)) as archive:
            _require_same_rows(record, archive)
    if found is not None:
        _require_same_result(run.result.read_text(), folder.result.read_text())
    folder.write_config(run.config())
    return found


class _Replay(Search):
    def __init__(
        self,
        record: Archive,
        run: RunFolder,
        folder: RunFolder,
        space: SearchSpace,
        evaluator: Evaluator | None,
        sink: Sink,
        words: RunNotes | None,
    ) -> None:
        config, scores = run.config(), RecordedEvaluator(record, space, evaluator)
        silent = ScriptedChatModel(answers={})
        speechless = {role: [silent] * len(settings.fallback_chain) for role, settings in config.models.items()}
        super().__init__(config, space, scores, speechless, folder, sink, words=words, person=RecordedPerson(record))
        self._record = record

    def _transcript(self, archive: Archive) -> Transcript:
        return RecordedCalls(self._record, archive.calls)

    def _prices(self, archive: Archive) -> PriceList:
        archive.save_prices(self._record.prices)
        return self._record.prices

    def _budget(self, archive: Archive) -> Budget:
        config, record = self._config, self._record

        def clock() -> float:
            """Stands still until the replay stands where the time of the run was up, if it ever was."""
            there = archive.last_round >= record.last_round and archive.evaluation_count >= record.evaluation_count
            return 60 * (config.minutes or 0) if there and record.stopped_because.endswith("minutes spent") else 0.0

        return Budget(config.evaluations, config.minutes, clock)


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


def _require_same_result(there: str, here: str) -> None:
    one, other = json.loads(there), json.loads(here)
    for name in {**one, **other}:
        unknown = name in COST_KINDS and one.get(name) is None
        if one.get(name) != other.get(name) and not unknown:
            raise ReplayDiffers(f"result.json: {name}: {one.get(name)!r} there, {other.get(name)!r} here")
