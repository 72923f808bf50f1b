"""LLMatic: quality diversity with a language model (Nasir, Earle, Togelius, James and Cleghorn, GECCO 2024).

Two archives of niches: networks, by MACs and by the space's own second figure; and prompts, by instruction and
temperature. A round is one call: the most curious prompt changes a network of a niche, or two near networks are
combined. A prompt is curious whose children enter the archive of networks; the temperature rises after a round that
matches or beats the best, and falls after any other.

Notable: here a model edits genotypes instead of code. Values are the paper's where code and paper differ. The
archives are not stored; they are computed from the record, so an interrupted run goes on with the same ones.
Curiosity belongs to a niche and lasts, and it is earned by the prompt that was used; in the published code it
restarts at zero with each record and never reaches that prompt.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from agents.roles.editor import Editor
from agents.text.architecture_table import COST_ONLY, ArchitectureRow, format_rows
from agents.text.proposals import Proposals
from graph.candidate import LEGAL
from graph.context import RunContext
from graph.history import History
from graph.limits import Limits
from graph.strategies.model_based import ModelBasedSearch
from graph.strategies.niches import Descriptor, Niches
from graph.strategies.sampling import draw_new, within_limits
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_NICHES = 100
EVALUATIONS_PER_NICHE = 4
"""A small budget has fewer niches than the paper, so that there is something to be best of."""
SAMPLES = 1000
"""Unscored architectures that set the ranges of descriptors."""
STARTED = 0.1
"""Share of niches that are filled by changes of a first, unscored architecture."""
MUTATION = 0.7
NEIGHBOURS = 10
"""Nearest networks, the best of which is the second parent of a combination."""
START_TEMPERATURE, COOLEST, HOTTEST = 0.7, 0.1, 1.0
STEP, JITTER = 0.05, 0.1
CURIOSITY: Mapping[str, float] = {"new": 1.0, "improved": 1.0, "rejected": -0.5, "unusable": -1.0}


@dataclass(frozen=True)
class Prompt:
    """An individual of the archive of prompts."""

    instruction: int
    temperature: float


@dataclass(frozen=True)
class Plan:
    """What one round asks for."""

    operator: str
    """`mutation`, `combination` or `invention`."""
    prompt: Prompt
    parents: tuple[Architecture, ...] = ()


def network_niches(space: SearchSpace, limits: Limits, budget: int, seed: int) -> Niches:
    """The empty archive of networks; random architectures within the limits set the ranges of its descriptors.

    Args:
        budget: evaluations of the whole search.
    """
    rng = random.Random(f"niches:{seed}")
    drawn = [space.sample(rng) for _ in range(SAMPLES)]
    kept = [a for a in drawn if limits.excess(space.cost(a)) is None]
    # Where hardly any keeps the limits, they say too little of those that do.
    points = [descriptor(space, a) for a in (kept if len(kept) >= SAMPLES // 20 else drawn)]
    ranges = [(min(values), max(values)) for values in zip(*points, strict=True)]
    return Niches(niche_count(budget), ranges, seed)


def niche_count(budget: int) -> int:
    return max(2, min(MOST_NICHES, budget // EVALUATIONS_PER_NICHE))


def descriptor(space: SearchSpace, a: Architecture) -> Descriptor:
    """Logarithm of MACs, and the space's own figure."""
    return math.log(space.cost(a).macs), space.shape(a)


