"""An evaluator that distributes scoring over workers with evaluators of one protocol. Knows no network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from supernets.evaluate.evaluator import Evaluation, Evaluator, Opened
from supernets.evaluate.protocol import Protocol
from supernets.evaluate.ray.batching import chunks
from supernets.evaluate.ray.placement import Placement, place_workers
from supernets.evaluate.ray.ray_session import session
from supernets.evaluate.ray.worker import Opener
from supernets.evaluate.ray.worker_pool import Job, Pool
from supernets.evaluate.request import EvaluatorRequest, Workers
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace


class ClusterEvaluator(Evaluator):
    """Returns the same scores as a single worker would, in the requested order; `seconds` are those of the worker."""

    def __init__(self, *, pool: Pool, protocol: Protocol, space: SearchSpace, end: Callable[[], None]) -> None:
        """
        Args:
            end: stops the workers.
        """
        self.protocol = protocol
        self._pool, self._space, self._end = pool, space, end
        self._method = "evaluate"
        self._arguments: tuple[Any, ...] = ()

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        parts = chunks(archs, self._space, len(self._pool.members))
        jobs = [Job(method=self._method, archs=chunk, arguments=self._arguments) for chunk in parts]
        coming = self._pool.results(jobs, self.on_message)
        known: dict[Architecture, Evaluation] = {}
        for a in archs:
            while a not in known:
                known.update({evaluation.architecture: evaluation for evaluation in next(coming)})
            yield known[a]

    def report(self, a: Architecture) -> Evaluation:
        ((evaluation,),) = self._pool.results([Job(method="report", archs=[a])], self.on_message)
        return evaluation

    def racing(self, complete: Sequence[bytes], error: float) -> ClusterEvaluator:
        racing = copy.copy(self)
        racing._method, racing._arguments = "race", (complete, error)
        return racing

    def close(self) -> None:
        self._end()


def open_cluster(request: EvaluatorRequest, workers: Workers, space: SearchSpace, opener: Opener) -> Opened:
    """An evaluator that scores on several workers, each of which opens its own evaluator with `opener`.

    Raises:
        UserError: Ray is missing, the workers do not fit, or one of them cannot open its evaluator.
    """
    with ExitStack() as stack:
        nodes = stack.enter_context(session(workers.address))
        placements = place_workers(nodes, workers.count, request.device)
        pool = Pool(placements, replace(request, workers=None), opener)
        info = pool.info
        evaluator = ClusterEvaluator(pool=pool, protocol=info.protocol, space=space, end=stack.pop_all().close)
    setting_shown = ("workers", _description(placements, workers.address), "workers")
    return Opened(
        evaluator=evaluator,
        settings_shown=(*info.settings_shown, setting_shown),
        notes=info.notes,
        closing=info.closing,
    )


def _description(placements: Sequence[Placement], address: str | None) -> str:
    """The workers in words, e.g. `3, on 2 nodes of the Ray cluster at 10.0.0.2:6379, each with 4 threads`."""
    nodes = _count(len({placement.node for placement in placements}), "node")
    where = f"{nodes} of the Ray cluster at {address}" if address else "this machine"
    threads = _count(placements[0].threads, "thread")
    return f"{len(placements)}, on {where}, each with {'a GPU and ' if placements[0].gpus else ''}{threads}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
