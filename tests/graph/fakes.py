"""What the tests of this room put in the place of a supernet and of language models: a formula, and written answers."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.models.scripted import ScriptedChatModel
from agents.models.settings import ModelSettings
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.evaluator import Evaluation, Evaluator, standard_error
from supernets.evaluate.protocol import Protocol, SupernetProtocol
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

SPACE = get_space("ofa")
MODELS = dict.fromkeys(("navigator", "generator"), ModelSettings(name="scripted"))
FIRST_SCHEMA = Path(__file__).parent / "archives" / "schema1.sqlite.xz"
"""An archive as the program wrote it at the time: this search of 14 evaluations, interrupted after 7."""
STRATEGY = "## Summary\nRound {}.\n## Key patterns\nNone yet.\n## Directions\nAll open."


def protocol(weights: str = "formula") -> Protocol:
    return SupernetProtocol(
        supernet="ofa", weights=weights, images="numbers", image_hashes=("a", "b", "c"), calibrate_images=10,
        search_images=1000, report_images=2000, resolution="r / 4", crop=1.0, interpolation="none", decoder="none",
        channels="RGB", mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2), dtype="float32", device="cpu", calibration="none",
    )  # fmt: skip


class FormulaEvaluator(Evaluator):
    """Scores grow with cost, with a spread that depends on the architecture alone; `before` is called ahead of each."""

    def __init__(self, before: Callable[[str], None] = lambda name: None, measured: Protocol | None = None) -> None:
        self.protocol = measured or protocol()
        self.before = before
        self.scored: list[str] = []

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        for a in archs:
            self.before("evaluate")
            self.scored.append(a.id)
            yield self._evaluation(a, "search", self.protocol.search_images)

    def report(self, a: Architecture) -> Evaluation:
        self.before("report")
        return self._evaluation(a, "report", self.protocol.report_images)

    def _evaluation(self, a: Architecture, split: str, images: int) -> Evaluation:
        noise = random.Random(split + a.id).gauss(0, 0.5)
        top1 = round(60 + 10 * (SPACE.cost(a).macs_m / 1000) ** 0.5 + noise, 4)
        return Evaluation(a, top1, standard_error(top1, images), images, 0.001, self.protocol.id)


class HookedModel(ScriptedChatModel):
    """Written answers; `before` is called ahead of each."""

    before: Callable[[str], None]

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
        self.before("navigator" if "- role: navigator" in str(messages[0].content) else "generator")
        return super()._generate(messages, *args, **kwargs)


def models(script: dict[str, Any], before: Callable[[str], None] = lambda name: None) -> dict[str, list[HookedModel]]:
    """Both roles, played from one script in the form of `agents.models.scripted`."""
    answers = {role: [_attempts(entry) for entry in entries] for role, entries in script.items()}
    model = HookedModel(answers=answers, before=before)
    return {"navigator": [model], "generator": [model]}


def _attempts(entry: Any) -> list[str]:
    entries = entry if isinstance(entry, list) else [entry]
    return [each if isinstance(each, str) else json.dumps(each) for each in entries]


def genotypes(seed: str, count: int, over: float = 0.0, under: float = float("inf")) -> list[dict[str, Any]]:
    """Random genotypes whose MACs lie between the two figures, in millions."""
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    while len(found) < count:
        a = SPACE.sample(rng)
        if over < SPACE.cost(a).macs_m < under:
            found.append(SPACE.genotype(a))
    return found


def eventful_script(rounds: int = 4, limit: float = 500) -> dict[str, Any]:
    """Rounds in which everything happens: good ones, a repeated one, one over the limit, and one that is mended."""
    generator = []
    for number in range(1, rounds + 1):
        good = genotypes(f"good {number}", 6, under=limit)
        costly = genotypes(f"costly {number}", 1, over=limit)
        illegal = {**good[0], "r": 225}
        first = {"architectures": [*good[:4], good[1], *costly, illegal, {**good[0], "d": []}]}
        generator.append([first, {"architectures": [good[4], {**illegal, "r": 226}]}])
    return {"navigator": [STRATEGY.format(n) for n in range(1, rounds + 1)], "generator": generator}


def config(**changes: Any) -> Config:
    values: dict[str, Any] = {
        "supernet": "ofa", "seed": 1, "evaluations": 14, "limits": {"macs_m": 500.0}, "models": MODELS, "per_round": 8
    }  # fmt: skip
    return Config(**{**values, **changes})


def random_config(**changes: Any) -> Config:
    return config(strategy="random", models={}, **changes)


def search_in(folder: RunFolder, **changes: Any) -> Search:
    """A search of the folder's run with the formula, without language models and unwatched, except for `changes`."""
    parts: dict[str, Any] = {
        "config": folder.config(), "space": SPACE, "evaluator": FormulaEvaluator(), "models": {}, "folder": folder,
        "sink": lambda event: None,
    }  # fmt: skip
    return Search(**{**parts, **changes})


def contents(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of an archive but for what is a time."""
    import sqlite3

    times = {"seconds"}
    connection = sqlite3.connect(archive)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in times]
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        found[table] = sorted(row for row in rows if not (table == "facts" and row[0] in times))
    connection.close()
    return found


def timeless(value: Any) -> Any:
    """A result without its times."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if not key.endswith("seconds")}
    return [timeless(each) for each in value] if isinstance(value, list) else value
