"""Scores by several workers, each with an evaluator of its own under one protocol. Knows no Ray and no network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.evaluate.protocol import Protocol
from supernets.evaluate.ray.batching import chunks
from supernets.evaluate.ray.worker_pool import Job, Pool
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


class ClusterEvaluator(Evaluator):
    """Gives the scores that one of the workers alone would give, in the order asked; `seconds` are a worker's."""

    def __init__(self, pool: Pool, protocol: Protocol, space: SearchSpace, end: Callable[[], None]) -> None:
        """`end` ends the workers."""
        self.protocol = protocol
        self._pool, self._space, self._end = pool, space, end
        self._method = "evaluate"
        self._arguments: tuple[Any, ...] = ()

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        parts = chunks(archs, self._space, len(self._pool.members))
        jobs = [Job(self._method, chunk, self._arguments) for chunk in parts]
        coming = self._pool.results(jobs, self.tell)
        known: dict[Architecture, Evaluation] = {}
        for a in archs:
            while a not in known:
                known.update({evaluation.architecture: evaluation for evaluation in next(coming)})
            yield known[a]

    def report(self, a: Architecture) -> Evaluation:
        ((evaluation,),) = self._pool.results([Job("report", [a])], self.tell)
        return evaluation

    def against(self, complete: Sequence[bytes], error: float) -> ClusterEvaluator:
        racing = copy.copy(self)
        racing._method, racing._arguments = "race", (complete, error)
        return racing

    def close(self) -> None:
        self._end()
