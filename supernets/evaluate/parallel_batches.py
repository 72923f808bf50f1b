"""Runs batches in parallel, each in a thread that computes with one core.

Notable: this is faster than one batch at a time with every operation divided among all cores, because a divided
operation waits for its slowest part. PyTorch releases the interpreter's lock while it computes.
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
    """`count` threads; with a count of 1 the calling thread does the work."""

    def __init__(self, count: int) -> None:
        self._count = count
        # Set in each thread, because the setting applies to operations that start in that thread.
        self._threads = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))

    def groups(self, items: Iterable[Given]) -> Iterator[list[Given]]:
        """The items in lists of as many as there are threads."""
        iterator = iter(items)
        while together := list(islice(iterator, self._count)):
            yield together

    def map(self, do: Callable[[Given], Result], items: list[Given]) -> list[Result]:
        """The results of all items, in their order."""
        if self._count == 1:
            return [do(item) for item in items]
        return list(self._threads.map(do, items))
