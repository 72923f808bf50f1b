"""The code of a worker process on some node: it opens an evaluator from the user's request and scores with it.

Notable: heavy modules are imported in workers only, not in the program that distributes the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from supernets.evaluate.evaluator import Evaluation, Opened
from supernets.evaluate.protocol import Protocol
from supernets.evaluate.request import EvaluatorRequest
from supernets.space.architecture import Architecture

Opener = Callable[[EvaluatorRequest], Opened]
"""Opens an evaluator; it must be a module's function, because workers import it by name."""


@dataclass(frozen=True, kw_only=True)
class WorkerInfo:
    """Description of a worker's evaluator: see `Opened`."""

    protocol: Protocol
    settings_shown: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    closing: tuple[str, ...]


class Worker:
    """A process with one evaluator. `threads`: number of threads of each operation on the CPU."""

    def __init__(self, threads: int) -> None:
        # Torch reads it when it is imported; Ray and the user's environment may have set another value.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        self._threads = threads
        self._decoded: tuple[int, int] | None = None
        self._opened: Opened

    def pid(self) -> int:
        return os.getpid()

    def open(self, opener: Opener, request: EvaluatorRequest) -> WorkerInfo:
        import torch

        torch.set_num_threads(max(1, self._threads))
        self._opened = opened = opener(replace(request, progress=self._note))
        return WorkerInfo(
            protocol=opened.evaluator.protocol,
            settings_shown=opened.settings_shown,
            notes=opened.notes,
            closing=opened.closing,
        )

    def decoded(self) -> tuple[int, int] | None:
        """Number of decoded images and of all images while `open` runs; None before."""
        return self._decoded

    def evaluate(self, archs: Sequence[Architecture]) -> list[Evaluation]:
        return list(self._opened.evaluator.evaluate(archs))

    def race(self, archs: Sequence[Architecture], complete: Sequence[bytes], error: float) -> list[Evaluation]:
        return list(self._opened.evaluator.racing(complete, error).evaluate(archs))

    def report(self, archs: Sequence[Architecture]) -> list[Evaluation]:
        return [self._opened.evaluator.report(a) for a in archs]

    def _note(self, done: int, total: int) -> None:
        self._decoded = done, total
