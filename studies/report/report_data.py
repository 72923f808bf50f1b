"""What a report shows of a run, as JSON types. Texts of models are cleaned of control and invisible characters here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.text.genes import read_genes
from agents.text.guidance import parse_guidance
from agents.text.preferences import agreement, read_preferences
from agents.text.sanitize import clean
from graph.candidate import Candidate
from graph.events import Ledger
from graph.limits import limits_text
from graph.winner import without_winner
from studies.niche_map import niche_map
from studies.report.choice_statistics import choice_statistics
from studies.run import Run
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.cost import COST_KINDS
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace

_STRATEGIES = 120_000
"""Characters of all strategies of a run that are shown, of each an equal share; a run of few rounds has them whole."""
_SHORTEST = 2_000
"""Characters of a strategy that are shown in any case."""
_LONGEST_TEXT = 300
"""Characters of a proposal that could not be read."""


def report_data(run: Run) -> dict[str, Any]:
    """Accuracies and errors in percent, costs in the units of their kinds, seconds."""
    kinds = _kinds(run)
    blocks = _Blocks(run.space)
    scores = {score.architecture: score for score in run.evaluations}
    complete = max((score.images for score in run.evaluations), default=0)
    return {
        "id": run.id,
        "supernet": run.config.label,
        "state": run.stopped_because,
        "diagnosis": clean(run.diagnosis),
        "settings": _settings(run),
        "protocol": {
            "id": run.protocol.id,
            "measure": run.protocol.measure,
            "error": run.protocol.error_meaning,
            "fields": [[name, _text(value)] for name, value in run.protocol.to_dict().items()],
        },
        "kinds": [[kind.name, kind.label, kind.unit, kind.digits] for kind in kinds],
        "limits": {name: list(run.config.sweep.get(name, [limit])) for name, limit in run.config.limits.items()},
        "images": complete,
        "candidates": [_candidate(run, each, scores, [kind.name for kind in kinds], blocks) for each in run.candidates],
        "blocks": blocks.rows,
        "order": _order(run.candidates, run.evaluations),
        "best": None if run.best is None else _place(run.candidates, run.best),
        "report": _score(run.report),
        "winners": [
            {"limits": str(each.limits), "index": _place(run.candidates, each.search), "report": _score(each.report)}
            for each in run.winners
        ],
        "without_winner": [str(limits) for limits in without_winner(run.sweep, run.winners)],
        "rounds": [_round(run, number) for number in range(1, len(run.strategies) + 1)],
        "total": _ledger(run.total),
        "seconds": round(run.seconds, 1),
        "niches": _niches(run),
        "choices": choice_statistics(run.space, run.evaluations),
        "size": run.space.size(),
    }


def _kinds(run: Run) -> list[Any]:
    """The kinds of costs that are known, those with a limit first."""
    known = [
        kind
        for kind in COST_KINDS.values()
        if any(each.cost is not None and each.cost.figure(kind.name) is not None for each in run.candidates)
    ]
    return sorted(known, key=lambda kind: kind.name not in run.sweep.narrowest.maxima)


def _settings(run: Run) -> list[list[str]]:
    config = run.config
    rows = [
        ("search strategy", config.strategy),
        *((role, settings.name) for role, settings in sorted(config.models.items())),
        ("limit", limits_text(config)),
        ("budget", f"{config.evaluations} evaluations"),
        ("weights", config.weights or ""),
        ("images", config.imagenet or config.images or ""),
        ("data set", config.dataset or ""),
        ("latency of", config.latency_device or ""),
        ("device", config.device or ""),
        ("seed", str(config.seed)),
        ("agents see", "neutral names" if config.disguise else ""),
    ]
    return [[label, clean(value)] for label, value in rows if value]


def _candidate(
    run: Run, candidate: Candidate, scores: dict[Architecture, Evaluation], kinds: Sequence[str], blocks: _Blocks
) -> dict[str, Any]:
    a, cost = candidate.architecture, candidate.cost
    found: dict[str, Any] = {"round": candidate.round, "verdict": candidate.verdict}
    if candidate.reason:
        found["reason"] = clean(candidate.reason)
    if a is None:
        return {**found, "text": clean(candidate.text, _LONGEST_TEXT)}
    # Of several proposals of one architecture, the first was scored.
    score = scores.pop(a, None)
    return {
        **found,
        "id": a.id,
        "genotype": json.dumps(run.space.genotype(a), separators=(",", ":")),
        "costs": [None if cost is None else _rounded(cost.figure(kind)) for kind in kinds],
        "blocks": blocks.of(a),
        **({} if score is None else {"score": _score(score)}),
    }


def _score(score: Evaluation | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        "top1": round(score.top1, 3), "stderr": round(score.stderr, 3), "images": score.images,
        "seconds": round(score.seconds, 2),
    }  # fmt: skip


def _order(candidates: Sequence[Candidate], evaluations: Sequence[Evaluation]) -> list[int]:
    """Indices of the scored candidates in the order of their scores."""
    first: dict[Architecture, int] = {}
    for index, candidate in enumerate(candidates):
        if candidate.architecture is not None:
            first.setdefault(candidate.architecture, index)
    return [first[score.architecture] for score in evaluations]


def _place(candidates: Sequence[Candidate], score: Evaluation) -> int:
    return next(index for index, each in enumerate(candidates) if each.architecture == score.architecture)


def _round(run: Run, number: int) -> dict[str, Any]:
    strategy = run.strategies[number - 1]
    shown = clean(strategy, max(_SHORTEST, _STRATEGIES // len(run.strategies)))
    found: dict[str, Any] = {"strategy": shown, "ledger": _ledger(run.ledgers[number - 1])}
    if len(run.sweep) > 1:
        found["limits"] = str(run.sweep.round(number))
    if len(shown) < len(clean(strategy)):
        found["cut"] = len(strategy) - len(shown)
    agents_space = DisguisedSpace(run.space, run.config.seed) if run.config.disguise else run.space
    listed = read_genes(agents_space.describe())
    genes = listed.genes if listed else ()
    prefer = read_preferences(parse_guidance(strategy).block.get("prefer", {}), genes)[0]
    proposed = [
        dict(agents_space.to_disguised(each.architecture.to_dict()))
        for each in run.candidates
        if each.round == number and each.architecture is not None
    ]
    if (share := agreement(prefer, genes, proposed)) is not None:
        found["agreement"] = round(100 * share)
        found["preferred"] = len(prefer)
    return found


def _niches(run: Run) -> dict[str, Any] | None:
    """The map of niches that LLMatic fills; None for other strategies."""
    if (found := niche_map(run)) is None:
        return None
    return {
        "labels": list(found.labels),
        "polygons": found.polygons,
        "best": {niche: _place(run.candidates, score) for niche, score in found.best.items()},
        "near": len(found.near),
    }


def _ledger(ledger: Ledger) -> dict[str, Any]:
    names = (
        "requested", "parsed", "illegal", "duplicate", "over_limit", "evaluated", "calls", "prompt_tokens",
        "completion_tokens", "unreadable", "images",
    )  # fmt: skip
    counts = {name: getattr(ledger, name) for name in names}
    return {
        **counts, "cost_usd": ledger.cost_usd, "model_seconds": round(ledger.model_seconds, 2),
        "scoring_seconds": round(ledger.scoring_seconds, 2), "illegal_rate": round(ledger.illegal_rate, 4),
    }  # fmt: skip


class _Blocks:
    """The blocks of all architectures, each listed once: most of them occur in many."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._known: dict[tuple[Any, ...], int] = {}
        self._of: dict[Architecture, list[int]] = {}

    @property
    def rows(self) -> list[list[Any]]:
        """Stage, block, label, operators, channels, side, MACs and parameters of each."""
        return [list(block) for block in self._known]

    def of(self, a: Architecture) -> list[int]:
        """Indices in `rows` of the blocks of `a`, in order."""
        if a not in self._of:
            self._of[a] = [self._known.setdefault(block, len(self._known)) for block in _blocks(self._space, a)]
        return self._of[a]


def _blocks(space: SearchSpace, a: Architecture) -> list[tuple[Any, ...]]:
    found: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for _, node in space.graph(a).nodes(data=True):
        found.setdefault((node["stage"], node["block"]), []).append(node)
    return [
        (
            stage, block, next((node["label"] for node in nodes if node["label"]), ""),
            ", ".join(dict.fromkeys(str(node["operator"]) for node in nodes if node["macs"] or node["params"])),
            nodes[-1]["channels"], nodes[-1]["side"], sum(node["macs"] for node in nodes),
            sum(node["params"] for node in nodes),
        )
        for (stage, block), nodes in found.items()
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
