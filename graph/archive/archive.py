"""The record of a run in SQLite, and the truth about it: nothing that stands here is evaluated or asked twice.

Notable: what a method writes is on disk before it returns, whole or not at all, and saying a thing twice changes
nothing, because LangGraph may run a finished node again after a kill. Rows have natural keys and no time stamps: a run
that was interrupted leaves the same rows as one that was not. Knows SQL; whether a row is right is for the Coordinator.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graph.archive.calls import Calls
from graph.archive.records import Proposal, Proposed, Score
from graph.archive.remarks import Remarks
from graph.archive.run_metadata import RunMetadata
from graph.archive.schema import prepare

LONGEST = 500
"""Characters kept of a text that could not be read, and of a reason."""

_PROPOSALS = """
SELECT p.round, p.idx, p.sent, p.readable, p.verdict, p.reason, p.architecture, p.genotype,
       p.macs_m, p.params_m, p.paper_macs_m, p.latency_ms, e.top1, e.stderr, e.images
FROM proposals p LEFT JOIN evaluations e ON e.split = 'search' AND e.round = p.round AND e.idx = p.idx
"""


class Archive(RunMetadata):
    """One run's record, with its `calls`. Use it from one thread.

    Args:
        hurried: do not wait for the disk. A killed process loses nothing by it; a crash of the machine may take the
            last rounds, so this is for runs in which nothing cost time or money.

    Raises:
        UserError: the file was written by a newer program.
    """

    def __init__(self, path: Path, hurried: bool = False) -> None:
        super().__init__(sqlite3.connect(path, isolation_level=None))
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute(f"PRAGMA synchronous = {'NORMAL' if hurried else 'FULL'}")
        try:
            prepare(self.connection, path)
        except BaseException:
            self.close()
            raise
        self.calls = Calls(self.connection)
        self.remarks = Remarks(self.connection)

    def close(self) -> None:
        self.connection.close()

    def _transaction(self) -> sqlite3.Connection:
        """Commits, or undoes all of it, when it is left as a context; an interrupt, too, must leave no half of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        return self.connection

    def _row(self, sql: str, *values: object) -> Any:
        return self.connection.execute(sql, values).fetchone()

    # Rounds: planned, proposed, judged, closed

    @property
    def last_round(self) -> int:
        """The round that was begun last; 0 before the first."""
        return int(self._row("SELECT COALESCE(MAX(round), 0) FROM rounds")[0])

    def stage(self, round: int) -> str:
        """`planned`, `proposed`, `judged` or `closed`; empty for a round not begun."""
        row = self._row("SELECT stage FROM rounds WHERE round = ?", round)
        return str(row[0]) if row else ""

    def strategy(self, round: int) -> str | None:
        """What the Navigator wrote for the round, or None when it has not yet."""
        row = self._row("SELECT strategy FROM rounds WHERE round = ?", round)
        return row and str(row[0])

    def requested(self, round: int) -> int:
        """Architectures that were asked for in a round that has been proposed."""
        return int(self._row("SELECT requested FROM rounds WHERE round = ?", round)[0])

    def plan(self, round: int, strategy: str, seconds: float) -> None:
        """Begin a round; `seconds`, here and below, is the time the run has taken so far."""
        insert = "INSERT OR IGNORE INTO rounds (round, stage, strategy) VALUES (?, 'planned', ?)"
        with self._transaction() as connection:
            connection.execute(insert, (round, strategy))
            self.save_seconds(seconds)

    def propose(self, round: int, requested: int, proposed: Proposed, seconds: float) -> None:
        """Keep what was proposed for a round that has been planned."""
        sent = [(json.dumps(genotype), True, "") for genotype in proposed.genotypes]
        sent += [(u.text[:LONGEST], False, u.problem[:LONGEST]) for u in proposed.unreadable]
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO proposals (round, idx, sent, readable, reason) VALUES (?, ?, ?, ?, ?)",
                [(round, index, *row) for index, row in enumerate(sent)],
            )
            connection.execute(
                "UPDATE rounds SET stage = 'proposed', requested = ?, answers = ?, repaired = ?, error = ? "
                "WHERE round = ?",
                (requested, proposed.answers, proposed.repaired, proposed.error[:LONGEST], round),
            )
            self.save_seconds(seconds)

    def judge(self, round: int, proposals: Iterable[Proposal]) -> None:
        """Keep the verdicts on all proposals of a round."""
        rows = [
            (p.verdict, p.reason[:LONGEST], p.architecture, p.genotype and json.dumps(p.genotype),
             p.macs_m, p.params_m, p.paper_macs_m, p.latency_ms, round, p.index)
            for p in proposals
        ]  # fmt: skip
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE proposals SET verdict = ?, reason = ?, architecture = ?, genotype = ?, "
                "macs_m = ?, params_m = ?, paper_macs_m = ?, latency_ms = ? WHERE round = ? AND idx = ?",
                rows,
            )
            connection.execute("UPDATE rounds SET stage = 'judged' WHERE round = ?", (round,))

    def end_round(self, round: int, stopped_because: str, seconds: float) -> None:
        """Close a round and, if it was the last one, the search."""
        with self._transaction() as connection:
            connection.execute("UPDATE rounds SET stage = 'closed' WHERE round = ?", (round,))
            self.save_seconds(seconds)
            if stopped_because:
                self.stop(stopped_because)

    def error(self, round: int) -> str:
        """What was wrong with the last answer of a round; empty when nothing was."""
        row = self._row("SELECT error FROM rounds WHERE round = ?", round)
        return str(row[0]) if row else ""

    def last_error(self, since: int) -> str:
        """What was wrong with the last answer that had something wrong, from a round on."""
        row = self._row("SELECT error FROM rounds WHERE error != '' AND round >= ? ORDER BY round DESC LIMIT 1", since)
        return str(row[0]) if row else ""

    def answers(self, since: int) -> int:
        """Answers of language models with proposals, from a round on."""
        return int(self._row("SELECT COALESCE(SUM(answers), 0) FROM rounds WHERE round >= ?", since)[0])

    # Proposals and scores

    def proposals(self, first: int, last: int) -> list[Proposal]:
        """Every proposal of the rounds from `first` to `last`, in order, with scores where there are any."""
        where = "WHERE p.round BETWEEN ? AND ? ORDER BY p.round, p.idx"
        return [_proposal(row) for row in self.connection.execute(_PROPOSALS + where, (first, last))]

    def round_of(self, architecture: str, before: int) -> int | None:
        """The earlier round in which an architecture was first proposed, or None."""
        sql = "SELECT MIN(round) FROM proposals WHERE architecture = ? AND round < ?"
        row = self._row(sql, architecture, before)
        return None if row[0] is None else int(row[0])

    def last_round_with(self, verdict: str) -> int:
        """The last round in which a proposal got this verdict; 0 for none."""
        return int(self._row("SELECT COALESCE(MAX(round), 0) FROM proposals WHERE verdict = ?", verdict)[0])

    def score(self, proposal: Proposal, protocol: str, split: str, score: Score, seconds: float) -> None:
        values = (proposal.architecture, protocol, split, proposal.round, proposal.index)
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, score.top1, score.stderr, score.images, score.seconds, score.hits),
            )
            self.save_seconds(seconds)

    def find_score(self, architecture: str, protocol: str, split: str) -> Score | None:
        where = "WHERE architecture = ? AND protocol = ? AND split = ?"
        sql = f"SELECT top1, stderr, images, seconds, hits FROM evaluations {where}"
        row = self._row(sql, architecture, protocol, split)
        return row and Score(*row)

    def hits(self, before: Proposal) -> list[bytes]:
        """Of every proposal before one that has them, in order."""
        where = "WHERE split = 'search' AND (round, idx) < (?, ?) AND hits IS NOT NULL ORDER BY round, idx"
        return [row[0] for row in self.connection.execute(f"SELECT hits FROM evaluations {where}", before.place)]

    @property
    def evaluations(self) -> int:
        """Scores on the search split."""
        return int(self._row("SELECT COUNT(*) FROM evaluations WHERE split = 'search'")[0])

    def best(self) -> Proposal | None:
        """The proposal with the highest search score of those on all images; of equals, the first."""
        complete = "WHERE e.images = (SELECT MAX(images) FROM evaluations WHERE split = 'search')"
        row = self._row(f"{_PROPOSALS} {complete} ORDER BY e.top1 DESC, p.round, p.idx LIMIT 1")
        return row and _proposal(row)


def _proposal(row: tuple[Any, ...]) -> Proposal:
    round, index, sent, readable, verdict, reason, architecture, genotype, *figures = row
    decoded = json.loads(genotype) if genotype else None
    return Proposal(round, index, sent, bool(readable), verdict, reason, architecture, decoded, *figures)
