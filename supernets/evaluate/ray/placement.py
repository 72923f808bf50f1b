"""Decides how many workers run on each node of a cluster, with how many threads. Knows no Ray."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import UserError


@dataclass(frozen=True, kw_only=True)
class ClusterNode:
    """A machine of a Ray cluster, and the CPUs and GPUs that Ray may use there."""

    id: str
    address: str
    cpus: int
    gpus: int


@dataclass(frozen=True)
class Placement:
    """Where one worker runs."""

    node: ClusterNode
    threads: int
    gpus: int
    """Number of GPUs of the worker: 1, or 0 to score on the CPU."""


def place_workers(nodes: Sequence[ClusterNode], workers: int | None, device: str | None) -> list[Placement]:
    """The placements of all workers.

    Args:
        workers: number of workers; None for one on each GPU or, without GPUs, on each node.
        device: `cpu`, `cuda`, or None for GPUs if the cluster has any.

    Raises:
        UserError: the cluster does not have enough CPUs or GPUs.
    """
    gpus = device != "cpu" and any(node.gpus for node in nodes)
    if device == "cuda" and not gpus:
        raise UserError("--device cuda: no node has a GPU that Ray knows of; leave the option out to use the CPUs")
    room = {node: node.gpus if gpus else node.cpus for node in nodes}
    if workers is None:
        counts = Counter({node: units if gpus else min(1, units) for node, units in room.items()})
    else:
        counts = _deal(room, workers, "GPUs" if gpus else "CPUs")
    if not counts.total():
        raise UserError("the cluster offers no CPUs; start its nodes with `ray start --num-cpus N`")
    # Equal for all workers: a different number of threads rounds differently, and a score may be off by an image.
    threads = min(max(1, node.cpus // count) for node, count in counts.items() if count)
    return [Placement(node, threads, int(gpus)) for node, count in counts.items() for _ in range(count)]


def _deal(room: dict[ClusterNode, int], workers: int, units: str) -> Counter[ClusterNode]:
    """Workers for each node; each worker in turn goes to the node with the most units left for it."""
    if workers > sum(room.values()):
        raise UserError(f"--workers: expected at most one for each of the {sum(room.values())} {units}, got {workers}")
    counts: Counter[ClusterNode] = Counter()
    for _ in range(workers):
        counts[max(room, key=lambda node: room[node] / (counts[node] + 1))] += 1
    return counts
