"""What a search costs besides models and scoring: `python -m benchmarks.orchestration [EVALUATIONS]`.

Searches of both strategies with an evaluator and, for collm, models that answer at once, so that what is left is
prompting, parsing, checking, recording and the state machine; seconds in models are taken off. Prints milliseconds for
each candidate in quarters of the run (flat means that a growing archive is no burden), and the size of the archive.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from graph.config import Config
from graph.events import Event, RoundEnded
from graph.run_folder import RunFolder
from graph.search import Search
from tests.graph.fakes import SPACE, FormulaEvaluator, config, random_config

STRATEGY = "\n".join(f"## {name}\n" + "A sentence of a strategy, as long as most. " * 12 for name in (
    "Summary", "Key patterns", "Directions", "Constraints", "Recommended ranges", "Examples"))  # fmt: skip


class Instant(BaseChatModel):
    """A strategy of usual length, or the architectures that were asked for, at random."""

    @property
    def _llm_type(self) -> str:
        return "instant"

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        request = str(messages[-1].text)
        text = STRATEGY if "- role: navigator" in str(messages[0].text) else _architectures(request)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, response_metadata={"cost_usd": 0.0}))])


def _architectures(request: str) -> str:
    rng = random.Random(request)
    return json.dumps({"architectures": [SPACE.genotype(SPACE.sample(rng)) for _ in range(16)]})


def measure(settings: Config) -> tuple[list[float], float]:
    """Milliseconds for each candidate by quarters of the run, and megabytes of the archive."""
    quarters = [0.0] * 4
    last = time.perf_counter()

    def note(event: Event) -> None:
        nonlocal last
        if isinstance(event, RoundEnded):
            now = time.perf_counter()
            quarter = min(3, 4 * (event.total.evaluated - 1) // settings.evaluations)
            quarters[quarter] += now - last - event.ledger.model_seconds
            last = now

    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(Path(root), settings)
        models = {role: [Instant()] for role in settings.models}
        Search(
            config=settings, space=SPACE, evaluator=FormulaEvaluator(), models=models, folder=folder, sink=note
        ).run()
        size = folder.archive.stat().st_size / 1e6
    return [4e3 * seconds / settings.evaluations for seconds in quarters], size


if __name__ == "__main__":
    evaluations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for settings in (random_config(evaluations=evaluations, per_round=16, limits={}),
                     config(evaluations=evaluations, per_round=16, limits={})):  # fmt: skip
        quarters, size = measure(settings)
        figures = ", ".join(f"{figure:.2f}" for figure in quarters)
        print(f"{settings.strategy:7} {figures} ms a candidate in four quarters; archive {size:.1f} MB", flush=True)
