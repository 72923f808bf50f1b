"""What was asked of a run, as one frozen value that goes to `config.json` and comes back for `--resume`.

Knows names and numbers only: whether a supernet, a model or a limit exists is checked by those who own them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from agents.models.settings import ModelSettings
from common.errors import UserError

SCHEMA = 2


@dataclass(frozen=True)
class Config:
    """The whole of a search's settings.

    Raises:
        UserError: a number is outside its range.
    """

    supernet: str
    strategy: str = "collm"
    seed: int = 0
    evaluations: int = 100
    minutes: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    """Cost column (`macs_m`, `params_m`, `paper_macs_m`, `latency_ms`) to its greatest value, in millions or ms."""
    target: float | None = None
    """Top-1 in percent at which the search stops."""
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    """Role (`navigator`, `generator`) to its model; up to schema 1 only the model's name was kept."""
    weights: str | None = None
    images: str | None = None
    device: str | None = None
    imagenet: str | None = None
    protocol: str = "held-out"
    """How ImageNet is split: `held-out`, or `paper` (search and report on validation)."""
    dataset: str | None = None
    """Of a table that has several."""
    epochs: int | None = None
    """Length of the trainings that a table tells of."""
    predictor: str | None = None
    """File that predicts scores."""
    disguise: bool = False
    """Whether agents are told of the space under neutral names only."""
    tokens: int | None = None
    """Of all calls, prompts and answers."""
    usd: float | None = None
    latency_device: str | None = None
    """Device whose latency is one of the costs."""
    per_round: int = 16
    """Proposals asked for in a round."""
    navigator_memory: bool = True
    generator_memory: bool = False
    single: bool = False
    """One model in both roles, with one conversation."""
    evidence: bool = False
    """The Navigator is shown a statistical fit of the scores."""
    prompts: str | None = None
    """Folder of other prompts."""
    interactive: bool = False
    """A person is asked about each strategy."""
    fidelity: str = "full"
    """`full`: every candidate is scored on all images; `race`: those that cannot win stop early."""
    race_error: float = 0.01
    """Probability at most with which a race stops a candidate that would win."""

    def __post_init__(self) -> None:
        _require(self.evaluations >= 1, "evaluations", "1 or more", self.evaluations)
        _require(self.minutes is None or self.minutes > 0, "minutes", "more than 0", self.minutes)
        _require(self.tokens is None or self.tokens > 0, "tokens", "more than 0", self.tokens)
        _require(self.usd is None or self.usd > 0, "usd", "more than 0 US dollars", self.usd)
        _require(self.target is None or 0 < self.target <= 100, "target", "a top-1 in percent", self.target)
        _require(self.per_round >= 1, "per_round", "1 or more", self.per_round)
        _require(self.fidelity in ("full", "race"), "fidelity", "full or race", self.fidelity)
        _require(0 < self.race_error < 1, "race_error", "a probability", self.race_error)
        if self.one_conversation:
            names = sorted({settings.name for settings in self.models.values()})
            _require(len(names) == 1, "single", "one model in both roles", " and ".join(names) or "none")
            asked = "another choice of memory" if not self.navigator_memory or self.generator_memory else ""
            _require(not asked, "single", "one conversation, which is remembered", asked)

    @property
    def one_conversation(self) -> bool:
        """One model in both roles: what `single` asks of any strategy, and `sillm` of itself."""
        return self.single or self.strategy == "sillm"

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, source: str) -> Config:
        """The inverse of `to_json`; `source` names the file in messages.

        Raises:
            UserError: not a configuration, or one of a newer schema.
        """
        try:
            values = json.loads(text)
            schema = values.pop("schema")
            newer = schema > SCHEMA
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise UserError(f"{source} is not the configuration of a run ({error}); start a new run") from None
        if newer:
            raise UserError(
                f"{source} has schema {schema}, this program knows up to {SCHEMA}; "
                "continue the run with the version of the program that made it"
            )
        names = sorted(each.name for each in fields(cls))
        if not {"supernet"} <= values.keys() <= set(names):
            raise UserError(f"{source}: expected the fields {', '.join(names)}; got {', '.join(sorted(values))}")
        models = {role: ModelSettings.from_json(model) for role, model in values.get("models", {}).items()}
        return cls(**{**values, "models": models})


def _require(holds: bool, name: str, expected: str, got: object) -> None:
    if not holds:
        raise UserError(f"{name}: expected {expected}, got {got}")
