"""What stands for the prompt tuning of EvoPrompting where a model cannot be trained.

The paper trains sixteen virtual tokens of its model on the evaluated children that did not become parents. A model
behind an interface offers no such thing, so `NoAdapter` is the paper's ablation, `Memory` shows the same children in
words, and `Bandit` learns how to ask.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from agents.text.architecture_table import ArchitectureRow

Arm = TypeVar("Arm", float, str)
TEMPERATURES = (0.2, 0.6, 0.8, 1.0)
REMEMBERED = 6
"""Most others in a prompt: about as many tokens as two paragraphs."""
_EXPLORATION = 0.3
"""Weight of the width of a confidence bound, in shares of successful children."""


@dataclass(frozen=True)
class Choice:
    """How a round asks."""

    temperature: float
    instruction: str = ""


class Adapter(ABC):
    """
    Args:
        instructions: sentences of which a round may add one to its prompt.
    """

    name: ClassVar[str]
    """What a trace says of it."""

    def __init__(self, instructions: Sequence[str]) -> None:
        self.instructions = tuple(instructions)

    @abstractmethod
    def choose(self, rng: random.Random) -> Choice:
        """How the next round asks; the same until something is learnt, for the same generator."""

    def remembered(self, others: Sequence[ArchitectureRow]) -> list[ArchitectureRow]:
        """Those of the children that did not become parents that a prompt shows."""
        return []

    @abstractmethod
    def learn(self, choice: Choice, share: float) -> None:
        """Add the share of a round's samples that were better than every parent."""


class NoAdapter(Adapter):
    name = "without adaptation, as the paper's ablation"

    def choose(self, rng: random.Random) -> Choice:
        return Choice(rng.choice(TEMPERATURES))

    def learn(self, choice: Choice, share: float) -> None:
        """Nothing."""


class Memory(NoAdapter):
    name = "with a memory of others, not the paper's prompt tuning"

    def remembered(self, others: Sequence[ArchitectureRow]) -> list[ArchitectureRow]:
        ordered = sorted(others[-4 * REMEMBERED :], key=lambda row: -(row.top1 or 0.0))
        half = REMEMBERED // 2
        return ordered if len(ordered) <= REMEMBERED else [*ordered[:half], *ordered[-half:]]


class Bandit(Adapter):
    """Upper confidence bounds over temperatures, and over instructions (UCB1; Auer, Cesa-Bianchi and Fischer, 2002)."""

    name = "with a bandit over temperature and instruction, not the paper's prompt tuning"

    def __init__(self, instructions: Sequence[str]) -> None:
        super().__init__(instructions)
        self._temperatures = _Arms(TEMPERATURES)
        self._instructions = _Arms(self.instructions)

    def choose(self, rng: random.Random) -> Choice:
        return Choice(self._temperatures.choose(rng), self._instructions.choose(rng))

    def learn(self, choice: Choice, share: float) -> None:
        self._temperatures.learn(choice.temperature, share)
        self._instructions.learn(choice.instruction, share)


class _Arms(Generic[Arm]):
    def __init__(self, arms: Sequence[Arm]) -> None:
        self._gains: dict[Arm, float] = dict.fromkeys(arms, 0.0)
        self._tries: dict[Arm, int] = dict.fromkeys(arms, 0)

    def choose(self, rng: random.Random) -> Arm:
        if untried := [arm for arm, tries in self._tries.items() if not tries]:
            return rng.choice(untried)
        total = sum(self._tries.values())
        return max(self._tries, key=lambda arm: self._bound(arm, total))

    def _bound(self, arm: Arm, total: int) -> float:
        tries = self._tries[arm]
        return self._gains[arm] / tries + _EXPLORATION * math.sqrt(2 * math.log(total) / tries)

    def learn(self, arm: Arm, share: float) -> None:
        self._tries[arm] += 1
        self._gains[arm] += share
