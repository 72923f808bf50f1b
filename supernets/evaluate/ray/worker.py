"""What runs in a process of its own on some node: an evaluator, opened there from what the user named.

Notable: everything that is heavy is imported here and not in the program that hands out the work.
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
"""Opens an evaluator; a function of a module, since workers import it by name."""


@dataclass(frozen=True, kw_only=True)
class WorkerInfo:
    """What a worker tells of its evaluator: see `Opened`."""

    protocol: Protocol
    settings_shown: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    closing: tuple[str, ...]


class Worker:
    """One evaluator. `threads`: of each operation on the CPU."""

    def __init__(self, threads: int) -> None:
        # Read when torch is imported; Ray and the user's environment may have said something else.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        self._threads = threads
        self._decoded: tuple[int, int] | None = None
        self._opened: Opened

    def pid(self) -> int:
        return os.getpid()

    def open(self, opener: Opener, request: EvaluatorRequest) -> WorkerInfo:
        import torch

        torch.set_num_threads(self._threads)
        self._opened = opened = opener(replace(request, progress=self._note))
        return WorkerInfo(
            protocol=opened.evaluator.protocol,
            settings_shown=opened.settings_shown,
            notes=opened.notes,
            closing=opened.closing,
        )

    def decoded(self) -> tuple[int, int] | None:
        """Images that are decoded and all that are to be, while `open` is at it; None before."""
        return self._decoded

    def evaluate(self, archs: Sequence[Architecture]) -> list[Evaluation]:
        return list(self._opened.evaluator.evaluate(archs))

    def race(self, archs: Sequence[Architecture], complete: Sequence[bytes], error: float) -> list[Evaluation]:
        return list(self._opened.evaluator.racing(complete, error).evaluate(archs))

    def report(self, archs: Sequence[Architecture]) -> list[Evaluation]:
        return [self._opened.evaluator.report(a) for a in archs]

    def _note(self, done: int, total: int) -> None:
        self._decoded = done, total
