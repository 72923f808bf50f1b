"""Scores that somebody else takes, on hardware or images that this program does not see.

Notable: an evaluator cannot wait for a person, so it raises `ScoresAwaited` with what it needs; once the scores are
told, the same request goes on where it stopped. Everything told is in a file before `tell` returns.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from common.errors import UserError
from common.files import write_text
from supernets.evaluate.evaluator import Evaluation, Evaluator, standard_error
from supernets.evaluate.protocol import OwnProtocol, read_protocol
from supernets.space.architecture import Architecture

SCHEMA = 1
Split = Literal["search", "report"]


class ScoresAwaited(Exception):
    """Scores are needed that nobody has told yet."""


class OwnScores(Evaluator):
    """Scores as they were told, kept in a file.

    Attributes:
        awaited: the architectures whose scores are asked for and not yet told, and the split to take them on.
    """

    protocol: OwnProtocol

    def __init__(self, path: Path, protocol: OwnProtocol) -> None:
        self._path = path
        self.protocol = protocol
        self._told: dict[str, dict[str, list[float]]] = {"search": {}, "report": {}}
        self.awaited: list[Architecture] = []
        self.split: Split = "search"

    @classmethod
    def read(cls, path: Path) -> OwnScores:
        """The scores told earlier.

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            protocol = read_protocol(stored["protocol"])
            if stored["schema"] != SCHEMA or not isinstance(protocol, OwnProtocol):
                raise ValueError(f"schema {stored['schema']}")
            scores = cls(path, protocol)
            scores._told = {split: dict(stored[split]) for split in ("search", "report")}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{path}: expected the scores told so far, found no file that can be read ({error}); name a run "
                "that AskTell.start made, with all its files"
            ) from None
        return scores

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        self._await(archs, "search")
        return (self._evaluation(a, "search") for a in archs)

    def report(self, a: Architecture) -> Evaluation:
        self._await([a], "report")
        return self._evaluation(a, "report")

    def tell(self, a: Architecture, top1: float, stderr: float | None) -> None:
        """Keep the score of an architecture that is awaited, in percent; its error is that of counting unless given.

        Raises:
            UserError: no score of it is awaited, it has another score already, or the numbers are not percentages.
        """
        images = self.protocol.report_images if self.split == "report" else self.protocol.search_images
        if not 0 <= top1 <= 100:  # also refuses NaN
            raise UserError(f"top1 of {a.id}: expected percent from 0 to 100, got {top1}")
        error = standard_error(float(top1), images) if stderr is None else float(stderr)
        if not 0 <= error < math.inf:
            raise UserError(f"stderr of {a.id}: expected percentage points of 0 or more, got {stderr}")
        score = [float(top1), error]
        if a not in self.awaited:
            known = self._told[self.split].get(a.id)
            if known == score:
                return
            waiting = ", ".join(each.id for each in self.awaited) or "none"
            found = f"it has the score {known[0]:g}" if known else "it was not asked for"
            raise UserError(f"{a.id}: expected an architecture whose score is awaited ({waiting}); {found}")
        self._told[self.split][a.id] = score
        self.save()
        self.awaited.remove(a)

    def save(self) -> None:
        """Write everything told so far, in one step."""
        stored: dict[str, Any] = {"schema": SCHEMA, "protocol": self.protocol.to_dict(), **self._told}
        write_text(self._path, json.dumps(stored, indent=1) + "\n")

    def _await(self, archs: Sequence[Architecture], split: Split) -> None:
        """
        Raises:
            ScoresAwaited: not all scores are told.
        """
        self.split = split
        self.awaited = [a for a in archs if a.id not in self._told[split]]
        if self.awaited:
            raise ScoresAwaited

    def _evaluation(self, a: Architecture, split: Split) -> Evaluation:
        top1, stderr = self._told[split][a.id]
        images = self.protocol.report_images if split == "report" else self.protocol.search_images
        return Evaluation(a, top1, stderr, images, 0.0, self.protocol.id)
