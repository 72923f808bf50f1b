"""Scores by several workers, each with an evaluator of its own under one protocol. Knows no Ray and no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from supernets.evaluate.cluster.chunks import chunks
from supernets.evaluate.cluster.pool import Job, Pool
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.evaluate.protocol import Protocol
from supernets.space import Architecture, SearchSpace


class ClusterEvaluator(Evaluator):
    """Gives the scores that one of the workers alone would give, in the order asked; `seconds` are a worker's."""

    def __init__(self, pool: Pool, protocol: Protocol, space: SearchSpace, end: Callable[[], None]) -> None:
        """`end` ends the workers."""
        self.protocol = protocol
        self._pool, self._space, self._end = pool, space, end

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        jobs = [Job("evaluate", chunk) for chunk in chunks(archs, self._space, len(self._pool.members))]
        coming = self._pool.results(jobs, self.tell)
        known: dict[Architecture, Evaluation] = {}
        for a in archs:
            while a not in known:
                known.update({evaluation.architecture: evaluation for evaluation in next(coming)})
            yield known[a]

    def report(self, a: Architecture) -> Evaluation:
        ((evaluation,),) = self._pool.results([Job("report", [a])], self.tell)
        return evaluation

    def close(self) -> None:
        self._end()
