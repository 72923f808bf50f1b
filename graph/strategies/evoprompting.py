"""EvoPrompting: evolution in which a language model, shown parents and target figures, is mutation and crossover.

Chen, Dohan and So, NeurIPS 2023 (arXiv:2302.14838); on genotypes, for which its appendix A.7 has the precedent. A
round is one prompt: two parents with their figures, and the figures that their children should have. After `PROMPTS`
rounds the best children by size times error are the next parents, and no parent serves twice.

Notable: proposals that are illegal, known or over the limit count as samples, since a round asks for the same number
whatever becomes of them. The winner of a run is chosen among everything that was scored. The paper adapts its model
by prompt tuning after each generation; what stands for that here is an adapter, and only tuning would be the paper's
method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agents.roles.editor import Editor
from agents.text.architecture_table import ArchitectureRow, format_rows
from agents.text.proposals import Proposals
from common.errors import UserError
from graph.context import RunContext
from graph.history import History
from graph.strategies.model_based import ModelBasedSearch
from graph.strategies.prompt_adapters import Adapter, Bandit, Choice, Memory, NoAdapter
from graph.strategies.sampling import draw_new
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

SAMPLES = 8
"""Architectures for each prompt; the paper has 16 in 10 rounds of 10 prompts, 1,600 in all."""
PROMPTS = 3
"""Prompts of a generation: the paper's 10 would leave a small budget one generation."""
PARENTS = 10
"""Survivors of a generation."""
IN_CONTEXT = 2
SMALLER, BETTER = 0.90, 1.02
"""Targets: of the smallest parent's size, and of the best parent's accuracy."""
WORST = 90
"""Percentile of the errors of the first architectures from which on an error is too high. The paper has an error of
0.5, which few networks for many classes reach."""


class EvoPrompting(ModelBasedSearch):
    name = "evoprompting"
    roles = ("generator",)
    batch = SAMPLES
    guide = "EvoPrompting"
    adapter: ClassVar[type[Adapter]] = NoAdapter

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._history = History(context)
        self._editor = Editor(template="evoprompting", **self.parts("generator"))
        self._render = self._editor.options.prompts.render
        limited = list(context.sweep.narrowest.maxima)
        if not limited and context.config.disguise:
            raise UserError(
                f"--strategy {self.name} shows and aims at a size, and --disguise hides the costs that nothing limits: "
                "add a limit, or leave --disguise out"
            )
        self._size = limited[0] if limited else "macs_m"
        self._population = Population(self._size, self.adapter(self._editor.instructions))

    def write_guidance(self, round: int) -> str:
        population, choice = self._learnt(round)
        if not population.parents:
            return "The first architectures are drawn at random; no model is asked."
        rng = self.random(round)
        parents = [rng.choice(population.parents) for _ in range(IN_CONTEXT)]
        size, top1 = targets(parents, self._size)
        rows = self._table(list({id(row): row for row in parents}.values()))
        parts = [
            self._render(
                "evoprompting", "parents", rows=rows, size=f"{size:.{COST_KINDS[self._size].digits}f}",
                column=self._size, top1=f"{top1:.1f}",
            )
        ]  # fmt: skip
        if remembered := population.adapter.remembered(population.others):
            parts.append(self._render("evoprompting", "memory", rows=self._table(remembered)))
        if choice.instruction:
            parts.append(self._render("evoprompting", "instruction", instruction=choice.instruction))
        told = f"Generation {population.generation}, temperature {choice.temperature:g}, {population.adapter.name}."
        return "\n\n".join([told, *parts])

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        population, choice = self._learnt(round)
        if not population.parents:
            rng, space = self.random(round), self.context.space
            known = [c.architecture for c in self.context.archive.candidates(1, round - 1) if c.architecture]
            return self.proposed(draw_new(self.context, lambda: space.sample(rng), count, known))
        self._editor.temperature = choice.temperature
        made = self._editor.propose(round, guidance, count, self.problems, self._history.before(round))
        return self.undisguised(made)

    def _learnt(self, round: int) -> tuple[Population, Choice]:
        """The population before a round, and how the round asks."""
        population = self._population
        rounds = self._history.before(round)
        while population.rounds < round - 1:
            number = population.rounds + 1
            choice = population.adapter.choose(self.random(number)) if population.parents else None
            population.learn([row for row in rounds[number - 1].rows if row.top1 is not None], choice)
        return population, population.adapter.choose(self.random(round))

    def _table(self, rows: Sequence[ArchitectureRow]) -> str:
        briefing = self._editor.briefing
        costs = {self._size: COST_KINDS[self._size].digits, **briefing.costs}
        known = [column for column in costs if all(column in row.costs for row in rows)]
        return format_rows(rows, briefing.form, {column: costs[column] for column in known})


def targets(parents: Sequence[ArchitectureRow], size: str) -> tuple[float, float]:
    """The size and the accuracy, in percent, that children are asked for."""
    smallest = min(row.costs[size] or 0.0 for row in parents)
    best = max(row.top1 or 0.0 for row in parents)
    return SMALLER * smallest, min(100.0, BETTER * best)


def fitness(row: ArchitectureRow, size: str) -> float:
    """Size times error, negative: the higher the better."""
    return -(row.costs[size] or 0.0) * (100.0 - (row.top1 or 0.0))


class Population:
    """Parents, and the children that may become parents.

    Attributes:
        parents: of the present generation; empty while the first architectures, random ones, are scored.
        others: children that were scored and did not become parents, the latest generation last.
    """

    def __init__(self, size: str, adapter: Adapter) -> None:
        self._size = size
        self.adapter = adapter
        self.parents: list[ArchitectureRow] = []
        self.others: list[ArchitectureRow] = []
        self.generation = 0
        self.rounds = 0
        self._children: list[ArchitectureRow] = []
        self._waiting: list[ArchitectureRow] = []
        """Children of former generations that were good enough, but not chosen."""
        self._worst_error: float | None = None
        self._prompts = 0

    def learn(self, scored: Sequence[ArchitectureRow], choice: Choice | None) -> None:
        """Add the scores of a round, and how it asked; None for a random one."""
        self.rounds += 1
        self._children += scored
        if choice is None:
            if len(self._children) >= PARENTS:
                errors = [100.0 - (row.top1 or 0.0) for row in self._children]
                self._worst_error = float(np.percentile(errors, WORST))
                self._begin_generation()
            return
        best = max(fitness(row, self._size) for row in self.parents)
        gains = sum(fitness(row, self._size) > best for row in scored)
        self.adapter.learn(choice, gains / SAMPLES)
        self._prompts += 1
        if self._prompts == PROMPTS:
            self._begin_generation()

    def _begin_generation(self) -> None:
        assert self._worst_error is not None
        good = [row for row in self._children if 100.0 - (row.top1 or 0.0) <= self._worst_error]
        pool = sorted([*self._waiting, *good], key=lambda row: -fitness(row, self._size))
        if pool:  # else the former parents serve again, since there is nobody else
            self.parents, self._waiting = pool[:PARENTS], pool[PARENTS:]
        self.others = [row for row in (*self.others, *self._children) if row not in self.parents]
        self._children, self._prompts = [], 0
        self.generation += 1


class EvoPromptingMemory(EvoPrompting):
    """With others that were scored shown for contrast, in the place of prompt tuning."""

    name = "evoprompting-memory"
    adapter = Memory


class EvoPromptingBandit(EvoPrompting):
    """With a bandit that chooses temperature and instruction, in the place of prompt tuning."""

    name = "evoprompting-bandit"
    adapter = Bandit
