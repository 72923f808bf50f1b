"""The schedule of HS-NAS: which iterations are scored by a predictor, and which are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from common.errors import UserError

PAPER = "predictor:15,measured:15"
"""The schedule of the paper, whose iterations measure 125 networks each."""
USUAL = ",".join(["predictor:15,measured:1"] * 5)
"""The schedule where none is named: for budgets of some tens or hundreds, in which each measurement should count."""

Scorer = Literal["predictor", "measured"]


@dataclass(frozen=True)
class Schedule:
    """Scorers and the numbers of iterations that each scores, in turn."""

    phases: tuple[tuple[Scorer, int], ...]

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """The schedule in a text such as `predictor:15,measured:15`.

        Raises:
            UserError: the text is no schedule, or one whose last networks would not be measured.
        """
        expected = "schedule: expected scorers and iterations such as predictor:15,measured:15"
        phases: list[tuple[Scorer, int]] = []
        for part in text.split(","):
            scorer, _, iterations = part.strip().partition(":")
            if scorer not in ("predictor", "measured"):
                raise UserError(f"{expected}, got the scorer {scorer!r}")
            if not iterations.isascii() or not iterations.isdigit() or not 1 <= int(iterations) <= 1000:
                raise UserError(f"{expected}, each 1 to 1000, got {iterations!r} after {scorer}")
            phases.append((cast(Scorer, scorer), int(iterations)))
        if phases[-1][0] != "measured":
            raise UserError("schedule: expected measured at the end, got predictor: a predicted score is no result")
        return cls(tuple(phases))

    @property
    def measured(self) -> int:
        """Number of measured iterations."""
        return sum(iterations for scorer, iterations in self.phases if scorer == "measured")

    def predicted_before(self, iteration: int) -> int:
        """Number of predicted iterations between a measured one, counted from 0, and the measured one before it."""
        first, predicted = 0, 0
        for scorer, iterations in self.phases:
            if scorer == "predictor":
                predicted += iterations
                continue
            if first <= iteration < first + iterations:
                return predicted if iteration == first else 0
            first, predicted = first + iterations, 0
        raise ValueError(f"no iteration {iteration} in {self}")
