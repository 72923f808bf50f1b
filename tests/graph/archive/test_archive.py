"""The archive keeps what it is told, once, and refuses what it cannot read."""

from __future__ import annotations

import json
import lzma
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.calls.transcript import Call, Reply, Request
from common.errors import UserError
from graph.archive.archive import Archive
from graph.archive.ledger import ledger
from graph.archive.records import DUPLICATE, ILLEGAL, LEGAL, Proposal, Proposed, Score, Unreadable
from graph.archive.schema import SCHEMA
from supernets.evaluate.protocol import ProtocolMismatch
from tests.graph.fakes import FIRST_SCHEMA, genotypes, protocol

SCORE = Score(70.5, 0.4, 1000, 0.25)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path / "archive.sqlite")
    yield archive
    archive.close()


def proposed(archive: Archive, round: int, count: int = 3) -> list[Proposal]:
    archive.plan(round, f"strategy {round}", 0.0)
    archive.propose(round, count, Proposed(tuple(genotypes(f"round {round}", count))), 0.0)
    return archive.proposals(round, round)


def judged(archive: Archive, round: int, count: int = 3) -> list[Proposal]:
    proposals = [
        replace(p, verdict=LEGAL, architecture=f"{round}.{p.index}", genotype=json.loads(p.sent), macs_m=100.0)
        for p in proposed(archive, round, count)
    ]
    archive.judge(round, proposals)
    return proposals


def call(said: str = "Grüße", cost_usd: float | None = 0.5, round: int = 1) -> Call:
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": said})
    request = Request(
        role="navigator",
        round=round,
        attempt=1,
        model="some/model",
        messages=messages,
        schema={"type": "object"},
        settings={"temperature": 0.5},
    )
    return Call(
        request,
        Reply(text="answer", prompt_tokens=10, completion_tokens=5, cost_usd=cost_usd, seconds=1.5, estimated=True),
    )


def test_proposals_come_back_as_they_went_in(archive: Archive) -> None:
    archive.plan(1, "a strategy", 0.0)
    made = genotypes("x", 2)
    archive.propose(1, 4, Proposed(tuple(made), (Unreadable("{'r': 3", "not JSON"),), answers=2, repaired=1), 0.0)
    first, second, third = archive.proposals(1, 1)
    assert [json.loads(first.sent), json.loads(second.sent)] == made
    assert (third.sent, third.readable, third.reason) == ("{'r': 3", False, "not JSON")
    assert archive.strategy(1) == "a strategy"
    assert archive.answers(since=1) == 2


def test_a_round_goes_through_its_stages(archive: Archive) -> None:
    assert (archive.stage(1), archive.last_round, archive.strategy(1)) == ("", 0, None)
    archive.plan(1, "s", 0.0)
    assert archive.stage(1) == "planned"
    archive.propose(1, 1, Proposed(()), 0.0)
    assert archive.stage(1) == "proposed"
    archive.judge(1, [])
    assert archive.stage(1) == "judged"
    archive.end_round(1, "", 3.5)
    assert (archive.stage(1), archive.seconds, archive.stopped_because) == ("closed", 3.5, "")
    archive.end_round(1, "enough", 4.0)
    assert archive.stopped_because == "enough"


def test_what_is_planned_scored_or_recorded_again_changes_nothing(archive: Archive) -> None:
    first = judged(archive, 1)[0]
    archive.score(first, "p", "search", SCORE, 1.0)
    archive.score(first, "p", "search", replace(SCORE, top1=1.0), 2.0)
    archive.plan(1, "another", 0.0)
    archive.calls.record(call())
    archive.calls.record(
        replace(call(), reply=Reply(text="another", prompt_tokens=0, completion_tokens=0, cost_usd=0.0, seconds=0.0))
    )
    assert archive.find_score("1.0", "p", "search") == SCORE
    assert archive.evaluations == 1
    assert archive.strategy(1) == "strategy 1"
    assert archive.calls.find(call().request) == call().reply


def test_a_score_belongs_to_its_protocol_and_split(archive: Archive) -> None:
    archive.score(judged(archive, 1)[0], "p", "report", SCORE, 1.0)
    assert archive.find_score("1.0", "q", "report") is None
    assert archive.find_score("1.0", "p", "search") is None
    assert (archive.evaluations, archive.best()) == (0, None)


def test_the_best_is_the_highest_and_of_equals_the_first(archive: Archive) -> None:
    for round, top1 in ((1, (60.0, 72.0, 72.0)), (2, (72.0, 71.0, 50.0))):
        for proposal, figure in zip(judged(archive, round), top1, strict=True):
            archive.score(proposal, "p", "search", replace(SCORE, top1=figure), 1.0)
    best = archive.best()
    assert best is not None
    assert (best.architecture, best.top1) == ("1.1", 72.0)


