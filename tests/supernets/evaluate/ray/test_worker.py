"""The code of a worker process, run in this one."""

from __future__ import annotations

import os

import pytest

from supernets.evaluate.ray.worker import Worker
from tests.graph.fakes import SPACE
from tests.supernets.evaluate.ray.toy import SOURCES, ToyEvaluator, open_toy


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    return Worker(1)


def test_a_worker_sets_its_threads_and_keeps_the_users_other_settings(worker: Worker) -> None:
    assert (os.environ["OMP_NUM_THREADS"], os.environ["OMP_WAIT_POLICY"]) == ("1", "ACTIVE")
    assert worker.pid() == os.getpid()


def test_a_worker_describes_its_evaluator_and_notes_what_is_decoded(worker: Worker) -> None:
    assert worker.decoded() is None
    info = worker.open(open_toy, SOURCES)
    assert info.protocol == ToyEvaluator().protocol
    assert worker.decoded() == (1, 2)


def test_a_worker_scores_races_and_reports_as_its_evaluator(worker: Worker) -> None:
    worker.open(open_toy, SOURCES)
    a = SPACE.from_choices({d.label: d.choices[0] for d in SPACE.dimensions} | {"r": 192})
    (score,), (report,), (raced,) = worker.evaluate([a]), worker.report([a]), worker.race([a], (), 0.01)
    expected = ToyEvaluator()
    assert score.top1 == next(expected.evaluate([a])).top1
    assert report.top1 == expected.report(a).top1
    assert raced.hits is not None
