"""The times that drive the simulation, as far as a machine without a GPU can tell them.

Notable: they come from the parts that a search runs. A search of the analyst under a formula in place of a supernet
gives its calls, the length of an answer, and a round of candidates that are then scored with the bundled weights and
images. What a hosted model or a GPU takes was not measured and is not here (`assumed.py`).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from math import log
from pathlib import Path

import numpy as np

from agents.models.hosted.pricing import count_tokens
from agents.models.model_registry import chat_models
from agents.models.settings import ModelSettings
from benchmarks import orchestration
from common.files import cache_folder
from graph.archive.archive import Archive
from graph.candidate import LEGAL
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.registry import supernet_family
from supernets.load import load_splits, load_supernet
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE, FormulaEvaluator, config

EVALUATIONS, PER_ROUND = 320, 16
CHUNKS = (1, 2, 4, 8)
"""Numbers of candidates that are scored together; each divides the last."""
_READY = "from benchmarks.scaling.measure import evaluator; evaluator()"


def measure_search() -> dict[str, float]:
    """What a search costs besides scoring: a model that answers at once, then the analyst."""
    settings = config(evaluations=1000, per_round=PER_ROUND, limits={})
    quarters, _ = orchestration.measure(settings)
    calls, answers, _ = _analyst_search()
    return {
        "coordination_and_commit_ms": round(statistics.mean(quarters), 2),
        "analyst_navigator_ms": round(1e3 * statistics.median(calls["navigator"]), 1),
        "analyst_generator_ms": round(1e3 * statistics.median(calls["generator"]), 1),
        "answer_tokens_a_candidate": round(_tokens(answers), 1),
        "start_s": round(_start(), 2),
    }


def measure_scoring() -> dict[str, float]:
    """CPU seconds of chunks of the bundled `ofa`, and the line through them: so much a chunk, so much a candidate.

    Seconds of the processor are hardly longer while other programs run; what matters here are their proportions.
    """
    candidates = _analyst_search()[2][: max(CHUNKS)]
    scorer = evaluator()
    _cpu_seconds(candidates, 8, scorer)  # resizes the images
    of_chunks = {size: _cpu_seconds(candidates, size, scorer) for size in CHUNKS}
    means = {size: statistics.mean(seconds) for size, seconds in of_chunks.items()}
    candidate, chunk = np.polyfit(list(means), list(means.values()), 1)
    figures = {
        **{f"chunk_of_{size}_cpu_s": seconds for size, seconds in means.items()},
        "chunk_in_candidates": chunk / candidate,
        "spread": statistics.stdev(map(log, of_chunks[1])),
    }
    return {name: round(float(figure), 3) for name, figure in figures.items()}


def _cpu_seconds(candidates: Sequence[Architecture], size: int, scorer: SupernetEvaluator) -> list[float]:
    """Of each chunk of this size."""
    seconds = []
    for start in range(0, len(candidates), size):
        began = time.process_time()
        list(scorer.evaluate(candidates[start : start + size]))
        seconds.append(time.process_time() - began)
    return seconds


def evaluator() -> SupernetEvaluator:
    loaded = load_supernet(supernet_family("ofa"), None)
    splits = load_splits(loaded, None, cache_folder())
    return SupernetEvaluator(loaded.net, splits, preprocessing=loaded.preprocessing, calibration=loaded.calibration)


def _analyst_search() -> tuple[dict[str, list[float]], list[str], list[Architecture]]:
    """Seconds of the calls of each role, the Generator's answers, and the candidates of the last whole round."""
    models = dict.fromkeys(("navigator", "generator"), ModelSettings(name="analyst"))
    settings = Config(
        supernet="ofa", evaluations=EVALUATIONS, limits={"macs_m": 350.0}, models=models, per_round=PER_ROUND
    )
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(Path(root), settings)
        fallback_chain = {role: chat_models(model, seed=0) for role, model in models.items()}
        Search(
            config=settings,
            space=SPACE,
            evaluator=FormulaEvaluator(),
            models=fallback_chain,
            folder=folder,
            sink=lambda event: None,
        ).run()
        with closing(Archive(folder.archive, SPACE)) as archive:
            calls = list(archive.calls)
            judged = archive.candidates(archive.last_round - 1, archive.last_round - 1)
    seconds = {role: [c.reply.seconds for c in calls if c.request.role == role] for role in models}
    answers = [call.reply.text for call in calls if call.request.role == "generator"]
    return seconds, answers, [c.architecture for c in judged if c.verdict == LEGAL and c.architecture]


def _tokens(answers: Sequence[str]) -> float:
    """Tokens of an answer for each candidate in it, by the counter of one family of models."""
    whole = [text for text in answers if text.count('"r"') == PER_ROUND]
    return statistics.mean(count_tokens("gpt-4o", [{"content": text}]) for text in whole) / PER_ROUND


def _start() -> float:
    """Seconds until a new process could score, where the images are decoded already."""
    evaluator()
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", _READY], check=True)
    return time.perf_counter() - started
