"""What stands for prompt tuning."""

from __future__ import annotations

import random

from agents.text.architecture_table import ArchitectureRow
from graph.strategies.prompt_adapters import REMEMBERED, TEMPERATURES, Bandit, Memory, NoAdapter

INSTRUCTIONS = ["one", "two", "three"]


def row(top1: float) -> ArchitectureRow:
    return ArchitectureRow(genotype={}, costs={}, verdict="evaluated", top1=top1)


def test_temperatures_are_mixed() -> None:
    drawn = {NoAdapter(INSTRUCTIONS).choose(random.Random(seed)) for seed in range(40)}
    assert {choice.temperature for choice in drawn} == set(TEMPERATURES)
    assert {choice.instruction for choice in drawn} == {""}


def test_a_memory_shows_the_best_and_the_worst_of_the_last() -> None:
    others = [row(float(top1)) for top1 in range(50)]
    shown = [each.top1 for each in Memory(INSTRUCTIONS).remembered(others)]
    assert shown == [49.0, 48.0, 47.0, 28.0, 27.0, 26.0]
    assert len(shown) == REMEMBERED
    assert len(Memory(INSTRUCTIONS).remembered(others[:2])) == 2
    assert NoAdapter(INSTRUCTIONS).remembered(others) == []


def test_a_bandit_tries_everything_and_settles_for_what_gains() -> None:
    bandit, asked = Bandit(INSTRUCTIONS), []
    for number in range(200):
        choice = bandit.choose(random.Random(number))
        asked.append(choice)
        bandit.learn(choice, 0.5 * (choice.temperature == 0.8) + 0.3 * (choice.instruction == "two"))
    assert {choice.temperature for choice in asked[:4]} == set(TEMPERATURES)
    assert {choice.instruction for choice in asked[:3]} == set(INSTRUCTIONS)
    late = asked[100:]
    assert sum(choice.temperature == 0.8 for choice in late) > 60
    assert sum(choice.instruction == "two" for choice in late) > 60
