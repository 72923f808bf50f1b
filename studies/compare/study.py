"""A study: every strategy on every data set with every seed, each a run in its own folder.

Notable: the path of a run's folder is derived from its settings, so the same command continues a study, and one with
more seeds or strategies adds to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.config import Config
from graph.strategies import get_strategy

_OF_ROLES = (
    "navigator_memory",
    "generator_memory",
    "generator_results",
    "analyst_share",
    "single",
    "evidence",
    "prompts",
)
"""Settings that only a strategy with models has."""


@dataclass(frozen=True)
class StudyRun:
    """One run of a study."""

    dataset: str
    """Empty where a supernet has no data sets of its own."""
    config: Config
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Study:
    """
    Raises:
        UserError: no, an unknown or a repeated strategy, a baseline that does not take part, no seed.
    """

    base: Config
    """What all runs have in common; its strategy, models, data set and seed are replaced. `disguise`: strategies that
    ask models run twice, the second time with the space under neutral names."""
    root: Path
    datasets: tuple[str | None, ...]
    strategies: tuple[str, ...]
    baseline: str
    seeds: int
    models: Mapping[str, Mapping[str, ModelSettings]] = field(default_factory=dict)
    """Name of a row to its models by role; empty for those of `base` alone."""

    def __post_init__(self) -> None:
        for name in self.strategies:
            get_strategy(name)
        if not self.strategies:
            raise UserError("--strategies: expected at least one, got none")
        if len(set(self.strategies)) < len(self.strategies):
            raise UserError(f"--strategies: expected each once, got {','.join(self.strategies)}")
        if self.baseline not in self.strategies:
            raise UserError(f"--baseline: expected one of {', '.join(self.strategies)}; got {self.baseline!r}")
        if self.seeds < 1:
            raise UserError(f"--seeds: expected 1 or more, got {self.seeds}")

    @property
    def folder(self) -> Path:
        """Named by the supernet and what all runs have in common."""
        common = self.base.changed(strategy="", seed=0, models={}, disguise=False).to_json()
        return self.root / f"{self.base.label}-{hashlib.sha256(common.encode()).hexdigest()[:8]}"

    @property
    def reference(self) -> str:
        """The baseline as tables name it."""
        return self._rows(self.baseline)[0][0]

    def runs(self) -> Iterator[StudyRun]:
        for dataset in self.datasets:
            for strategy in self.strategies:
                for label, config in self._rows(strategy):
                    place = self.folder / (dataset or "") / label
                    for seed in range(self.seeds):
                        yield StudyRun(dataset or "", config.changed(dataset=dataset, seed=seed), place / f"s{seed}")

    def _rows(self, strategy: str) -> list[tuple[str, Config]]:
        """The rows of a strategy, one for each model and disguise: the name in folders and tables, and the settings."""
        roles = get_strategy(strategy).roles
        rows: list[tuple[str, Config]] = []
        for name, chosen in (self.models or {"": self.base.models}).items():
            models = {role: model for role, model in chosen.items() if role in roles}
            if not roles and rows:
                break
            plain = self.base.changed(strategy=strategy, models=models, disguise=False, **_unused(strategy, self.base))
            named = (name or "-".join(dict.fromkeys(each.name for each in models.values()))) if models else ""
            label = "-".join(filter(None, (strategy, named.replace("/", "-"))))
            rows.append((label, plain))
            if self.base.disguise and models:
                rows.append((f"{label}-disguised", plain.changed(disguise=True)))
        return rows


def _unused(strategy: str, base: Config) -> dict[str, Any]:
    """The settings that a strategy does not use, with their defaults."""
    kind = get_strategy(strategy)
    # A strategy without a Navigator has one model, which reads prompts alone.
    names = (
        ()
        if kind.first == "navigator" and kind.roles
        else [name for name in _OF_ROLES if name != "prompts" or not kind.roles]
    )
    unused = {name: Config.model_fields[name].default for name in names}
    return {**unused, **({"per_round": base.usual_per_round} if kind.batch else {})}
