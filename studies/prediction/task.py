"""Networks with costs and scores, of which some are examples and the scores of others are to be predicted."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from agents.roles.performance_predictor import Domain
from common.errors import UserError, unknown_name
from graph.candidate import LEGAL
from studies.run import Run
from supernets.space.architecture import Architecture, value_of
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace

TRANSLATION_TASKS = {
    "wmt14ende": "translation from English to German (WMT 2014)",
    "wmt14enfr": "translation from English to French (WMT 2014)",
    "wmt19ende": "translation from English to German (WMT 2019)",
}
_FILE = Path(__file__).parent / "translation.json"
_SCALES = (640, 6, 3072, 8, 640, 6, 3072, 8, 8, 3)
"""Largest value of each feature, in the order of the configuration's fields."""
_DEFINITIONS = """
- encoder_embedding, decoder_embedding: width of the embeddings, 512 or 640
- encoder_layers, decoder_layers: number of layers, 6 and 1 to 6
- encoder_ffn, decoder_ffn: for each layer the width of its feed-forward network, 1024, 2048 or 3072
- encoder_heads, decoder_heads: for each layer the number of heads of self-attention, 4 or 8
- cross_heads: for each decoder layer the number of heads of attention to the encoder, 4 or 8
- cross_span: for each decoder layer which encoder layers it attends to: -1 the last, 1 the last two, 2 the last three
""".strip()


@dataclass(frozen=True)
class Network:
    """One network of a task."""

    text: str
    """Its configuration and cost, for a model."""
    cost: float
    score: float
    features: tuple[float, ...]
    """For predictors that are fitted."""
    known: Mapping[str, float]
    """Scores of the same metric that others give it, by their name."""
    architecture: Architecture | None = None
    """The sub-network of a run's space."""


@dataclass(frozen=True, kw_only=True)
class Task:
    name: str
    domain: Domain
    networks: Sequence[Network]
    digits: int
    """Decimals of a score."""
    depth: int | None = None
    """Which feature is the number of layers; None where that is no one feature."""

    def example(self, network: Network) -> str:
        """A network with its score, for a model."""
        return f"{network.text}\n{self.domain.metric}: {network.score:.{self.digits}f}"

    def split(self, seed: int, examples: int, tests: int | None = None) -> tuple[list[Network], list[Network]]:
        """Examples spread over all costs, and others to be predicted; what is drawn depends on the seed alone.

        Args:
            tests: most networks to be predicted; None for all others.

        Raises:
            UserError: the task has too few networks.
        """
        if len(self.networks) < examples + 2:
            raise UserError(
                f"{self.name}: expected {examples} examples and 2 networks or more to predict, got "
                f"{len(self.networks)} scored networks; ask for fewer examples"
            )
        rng = random.Random(f"predict:{seed}")
        by_cost = sorted(self.networks, key=lambda network: network.cost)
        bounds = [len(by_cost) * i // max(1, examples) for i in range(examples + 1)]
        shown = [by_cost[rng.randrange(low, high)] for low, high in itertools.pairwise(bounds)]
        rng.shuffle(shown)
        others = [network for network in self.networks if network not in shown]
        return shown, others if tests is None else rng.sample(others, min(tests, len(others)))


def translation_task(name: str) -> Task:
    """The thirty networks of a translation task that were trained from scratch.

    Raises:
        UserError: there is no such task.
    """
    if name not in TRANSLATION_TASKS:
        raise UserError(unknown_name("task", name, list(TRANSLATION_TASKS)))
    rows = json.loads(_FILE.read_text())[name]
    domain = Domain(
        what=TRANSLATION_TASKS[name],
        metric="BLEU",
        unit="BLEU",
        cost="GFLOPs, of the forward pass of one example",
        backbone="They are Transformers as first published, each trained from scratch by the same recipe.",
        definitions=_DEFINITIONS,
    )
    return Task(name=name, domain=domain, networks=[_translator(row) for row in rows], digits=2, depth=5)


def _translator(row: Mapping[str, Any]) -> Network:
    architecture = row["architecture"]
    lines = [f"{name}: {json.dumps(value)}" for name, value in architecture.items()]
    text = "\n".join([*lines, f"GFLOPs: {row['gflops']:.1f}"])
    values = [fmean(value) if isinstance(value, list) else value for value in architecture.values()]
    values[-1] = fmean(1 if span == -1 else span + 1 for span in architecture["cross_span"])
    features = tuple(value / scale for value, scale in zip(values, _SCALES, strict=True))
    return Network(text, row["gflops"], row["bleu"], features, row["supernets"])


def network_text(run: Run, a: Architecture, disguise: bool) -> str:
    """Genes and cost of a sub-network, for a model."""
    space: SearchSpace = DisguisedSpace(run.space, run.config.seed) if disguise else run.space
    genes = json.dumps(dict(space.to_disguised(a.to_dict())), separators=(",", ":"))
    return f"{genes}\nMACs in millions: {run.space.cost(a).macs_m:.1f}"


def run_task(run: Run, disguise: bool = False) -> Task:
    """The scored networks of a run. Scores are those of its supernet, so a prediction imitates the supernet.

    Args:
        disguise: the model sees the search space under neutral names.
    """
    space: SearchSpace = DisguisedSpace(run.space, run.config.seed) if disguise else run.space
    scores = {score.architecture: score for score in run.evaluations}
    networks, seen = [], set()
    for candidate in run.candidates:
        a, cost = candidate.architecture, candidate.cost
        if candidate.verdict != LEGAL or a is None or cost is None or a in seen or a not in scores:
            continue
        seen.add(a)
        text = network_text(run, a, disguise)
        networks.append(Network(text, cost.macs_m, scores[a].top1, _one_hot(run.space, a), {}, a))
    domain = Domain(
        what="the classification of images",
        metric="top-1 accuracy in percent",
        unit="percentage points",
        cost="millions of multiply-accumulates for one image",
        backbone="They are sub-networks of one supernet, whose weights they share.",
        definitions=space.describe(),
    )
    return Task(name=run.id, domain=domain, networks=networks, digits=2)


def _one_hot(space: SearchSpace, a: Any) -> tuple[float, ...]:
    active = space.active(a)
    return tuple(
        float(dimension.label in active and value_of(a, dimension) == choice)
        for dimension in space.dimensions
        for choice in dimension.choices
    )


def as_arrays(networks: Sequence[Network]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, costs and scores."""
    return (
        np.array([network.features for network in networks]),
        np.array([network.cost for network in networks]),
        np.array([network.score for network in networks]),
    )