class LLMatic(ModelBasedSearch):
    name = "llmatic"
    roles = ("generator",)
    batch = 5
    guide = "LLMatic"
    keeps_networks: ClassVar[bool] = True
    """Whether parents come from the archive of networks, else from all that is scored."""
    keeps_prompts: ClassVar[bool] = True
    """Whether instruction and temperature come from the archive of prompts, else they are drawn and fixed."""
    mutation: ClassVar[float] = MUTATION
    """Share of rounds that change one network."""
    invents: ClassVar[bool] = False
    """Whether the model is shown no network at all."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._history = History(context)
        self._editor = Editor(template="llmatic", **self.parts("generator"))
        self._render = self._editor.options.prompts.render
        self._instructions = self._editor.instructions
        self._state = State(
            network_niches(context.space, context.sweep.widest, context.config.evaluations, context.config.seed),
            Niches(
                niche_count(context.config.evaluations),
                [(0.0, len(self._instructions) - 1.0), (COOLEST, HOTTEST)],
                context.config.seed,
            ),
        )

    def write_guidance(self, round: int) -> str:
        plan = self._plan(round)
        rows = self._rows(round, plan.parents)
        told = f"{plan.operator.capitalize()} at temperature {plan.prompt.temperature:.2f}."
        if plan.operator == "mutation":
            asked = self._render(
                "llmatic", "mutate", rows=rows, instruction=self._instructions[plan.prompt.instruction]
            )
        else:
            asked = self._render("llmatic", "combine", rows=rows) if plan.parents else self._render("llmatic", "invent")
        return f"{told}\n\n{asked}"

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        self._editor.temperature = self._plan(round).prompt.temperature
        made = self._editor.propose(round, guidance, count, self.problems, self._history.before(round))
        return self.undisguised(made)

    def _plan(self, round: int) -> Plan:
        """The plan of a round, from all rounds before it."""
        state, context = self._state, self.context
        while state.rounds < round - 1:
            number = state.rounds + 1
            candidates = context.archive.candidates(number, number)
            scores = context.archive.evaluations(number, number)
            legal = sum(candidate.verdict == LEGAL for candidate in candidates)
            unusable = max(0, context.archive.requested(number) - legal)
            state.learn(context.space, self._next(number), scores, unusable)
        return self._next(round)

    def _next(self, round: int) -> Plan:
        """The plan for a round, given that `_state` has learnt all rounds before it."""
        state, rng = self._state, self.random(round)
        prompt = self._prompt(rng)
        if self.invents:
            return Plan("invention", prompt)
        if len(state.networks.elites()) < STARTED * len(state.networks):
            (first,) = draw_new(self.context, lambda: self.context.space.sample(rng), 1)
            return Plan("mutation", prompt, (first,))
        parents = self._eligible()
        parent = rng.choice(parents)
        if rng.random() < self.mutation:
            return Plan("mutation", prompt, (parent.architecture,))
        return Plan("combination", prompt, (parent.architecture, self._partner(parent, parents, rng).architecture))

    def _eligible(self) -> list[Evaluation]:
        """Networks that may be parents: those that keep the round's limits, if there are any."""
        state = self._state
        scored = [elite.member for elite in state.networks.elites()] if self.keeps_networks else state.scored
        if len(self.context.sweep) == 1:
            return scored
        return [each for each in scored if within_limits(self.context, each.architecture)] or scored

    def _partner(self, parent: Evaluation, parents: Sequence[Evaluation], rng: random.Random) -> Evaluation:
        others = [each for each in parents if each != parent]
        if not others:
            return parent
        if not self.keeps_networks:
            return rng.choice(others)
        networks, space = self._state.networks, self.context.space
        near = networks.nearest(descriptor(space, parent.architecture), NEIGHBOURS + 1)
        members = [each.member for each in near if each.member in others]
        return max(members or others, key=lambda each: each.top1)

    def _prompt(self, rng: random.Random) -> Prompt:
        """The prompt of a round: an instruction of the most curious prompt, at a temperature near its own."""
        state = self._state
        if not self.keeps_prompts:
            return Prompt(rng.randrange(len(self._instructions)), START_TEMPERATURE)
        known = [elite.member for elite in state.prompts.elites()]
        tried = {prompt.instruction for prompt in known}
        # An instruction that was not tried yet is as curious as one of which nothing is known.
        fresh = [Prompt(i, state.temperature) for i in range(len(self._instructions)) if i not in tried]
        curious = [(state.curiosity[state.niche(prompt)], prompt) for prompt in known]
        curious += [(0.0, prompt) for prompt in fresh]
        most = max(value for value, _ in curious)
        chosen = rng.choice([prompt for value, prompt in curious if value == most])
        temperature = chosen.temperature + rng.uniform(-JITTER, JITTER)
        return Prompt(chosen.instruction, round(min(HOTTEST, max(COOLEST, temperature)), 2))

    def _rows(self, round: int, parents: Sequence[Architecture]) -> str:
        """Parents as a table, with their scores where they have one."""
        space, briefing = self.context.agent_space, self._editor.briefing
        known = {
            space.parse(row.genotype): row
            for row in itertools.chain.from_iterable(told.rows for told in self._history.before(round))
            if row.top1 is not None
        }
        rows = []
        for a in parents:
            shown = space.parse(dict(space.to_disguised(a.to_dict())))
            costs = {name: self.context.space.cost(a).figure(name) for name in briefing.costs}
            rows.append(known.get(shown) or ArchitectureRow(genotype=shown.to_dict(), costs=costs, verdict=COST_ONLY))
        return format_rows(rows, briefing.form, briefing.costs) if rows else ""


@dataclass
class State:
    """Both archives after some rounds."""

    networks: Niches
    prompts: Niches
    scored: list[Evaluation] = field(default_factory=list)
    curiosity: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    """By the niche of a prompt."""
    temperature: float = START_TEMPERATURE
    rounds: int = 0
    """Rounds that are learnt."""

    def niche(self, prompt: Prompt) -> int:
        return self.prompts.niche((float(prompt.instruction), prompt.temperature))

    def learn(self, space: SearchSpace, plan: Plan, scores: Sequence[Evaluation], unusable: int) -> None:
        """Add a finished round.

        Args:
            unusable: number of requested architectures that were not scored.
        """
        best = max((each.top1 for each in self.scored), default=-math.inf)
        events = [self.networks.offer(each, each.top1, descriptor(space, each.architecture)) for each in scores]
        prompt = plan.prompt
        if scores and max(each.top1 for each in scores) >= best:
            temperature = prompt.temperature + STEP
        else:
            temperature = prompt.temperature - STEP
        self.temperature = min(HOTTEST, max(COOLEST, temperature))
        if plan.operator == "mutation":
            used = self.niche(prompt)
            self.curiosity[used] += sum(CURIOSITY[event] for event in events) + unusable * CURIOSITY["unusable"]
            if scores:
                child = Prompt(prompt.instruction, self.temperature)
                at = float(child.instruction), child.temperature
                self.prompts.offer(child, max(each.top1 for each in scores), at)
        self.scored += scores
        self.rounds += 1


class NetworkArchiveOnly(LLMatic):
    """The ablation without an archive of prompts."""

    name = "llmatic-networks"
    keeps_prompts = False


class PromptArchiveOnly(LLMatic):
    """The ablation without an archive of networks."""

    name = "llmatic-prompts"
    keeps_networks = False


class MutationOnly(LLMatic):
    name = "llmatic-mutation"
    mutation = 1.0


class CombinationOnly(LLMatic):
    """The ablation without mutation, but for the first architectures."""

    name = "llmatic-crossover"
    mutation = 0.0


class Invention(LLMatic):
    """The ablation without archives: the model is asked for architectures and shown none."""

    name = "llmatic-random"
    keeps_networks = keeps_prompts = False
    invents = True
