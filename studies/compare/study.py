"""A study: every strategy on every data set with every seed, each a run in its own folder.

Notable: the path of a run's folder is derived from its settings, so the same command continues a study, and one with
more seeds or strategies adds to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from graph.config import Config
from graph.strategies import get_strategy


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
        UserError: an unknown or repeated strategy, a baseline that does not take part, no seed.
    """

    base: Config
    """What all runs have in common; its strategy, models, data set and seed are replaced. `disguise`: strategies that
    ask models run twice, the second time with the space under neutral names."""
    root: Path
    datasets: tuple[str | None, ...]
    strategies: tuple[str, ...]
    baseline: str
    seeds: int

    def __post_init__(self) -> None:
        for name in self.strategies:
            get_strategy(name)
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
        return self.root / f"{self.base.supernet}-{hashlib.sha256(common.encode()).hexdigest()[:8]}"

    @property
    def reference(self) -> str:
        """The baseline as tables name it."""
        return _label(self._as_run(self.baseline))

    def runs(self) -> Iterator[StudyRun]:
        for dataset in self.datasets:
            for strategy in self.strategies:
                plain = self._as_run(strategy).changed(dataset=dataset)
                hidden = [plain.changed(disguise=True)] if self.base.disguise and plain.models else []
                for config in (plain, *hidden):
                    place = self.folder / (dataset or "") / _label(config)
                    for seed in range(self.seeds):
                        yield StudyRun(dataset or "", config.changed(seed=seed), place / f"s{seed}")

    def _as_run(self, strategy: str) -> Config:
        roles = get_strategy(strategy).roles
        models = {role: model for role, model in self.base.models.items() if role in roles}
        return self.base.changed(strategy=strategy, models=models, disguise=False)


def _label(config: Config) -> str:
    """A strategy with its models, as folders and tables name it."""
    names = "-".join(dict.fromkeys(settings.name for settings in config.models.values()))
    return "-".join(filter(None, (config.strategy, names.replace("/", "-"), "disguised" if config.disguise else "")))
