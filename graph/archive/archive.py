"""The record of a run in SQLite, its single source of truth: what is recorded is never evaluated or requested again.

Notable: what a method writes is on disk before it returns, whole or not at all, and a repeated write changes nothing,
because LangGraph may run a finished node again after a kill. Rows have natural keys and no time stamps: a run that was
interrupted leaves the same rows as one that was not. Knows SQL; whether a row is right is for the Coordinator.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.text.proposals import Proposals
from graph.archive.calls import Calls
from graph.archive.remarks import Remarks
from graph.archive.run_metadata import DamagedRecord, RunMetadata
from graph.archive.schema import prepare
from graph.candidate import Candidate
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture, InvalidArchitecture
from supernets.space.cost import COST_KINDS, Cost
from supernets.space.space import SearchSpace

LONGEST = 500
"""Characters kept of a text that could not be read, and of a reason."""

_COSTS = ", ".join(f"p.{name}" for name in COST_KINDS)
_CANDIDATES = f"""
SELECT p.architecture, p.genotype, p.round, p.idx, p.sent, p.readable, p.verdict, p.reason, {_COSTS} FROM proposals p
"""
_SCORED = """
FROM evaluations e JOIN proposals p ON p.round = e.round AND p.idx = e.idx WHERE e.split = 'search'
"""
_EVALUATIONS = f"SELECT p.architecture, p.genotype, e.top1, e.stderr, e.images, e.seconds, e.protocol {_SCORED}"
_JUDGED = ", ".join(f"{name} = :{name}" for name in ("verdict", "reason", "architecture", "genotype", *COST_KINDS))
_JUDGE = f"UPDATE proposals SET {_JUDGED} WHERE round = :round AND idx = :idx"


class Archive(RunMetadata):
    """One run's record, with its `calls`. Use it from one thread.

    Args:
        space: the space that the run searches.
        durable: wait for the disk. Without it a killed process loses nothing, but a crash of the machine may take the
            last rounds: for runs in which nothing cost time or money.

    Raises:
        UserError: the file was written by a newer program.
    """

    def __init__(self, path: Path, space: SearchSpace, *, durable: bool = True) -> None:
        super().__init__(sqlite3.connect(path, isolation_level=None))
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        try:
            prepare(self.connection, path)
        except BaseException:
            self.close()
            raise
        self._space = space
        self._architectures: dict[str, Architecture] = {}
        """By id, so that no genotype is parsed twice."""
        self.calls = Calls(self.connection)
        self.remarks = Remarks(self.connection)

    def close(self) -> None:
        self.connection.close()

    def _transaction(self) -> sqlite3.Connection:
        """A connection that, as a context, commits or rolls back everything, also at an interrupt."""
        self.connection.execute("BEGIN IMMEDIATE")
        return self.connection

    def _row(self, sql: str, *values: object) -> Any:
        return self.connection.execute(sql, values).fetchone()

    def _row_of(self, what: str, sql: str, *values: object) -> Any:
        """A row that another one refers to.

        Raises:
            DamagedRecord: it is missing.
        """
        if (row := self._row(sql, *values)) is None:
            raise DamagedRecord(f"{what} is missing")
        return row

    # Rounds, whose stages are planned, proposed, judged, closed

    @property
    def last_round(self) -> int:
        """Number of the round begun last; 0 before the first."""
        return int(self._row("SELECT COALESCE(MAX(round), 0) FROM rounds")[0])

    def stage(self, round: int) -> str:
        """`planned`, `proposed`, `judged` or `closed`; empty for a round not begun."""
        row = self._row("SELECT stage FROM rounds WHERE round = ?", round)
        return str(row[0]) if row else ""

    def guidance(self, round: int) -> str | None:
        """The Navigator's guidance for a round, or None while the round is not begun."""
        row = self._row("SELECT strategy FROM rounds WHERE round = ?", round)
        return row and str(row[0])

    def requested(self, round: int) -> int:
        """Number of architectures requested in a round that has been proposed."""
        return int(self._row_of(f"round {round}", "SELECT requested FROM rounds WHERE round = ?", round)[0])

    def begin_round(self, round: int, guidance: str, seconds: float) -> None:
        """Begin a round with its guidance; `seconds`, here and below, is the time that the run has taken so far."""
        insert = "INSERT OR IGNORE INTO rounds (round, stage, strategy) VALUES (?, 'planned', ?)"
        with self._transaction() as connection:
            connection.execute(insert, (round, guidance))
            self.save_seconds(seconds)

    def propose(self, round: int, requested: int, proposals: Proposals, seconds: float) -> None:
        """Record the proposals of a round that has begun."""
        sent = [(json.dumps(genotype), True, "") for genotype in proposals.genotypes]
        sent += [(piece.text[:LONGEST], False, piece.problem[:LONGEST]) for piece in proposals.rejected]
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO proposals (round, idx, sent, readable, reason) VALUES (?, ?, ?, ?, ?)",
                [(round, index, *row) for index, row in enumerate(sent)],
            )
            connection.execute(
                "UPDATE rounds SET stage = 'proposed', requested = ?, answers = ?, repaired = ?, error = ? "
                "WHERE round = ?",
                (requested, proposals.answers, proposals.repaired, proposals.error[:LONGEST], round),
            )
            self.save_seconds(seconds)

    def judge(self, round: int, candidates: Iterable[Candidate]) -> None:
        """Record the verdicts on all candidates of a round."""
        with self._transaction() as connection:
            connection.executemany(_JUDGE, map(self._judged, candidates))
            connection.execute("UPDATE rounds SET stage = 'judged' WHERE round = ?", (round,))

    def _judged(self, candidate: Candidate) -> Mapping[str, object]:
        a, cost = candidate.architecture, candidate.cost
        if a:
            self._architectures[a.id] = a
        return {
            "round": candidate.round,
            "idx": candidate.index,
            "verdict": candidate.verdict,
            "reason": candidate.reason[:LONGEST],
            "architecture": a and a.id,
            "genotype": a and json.dumps(a.to_dict()),
            **(cost.figures() if cost else dict.fromkeys(COST_KINDS)),
        }

    def end_round(self, round: int, stopped_because: str, seconds: float) -> None:
        """Close a round and, with a reason, the search."""
        with self._transaction() as connection:
            connection.execute("UPDATE rounds SET stage = 'closed' WHERE round = ?", (round,))
            self.save_seconds(seconds)
            if stopped_because:
                self.stop(stopped_because)

    def error(self, round: int) -> str:
        """Error in the last answer of a round; empty for none."""
        row = self._row("SELECT error FROM rounds WHERE round = ?", round)
        return str(row[0]) if row else ""

    def last_error(self, since: int) -> str:
        """The last error in an answer, from a round on; empty for none."""
        row = self._row("SELECT error FROM rounds WHERE error != '' AND round >= ? ORDER BY round DESC LIMIT 1", since)
        return str(row[0]) if row else ""

    def answers(self, since: int) -> int:
        """Number of answers of language models with proposals, from a round on."""
        return int(self._row("SELECT COALESCE(SUM(answers), 0) FROM rounds WHERE round >= ?", since)[0])

    # Candidates and evaluations

    def candidates(self, first: int, last: int) -> list[Candidate]:
        """Every candidate of the rounds from `first` to `last`, in order."""
        where = "WHERE p.round BETWEEN ? AND ? ORDER BY p.round, p.idx"
        return [self._candidate(*row) for row in self.connection.execute(_CANDIDATES + where, (first, last))]

    def evaluations(self, first: int, last: int) -> list[Evaluation]:
        """Every score on the search split in the rounds from `first` to `last`, in order, without its `hits`."""
        where = "AND e.round BETWEEN ? AND ? ORDER BY e.round, e.idx"
        rows = self.connection.execute(_EVALUATIONS + where, (first, last))
        return [self._evaluation(*row) for row in rows]

    def round_of(self, a: Architecture, before: int, verdict: str | None = None) -> int | None:
        """The earlier round in which an architecture was first proposed, or None.

        Args:
            verdict: only proposals with this one count; None for all.
        """
        sql = "SELECT MIN(round) FROM proposals WHERE architecture = ? AND round < ? AND verdict = IFNULL(?, verdict)"
        row = self._row(sql, a.id, before, verdict)
        return None if row[0] is None else int(row[0])

    def last_round_with(self, verdict: str) -> int:
        """The last round in which a candidate got this verdict; 0 for none."""
        return int(self._row("SELECT COALESCE(MAX(round), 0) FROM proposals WHERE verdict = ?", verdict)[0])

    def score(self, candidate: Candidate, evaluation: Evaluation, split: str, seconds: float) -> None:
        """Record an evaluation of a candidate on the split `search` or `report`."""
        values = (evaluation.architecture.id, evaluation.protocol, split, *candidate.place)
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, evaluation.top1, evaluation.stderr, evaluation.images, evaluation.seconds, evaluation.hits),
            )
            self.save_seconds(seconds)

    def find_evaluation(self, a: Architecture, protocol: str, split: str) -> Evaluation | None:
        where = "WHERE architecture = ? AND protocol = ? AND split = ?"
        sql = f"SELECT top1, stderr, images, seconds, protocol, hits FROM evaluations {where}"
        row = self._row(sql, a.id, protocol, split)
        return row and Evaluation(a, *row)

    def hits(self, before: Candidate) -> list[bytes]:
        """The `hits` of every evaluation before a candidate that has them, in order."""
        where = "WHERE split = 'search' AND (round, idx) < (?, ?) AND hits IS NOT NULL ORDER BY round, idx"
        return [row[0] for row in self.connection.execute(f"SELECT hits FROM evaluations {where}", before.place)]

    @property
    def evaluation_count(self) -> int:
        """Number of scores on the search split."""
        return int(self._row("SELECT COUNT(*) FROM evaluations WHERE split = 'search'")[0])

    def best(self, maxima: Mapping[str, float] | None = None) -> tuple[Candidate, Evaluation] | None:
        """The candidate with the highest search score of those on all images; of equals, the first.

        Args:
            maxima: of costs by the names of their kinds; what is over one does not count.
        """
        complete = "AND e.images = (SELECT MAX(images) FROM evaluations WHERE split = 'search')"
        limits = maxima or {}
        within = "".join(f" AND p.{COST_KINDS[name].name} <= ?" for name in limits)
        order = "ORDER BY e.top1 DESC, e.round, e.idx LIMIT 1"
        row = self._row(f"SELECT e.round, e.idx {_SCORED} {complete}{within} {order}", *limits.values())
        if row is None:
            return None
        place = "proposal {1} of round {0}".format(*row)
        candidate = self._row_of(place, f"{_CANDIDATES} WHERE p.round = ? AND p.idx = ?", *row)
        evaluation = self._row_of(f"the score of {place}", f"{_EVALUATIONS} AND e.round = ? AND e.idx = ?", *row)
        return self._candidate(*candidate), self._evaluation(*evaluation)

    def _candidate(self, id: str | None, genotype: str, *row: Any) -> Candidate:
        round, index, text, readable, verdict, reason, *costs = row
        candidate = Candidate(round, index, text, readable=bool(readable), verdict=verdict, reason=reason)
        if id is None:
            return candidate
        cost = Cost.from_figures(dict(zip(COST_KINDS, costs, strict=True)))
        return replace(candidate, architecture=self._architecture(id, genotype), cost=cost)

    def _evaluation(self, id: str, genotype: str, *figures: Any) -> Evaluation:
        return Evaluation(self._architecture(id, genotype), *figures)

    def _architecture(self, id: str, genotype: str) -> Architecture:
        if id not in self._architectures:
            try:
                found = self._space.parse(json.loads(genotype))
            except (ValueError, InvalidArchitecture) as error:
                raise DamagedRecord(f"architecture {id}: {error}") from None
            if found.id != id:
                raise DamagedRecord(f"architecture {id}: its genotype is that of {found.id}")
            self._architectures[id] = found
        return self._architectures[id]
