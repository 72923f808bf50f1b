"""On a real Ray of this machine, with workers that score by a formula."""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import threading
from collections.abc import Iterator

import pytest

from common.errors import UserError
from supernets.evaluate.evaluator import OutOfMemory, ScoringStopped
from supernets.evaluate.ray.placement import ClusterNode, Placement
from supernets.evaluate.ray.ray_evaluator import ClusterEvaluator
from supernets.evaluate.ray.ray_session import session
from supernets.evaluate.ray.worker import Opener
from supernets.evaluate.ray.worker_pool import Pool
from tests.graph.fakes import SPACE, FormulaEvaluator
from tests.graph.test_race import HitsEvaluator
from tests.supernets.evaluate.ray.toy import DEADLY, LARGE, SLOW, SOURCES, open_different, open_toy

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")

ARCHS = [SPACE.sample(random.Random(seed)) for seed in range(20)]


@pytest.fixture(scope="module")
def node() -> Iterator[ClusterNode]:
    with session(None) as nodes:
        yield nodes[0]


@pytest.fixture(scope="module")
def workers(node: ClusterNode) -> Pool:
    return pool(node, open_toy)


@pytest.fixture
def evaluator(workers: Pool) -> ClusterEvaluator:
    return ClusterEvaluator(pool=workers, protocol=FormulaEvaluator().protocol, space=SPACE, end=lambda: None)


def pool(node: ClusterNode, opener: Opener) -> Pool:
    # Workers that ask for no CPUs can begin on any machine.
    return Pool([Placement(node, 0, 0)] * 2, SOURCES, opener)


def pids(pool: Pool) -> list[int]:
    import ray

    found: list[int] = ray.get([member.actor.pid.remote() for member in pool.members])
    return found


def test_scores_are_those_of_one_device_in_the_order_asked(evaluator: ClusterEvaluator) -> None:
    assert list(evaluator.evaluate(ARCHS)) == list(FormulaEvaluator().evaluate(ARCHS))
    assert list(evaluator.evaluate([ARCHS[0]] * 2)) == list(FormulaEvaluator().evaluate([ARCHS[0]] * 2))
    assert list(evaluator.evaluate([])) == []
    assert evaluator.report(ARCHS[0]) == FormulaEvaluator().report(ARCHS[0])
    # What is abandoned does not get into what is asked next.
    next(evaluator.evaluate([ARCHS[0], SLOW]))
    assert [e.architecture for e in evaluator.evaluate(ARCHS[5:9])] == ARCHS[5:9]


def test_a_race_is_that_of_one_device(evaluator: ClusterEvaluator) -> None:
    first = HitsEvaluator().racing((), 0.01).evaluate(ARCHS[:8])
    complete = [evaluation.hits for evaluation in first if evaluation.hits]
    raced = list(evaluator.racing(complete, 0.01).evaluate(ARCHS))
    assert raced == list(HitsEvaluator().racing(complete, 0.01).evaluate(ARCHS))
    assert any(evaluation.hits is None for evaluation in raced)


def test_killed_workers_are_replaced_and_their_work_is_done_again(evaluator: ClusterEvaluator, workers: Pool) -> None:
    info: list[str] = []
    evaluator.on_message = info.append
    before = pids(workers)
    for pid in before:
        threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    archs = [SLOW, *ARCHS]
    assert list(evaluator.evaluate(archs)) == list(FormulaEvaluator().evaluate(archs))
    assert len(info) == 2
    for text in info:
        assert "was lost (its worker process has died); a new one takes its place." in text
    assert not set(before) & set(pids(workers))


@pytest.mark.slow
def test_candidates_that_kill_two_workers_end_it(evaluator: ClusterEvaluator) -> None:
    with pytest.raises(ScoringStopped, match=f"2 workers died while scoring .*{DEADLY.id}"):
        list(evaluator.evaluate([*ARCHS, DEADLY]))
    assert len(list(evaluator.evaluate(ARCHS))) == len(ARCHS)


@pytest.mark.slow
def test_what_a_user_can_put_right_comes_as_it_was_raised(evaluator: ClusterEvaluator) -> None:
    with pytest.raises(OutOfMemory, match=r"^out of memory on toy$"):
        list(evaluator.evaluate([LARGE]))
    assert len(list(evaluator.evaluate(ARCHS[:2]))) == 2


@pytest.mark.slow
def test_workers_that_would_measure_differently_are_refused(node: ClusterNode) -> None:
    with pytest.raises(UserError, match=r"protocol differs from the other workers. \(weights: those of process"):
        pool(node, open_different)
