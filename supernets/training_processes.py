"""Processes that train one network together, each on its share of every batch; gradients are summed with gloo.

Every process draws the same batches and takes the same steps, so all copies of the network stay equal.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn

from common.errors import UserError


@dataclass(frozen=True)
class WorkerGroup:
    """The processes of a training run, as seen by the process number `rank`."""

    rank: int = 0
    size: int = 1

    def shards(self, count: int) -> range:
        """Indices of the shards that this process computes, of `count` in a batch."""
        return range(self.rank, count, self.size)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace gradients by their sum over all processes; a parameter without a gradient in any process keeps none.

        Raises:
            UserError: another process has ended.
        """
        if self.size == 1:
            return
        used = torch.tensor([float(p.grad is not None) for p in parameters])
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([used, *(gradient.flatten() for gradient in gradients)])
        try:
            distributed.all_reduce(flat)
        except RuntimeError as error:
            raise UserError(
                f"training: expected {self.size} worker processes, but at least one has ended ({error}); repeat the "
                "command to continue after the last complete epoch; close other programs if memory ran out"
            ) from error
        used, *parts = torch.split(flat, [len(parameters), *(p.numel() for p in parameters)])
        for p, count, gradient, part in zip(parameters, used.tolist(), gradients, parts, strict=True):
            p.grad = gradient.copy_(part.view_as(gradient)) if count else None


@contextmanager
def open_worker_group(size: int, work: Callable[[WorkerGroup], object]) -> Iterator[WorkerGroup]:
    """Start `size` - 1 processes that call `work`, and form a group with them; leaving the block ends them.

    Args:
        work: must be picklable.
    """
    if size == 1:
        yield WorkerGroup()
        return
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        rendezvous = f"file://{folder}/rendezvous"
        others = [
            context.Process(target=_run_worker, args=(work, WorkerGroup(rank, size), rendezvous), daemon=True)
            for rank in range(1, size)
        ]
        for process in others:
            process.start()
        try:
            _connect(WorkerGroup(0, size), rendezvous)
            yield WorkerGroup(0, size)
        finally:
            for process in others:
                process.terminate()
            for process in others:
                process.join()
            if distributed.is_initialized():
                distributed.destroy_process_group()
            torch.set_num_threads(threads)


def _run_worker(work: Callable[[WorkerGroup], object], group: WorkerGroup, rendezvous: str) -> None:
    # Ctrl-C interrupts every process; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _connect(group, rendezvous)
    try:
        work(group)
    except UserError:
        # The first process finds the same problem and reports it.
        sys.exit(1)


def _connect(group: WorkerGroup, rendezvous: str) -> None:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // group.size))
    distributed.init_process_group("gloo", init_method=rendezvous, rank=group.rank, world_size=group.size)