def test_earlier_rounds_are_known_by_architecture_and_verdict(archive: Archive) -> None:
    judged(archive, 1)
    archive.judge(2, [replace(p, verdict=DUPLICATE, architecture="1.2") for p in proposed(archive, 2)])
    assert archive.round_of("1.2", before=3) == 1
    assert archive.round_of("1.2", before=1) is None
    assert (archive.last_round_with(LEGAL), archive.last_round_with(ILLEGAL)) == (1, 0)


def test_an_interrupted_write_leaves_nothing(archive: Archive) -> None:
    archive.plan(1, "s", 0.0)

    def interrupted() -> Iterator[Proposal]:
        yield Proposal(1, 0, "{}", True, verdict=LEGAL)
        raise KeyboardInterrupt

    archive.propose(1, 1, Proposed(({"r": 160},)), 0.0)
    with pytest.raises(KeyboardInterrupt):
        archive.judge(1, interrupted())
    assert archive.stage(1) == "proposed"
    assert archive.proposals(1, 1)[0].verdict is None


def test_the_ledger_does_not_know_a_price_as_soon_as_one_is_unknown(archive: Archive) -> None:
    archive.calls.record(call("a", 0.5, round=1))
    archive.calls.record(call("b", 0.25, round=2))
    assert ledger(archive, 1, 2).cost_usd == 0.75
    archive.calls.record(call("c", None, round=2))
    assert (ledger(archive, 1, 1).cost_usd, ledger(archive, 1, 2).cost_usd) == (0.5, None)
    total = ledger(archive, 1, 2)
    assert (total.calls, total.prompt_tokens, total.completion_tokens, total.model_seconds) == (3, 30, 15, 4.5)


def test_calls_come_back_as_they_were_sent_and_each_message_is_kept_once(archive: Archive) -> None:
    calls = [call("one", round=1), call("two", round=2), call("one", round=3)]
    for each in calls:
        archive.calls.record(each)
    assert list(archive.calls) == calls
    assert archive.calls.at(2, "navigator", 1) == calls[1]
    assert archive.calls.at(2, "generator", 1) is None
    assert archive.connection.execute("SELECT COUNT(*) FROM messages").fetchone() == (3,)


def test_an_archive_of_the_first_schema_is_carried_over_whole(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(lzma.decompress(FIRST_SCHEMA.read_bytes()))
    connection = sqlite3.connect(path)
    columns = "key, role, round, attempt, model, messages, text, seconds"
    before = connection.execute(f"SELECT {columns} FROM calls ORDER BY rowid").fetchall()
    proposals = connection.execute("SELECT * FROM proposals").fetchall()
    connection.close()
    for _ in range(2):  # the second time it is of this schema
        archive = Archive(path)
        after = [
            (row[0], c.request.role, c.request.round, c.request.attempt, c.request.model,
             json.dumps(c.request.messages), c.reply.text, c.reply.seconds)
            for row, c in zip(before, archive.calls, strict=True)
        ]  # fmt: skip
        assert after == before
        assert archive.connection.execute("SELECT * FROM proposals").fetchall() == [(*row, None) for row in proposals]
        assert archive.connection.execute("SELECT COUNT(*) FROM calls WHERE key IS NULL").fetchone() == (0,)
        archive.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    Archive(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(UserError, match=f"has schema {SCHEMA + 1}, this program knows up to {SCHEMA}"):
        Archive(path)


def test_an_archive_from_before_latencies_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    archive = Archive(path)
    judged(archive, 1)
    archive.close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "ALTER TABLE proposals DROP COLUMN latency_ms; ALTER TABLE evaluations DROP COLUMN hits; "
        "PRAGMA user_version = 2;"
    )
    connection.close()
    archive = Archive(path)
    archive.score(archive.proposals(1, 1)[0], "protocol", "search", replace(SCORE, hits=b"bits"), 0.0)
    assert archive.hits(before=archive.proposals(1, 1)[1]) == [b"bits"]
    assert [(p.macs_m, p.latency_ms) for p in archive.proposals(1, 1)] == [(100.0, None)] * 3
    archive.judge(1, [replace(p, latency_ms=23.5) for p in archive.proposals(1, 1)])
    assert [p.latency_ms for p in archive.proposals(1, 1)] == [23.5] * 3
    archive.close()


def test_the_protocol_of_a_run_is_fixed(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.sqlite")
    archive.require_protocol(protocol())
    archive.close()
    again = Archive(tmp_path / "archive.sqlite")
    again.require_protocol(protocol())
    with pytest.raises(ProtocolMismatch, match="search_images: 1000 there, 5 here"):
        again.require_protocol(replace(protocol(), search_images=5))
    again.close()
