"""The evaluator over workers, with a pool that answers in this process and out of order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.ray.placement import ClusterNode, Placement
from supernets.evaluate.ray.ray_evaluator import ClusterEvaluator, _description
from supernets.evaluate.ray.worker_pool import Job
from tests.graph.fakes import SPACE
from tests.supernets.evaluate.ray.toy import ToyEvaluator

ARCHS = [SPACE.sample(random.Random(seed)) for seed in range(30)]


class LocalPool:
    """Runs jobs at once, the last one first."""

    def __init__(self) -> None:
        self.members = [object(), object()]
        self.jobs: list[Job] = []

    def results(self, jobs: Sequence[Job], on_message: Callable[[str], None]) -> Iterator[list[Evaluation]]:
        self.jobs = list(jobs)
        for job in reversed(jobs):
            evaluator = ToyEvaluator()
            if job.method == "race":
                yield list(evaluator.racing(*job.arguments).evaluate(job.archs))
            elif job.method == "report":
                yield [evaluator.report(a) for a in job.archs]
            else:
                yield list(evaluator.evaluate(job.archs))


def cluster(pool: LocalPool, ended: list[str]) -> ClusterEvaluator:
    return ClusterEvaluator(
        pool=cast(Any, pool), protocol=ToyEvaluator().protocol, space=SPACE, end=lambda: ended.append("ended")
    )


def test_scores_come_in_the_requested_order_and_are_those_of_one_evaluator() -> None:
    pool = LocalPool()
    found = list(cluster(pool, []).evaluate([*ARCHS, ARCHS[0]]))
    assert [(e.architecture, e.top1) for e in found] == [
        (a, next(ToyEvaluator().evaluate([a])).top1) for a in [*ARCHS, ARCHS[0]]
    ]
    assert len(pool.jobs) >= 2
    assert sorted(a.id for job in pool.jobs for a in job.archs) == sorted(a.id for a in ARCHS)


def test_a_race_carries_the_complete_candidates_and_leaves_the_evaluator_alone() -> None:
    pool, ended = LocalPool(), list[str]()
    evaluator = cluster(pool, ended)
    assert evaluator.report(ARCHS[0]).top1 == ToyEvaluator().report(ARCHS[0]).top1
    next(evaluator.racing((), 0.01).evaluate(ARCHS[:2]))
    assert {job.method for job in pool.jobs} == {"race"}
    next(evaluator.evaluate(ARCHS[:2]))
    assert {job.method for job in pool.jobs} == {"evaluate"}
    evaluator.close()
    assert ended == ["ended"]


def test_workers_are_described() -> None:
    nodes = [ClusterNode(id=str(i), address=f"10.0.0.{i}", cpus=8, gpus=1) for i in range(2)]
    assert _description([Placement(nodes[0], 1, 0)], None) == "1, on this machine, each with 1 thread"
    both = [Placement(node, 4, 1) for node in nodes]
    assert _description(both, "10.0.0.1:6379") == (
        "2, on 2 nodes of the Ray cluster at 10.0.0.1:6379, each with a GPU and 4 threads"
    )
