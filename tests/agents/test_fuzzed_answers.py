"""No text that a model may send breaks the parser or makes it guess; and what is merely dressed up is read whole."""

from __future__ import annotations

import random
import time

import pytest

from agents.text.proposals import parse_answer
from tests.agents.fuzzing import DRESSES, GENOTYPES, faults, garbled

QUOTED_NUMBERS, LISTED_NUMBERS = len(DRESSES) - 2, len(DRESSES) - 1


@pytest.mark.parametrize("dress", range(QUOTED_NUMBERS))
def test_dressed_up_answers_are_read_whole(dress: int) -> None:
    for kind in GENOTYPES:
        genotypes = [kind(random.Random(seed)) for seed in range(3)]
        answer = parse_answer(DRESSES[dress](genotypes))
        assert list(answer.candidates) == genotypes
        assert not answer.rejected


def test_a_thousand_garbled_answers() -> None:
    assert {seed: found for seed in range(1000) if (found := list(faults(garbled(seed))))} == {}


@pytest.mark.slow
def test_two_minutes_of_garbled_answers(capsys: pytest.CaptureFixture[str]) -> None:
    seed, end = 1_000, time.monotonic() + 120
    while time.monotonic() < end:
        assert list(faults(garbled(seed))) == [], f"answer {seed}: {garbled(seed)!r}"
        seed += 1
    with capsys.disabled():
        print(f"\n{seed - 1_000:,} garbled answers, no fault")
