"""What a race saves, and how often it errs: `python -m benchmarks.race FOLDER [PICTURE]`.

Hits are measured once, with the real evaluator on the pocket sets, and kept in FOLDER; what is not there is measured,
which takes hours on two cores. Races are then replayed on them, so that what would have been won is known:

- `random`: a pool of random sub-networks within the limit, of which each seed draws 80 in an order of its own.
- `collm`: for each seed what a search of 80 evaluations proposed, with the analyst in both roles and full scores.

Prints images saved and winners kept, how far estimates are off, and how often a candidate that would win is stopped: of
the real ones, and in synthetic populations where it is one image better than the best.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from agents.models.model_registry import chat_models
from agents.models.settings import ModelSettings
from common.files import cache_folder
from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.evaluator import GROUP, Evaluator
from supernets.evaluate.race import ERROR, Race, clocks
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.registry import get_family, get_space, supernet_family
from supernets.load import load_splits, load_supernet

POOLS = {"ofa": 160, "spos": 120, "autoformer": 120}
SEARCHES = {"ofa": 20, "spos": 3, "autoformer": 1}
"""Searches of the analyst; these take longest."""
SEEDS, EVALUATIONS, BLOCK, ORDERS, TRIALS = 20, 80, 250, 3, 1000

Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Lap:
    """One candidate: images seen, hits on all of them, those of the best so far, and what the race says of it."""

    images: int
    hits: int
    best: int
    top1: float
    stderr: float


def main(folder: Path, picture: Path | None) -> None:
    laps: dict[str, dict[str, list[Lap]]] = {}
    for name in POOLS:
        laps[name] = {}
        pool = measured(folder, name, "random")
        drawn = [pool[np.random.default_rng(seed).permutation(len(pool))[:EVALUATIONS]] for seed in range(SEEDS)]
        searched = [measured(folder, name, f"collm-{seed}") for seed in range(1, SEARCHES[name] + 1)]
        for kind, sequences in {"random": drawn, "collm": searched}.items():
            laps[name][kind] = _savings(f"{name}, {kind}", sequences)
        print(f"{name}: of those that would win {_better_stopped(pool):.2%} are stopped", flush=True)
    for images in (1000, 5000, 10_000):
        for prior in (0.1, 0.5, 2.0):
            print(_synthetic(images, prior), flush=True)
    if picture:
        draw(laps, picture)


def _savings(label: str, sequences: Sequence[Bits]) -> list[Lap]:
    """The laps with the order that this program uses; others are drawn too, since winners are lost by luck."""
    runs = {order: [replay(hits, clocks(order, hits.shape[1])) for hits in sequences] for order in _orders()}
    first, *_ = runs.values()
    images = sequences[0].shape[1]
    saved = [images / np.mean([lap.images for lap in laps]) for laps in first]
    kept = {order: sum(map(_winner_kept, laps)) for order, laps in runs.items()}
    stopped = [lap for laps in first for lap in laps if lap.images < images]
    off = np.array([lap.top1 - 100 * lap.hits / images for lap in stopped])
    error = np.mean([lap.stderr for lap in stopped])
    print(
        f"{label}: {len(sequences)} sequences, {1 / np.mean(1 / np.array(saved)):.2f} times fewer images "
        f"({min(saved):.2f} to {max(saved):.2f}), winners kept with {ORDERS} orders: {list(kept.values())}; "
        f"estimates off by {off.mean():+.2f}, root mean square {np.sqrt((off**2).mean()):.2f}, told {error:.2f}",
        flush=True,
    )
    return [lap for laps in first for lap in laps]


def _orders() -> list[str]:
    return [f"order {i}" for i in range(ORDERS)]


def _winner_kept(laps: Sequence[Lap]) -> bool:
    """Whether the best of all, or one of equals, has seen all images, as the first group does."""
    most = max(lap.hits for lap in laps)
    return any(lap.hits == most and lap.images == laps[0].images for lap in laps)


def replay(hits: Bits, times: NDArray[np.float64]) -> list[Lap]:
    """A race over `hits`, `(candidates, images)`, in groups as a search has them."""
    complete: list[int] = []
    laps: list[Lap] = []
    for start in range(0, len(hits), GROUP):
        race, best = Race(hits[complete], times), int(hits[complete].sum(1).max(initial=0))
        for i in range(start, min(start + GROUP, len(hits))):
            seen = hits[i][race.order]
            end = run(race, seen)
            score = race.score(seen[:end])
            laps.append(Lap(end, int(seen.sum()), best, score.top1, score.stderr))
            complete += [i] if end == len(seen) else []
    return laps


def run(race: Race, hits: Bits) -> int:
    """Images after which a candidate stops."""
    return next((end for end in range(BLOCK, len(hits), BLOCK) if not race.should_continue(hits[:end])), len(hits))


def _better_stopped(pool: Bits, others: int = 12) -> float:
    """Share of real candidates that are stopped although they beat the best of others, each by as little as can be."""
    rng, ranked, stopped = np.random.default_rng(0), pool[np.argsort(pool.sum(1), kind="stable")], 0
    for trial in range(TRIALS):
        i = int(rng.integers(2 * others, len(ranked)))
        below = np.flatnonzero(ranked.sum(1) < ranked[i].sum())
        complete = ranked[[below[-1], *rng.choice(below[:-1], others - 1, replace=False)]]
        race = Race(complete, clocks(f"trial {trial}", pool.shape[1]))
        stopped += run(race, ranked[i][race.order]) < pool.shape[1]
    return stopped / TRIALS


def _synthetic(images: int, prior: float) -> str:
    """Images whose chances are drawn from a beta distribution; the candidate has one hit more than the best of 8."""
    rng, stopped, discordant = np.random.default_rng(0), 0, 0.0
    for trial in range(TRIALS):
        hits = rng.random((9, images)) < rng.beta(0.7 * prior, 0.3 * prior, images)
        complete, candidate = hits[:8], hits[8]
        missing = int(complete.sum(1).max()) + 1 - int(candidate.sum())
        changed = rng.choice(np.flatnonzero(candidate == (missing < 0)), abs(missing), replace=False)
        candidate[changed] = missing > 0
        discordant += float((candidate != complete[0]).mean())
        race = Race(complete, clocks(f"trial {trial}", images))
        stopped += run(race, candidate[race.order]) < images
    share = stopped / TRIALS
    error = (share * (1 - share) / TRIALS) ** 0.5
    return f"{images:,} images, {discordant / TRIALS:.3f} discordant: {share:.2%} ± {error:.2%} of {ERROR:.0%} stopped"


# Hits, measured once


def measured(folder: Path, name: str, source: str) -> Bits:
    """Hits `(candidates, images)` of the pool or of a search, in the order in which candidates were proposed."""
    path = folder / f"{name}-{source}.npz"
    if not path.exists():
        evaluator = _evaluator(name)
        packed = _pool(evaluator, name) if source == "random" else _searched(evaluator, name, int(source.split("-")[1]))
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, hits=[np.frombuffer(bits, np.uint8) for bits in packed])
    return np.unpackbits(np.load(path)["hits"], axis=1).astype(np.bool_)


def _evaluator(name: str) -> Evaluator:
    """It races against nobody, so that all are scored fully and their hits told."""
    loaded = load_supernet(supernet_family(name), None)
    splits = load_splits(loaded, None, cache_folder())
    return SupernetEvaluator(
        loaded.net, splits, preprocessing=loaded.preprocessing, calibration=loaded.calibration
    ).racing((), ERROR)


def _pool(evaluator: Evaluator, name: str) -> Iterator[bytes]:
    space, rng = get_space(name), random.Random(2026)
    ((column, limit),) = get_family(name).default_limits.items()
    pool = dict.fromkeys(a for a in (space.sample(rng) for _ in range(9999)) if getattr(space.cost(a), column) <= limit)
    return (e.hits or b"" for e in evaluator.evaluate(list(pool)[: POOLS[name]]))


def _searched(evaluator: Evaluator, name: str, seed: int) -> list[bytes]:
    speaker = ModelSettings(name="analyst")
    both = dict.fromkeys(("navigator", "generator"), speaker)
    limits = dict(get_family(name).default_limits)
    config = Config(supernet=name, seed=seed, evaluations=EVALUATIONS, limits=limits, models=both)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder), config)
        models = {role: chat_models(settings, seed=seed) for role, settings in both.items()}
        space = get_space(name)
        Search(
            config=config, space=space, evaluator=evaluator, models=models, folder=run, sink=lambda event: None
        ).run()
        with closing(Archive(run.archive, space)) as archive:
            rows = archive.connection.execute("SELECT hits FROM evaluations WHERE split = 'search' ORDER BY round, idx")
            return [row[0] for row in rows]


def draw(laps: dict[str, dict[str, list[Lap]]], path: Path) -> None:
    """Images seen against how far a candidate was behind the best; not of the first groups, who race nobody."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(10, 3.4), layout="constrained")
        panels = figure.subplots(1, len(laps), sharey=True)
        for panel, (name, kinds) in zip(panels, laps.items(), strict=True):
            for (kind, raced), colour in zip(kinds.items(), ("#0072B2", "#D55E00"), strict=True):
                images = max(lap.images for lap in raced)
                shown = [lap for lap in raced if lap.best]
                behind = [100 * (lap.best - lap.hits) / images for lap in shown]
                seen = np.array([lap.images for lap in shown]) + np.random.default_rng(0).uniform(-90, 90, len(shown))
                panel.scatter(behind, seen, s=4, alpha=0.35, color=colour, label=kind, linewidth=0)
            panel.axvline(0, color="black", linestyle=":", linewidth=1)
            panel.set_title(name)
            panel.set_xlabel("points behind the best so far")
            panel.grid(alpha=0.25)
        panels[0].set_ylabel("images seen")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, markerscale=3)
        figure.savefig(path, dpi=160)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
