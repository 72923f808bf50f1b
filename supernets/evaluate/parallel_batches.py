"""Batches side by side, each in a thread of its own that computes with one core.

Notable: that is faster than one batch at a time with every operation divided among all cores, because an operation that
is divided waits for the slowest part of it. PyTorch leaves the interpreter free while it computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import torch

Given = TypeVar("Given")
Result = TypeVar("Result")


class ParallelBatches:
    """`count` threads; with one, work is done by the thread that asks."""

    def __init__(self, count: int) -> None:
        self._count = count
        # Set in each thread: it is the number for operations that begin there.
        self._threads = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))

    def share(self, items: Iterable[Given]) -> Iterator[list[Given]]:
        """As many items at a time as there are lanes."""
        iterator = iter(items)
        while together := list(islice(iterator, self._count)):
            yield together

    def map(self, do: Callable[[Given], Result], items: list[Given]) -> list[Result]:
        """Results in the order of the items, once all are done."""
        if self._count == 1:
            return [do(item) for item in items]
        return list(self._threads.map(do, items))
