"""From what a user named to an evaluator that scores on several workers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from supernets.evaluate.ray.placement import Place, plan
from supernets.evaluate.ray.ray_evaluator import ClusterEvaluator
from supernets.evaluate.ray.ray_session import session
from supernets.evaluate.ray.worker_pool import Pool
from supernets.evaluators import Opened, Sources, Workers
from supernets.families.registry import get_space


def open_cluster(sources: Sources, workers: Workers) -> Opened:
    """
    Raises:
        UserError: Ray or room for the workers is missing, or one of them cannot open what was named.
    """
    space = get_space(sources.supernet)
    with ExitStack() as stack:
        nodes = stack.enter_context(session(workers.address))
        places = plan(nodes, workers.count, sources.device)
        pool = Pool(places, replace(sources, workers=None))
        told = pool.told
        evaluator = ClusterEvaluator(pool, told.protocol, space, stack.pop_all().close)
    fact = ("workers", _description(places, workers.address), "workers")
    return Opened(evaluator, (*told.facts, fact), told.notes, told.closing)


def _description(places: Sequence[Place], address: str | None) -> str:
    """E.g. `3, on 2 nodes of the Ray cluster at 10.0.0.2:6379, each with 4 threads`."""
    nodes = _count(len({place.node for place in places}), "node")
    where = f"{nodes} of the Ray cluster at {address}" if address else "this machine"
    threads = _count(places[0].threads, "thread")
    return f"{len(places)}, on {where}, each with {'a GPU and ' if places[0].gpus else ''}{threads}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
