"""The settings of a search as one frozen value, kept in a run's `config.json`.

Notable: every value is checked when a configuration is made, whether it comes from options, a file or a script, and all
problems are reported at once. Whether a supernet, a model or a limit exists is checked by their own modules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails

from agents.models.settings import ModelSettings
from common.errors import UserError, unknown_name
from graph import defaults
from graph.schedule import Schedule

SCHEMA = 2

Positive = Annotated[float, Field(gt=0)]

_BESIDE = (
    "schema",
    "models",
    "interactive",
    "weights",
    "images",
    "imagenet",
    "predictor",
    "prompts",
    "device",
    "labels",
)
"""Fields that do not decide what a search does, or are compared by their content."""


class Config(BaseModel):
    """The settings of a search.

    Raises:
        UserError: an unknown setting, a value of the wrong type or range, or settings that exclude each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    supernet: str
    """Name of a family, or `/path/to/family.py:NAME`."""
    strategy: str = defaults.STRATEGY
    """Search strategy, one of `graph.strategies.strategy_names()`."""
    seed: int = defaults.SEED
    evaluations: Annotated[int, Field(ge=1)] = defaults.EVALUATIONS
    """Evaluation budget: maximum number of architectures to score."""
    minutes: Positive | None = None
    """Time budget."""
    # Integers stay integers: the name of a study's folder is a hash of this text.
    limits: Mapping[str, int | float] = {}
    """Maximum of each limited cost column (`macs_m`, `params_m`, `latency_ms`, ...), in the column's unit. A list of
    maxima of one column makes a sweep: here is the largest then, and all are in `sweep`."""
    sweep: Mapping[str, Sequence[int | float]] = {}
    """One limited column to its maxima, ascending, each of which gets its own winner; empty for one limit."""
    objective: str | None = None
    """Cost column against which the whole front is searched; None for the best architecture within the limits."""
    target: Annotated[float, Field(gt=0, le=100)] | None = None
    """Top-1 accuracy, in percent, at which the search stops."""
    models: Mapping[str, ModelSettings] = {}
    """Role (`navigator`, `generator`) to its model."""
    weights: str | None = None
    """Checkpoint; None for the bundled pocket supernet."""
    images: str | None = None
    """Folder of images; None for the bundled images."""
    device: str | None = None
    """`cpu` or `cuda`; None where nothing is computed, or where workers choose."""
    imagenet: str | None = None
    """Folder of ImageNet."""
    protocol: str = defaults.PROTOCOL
    """Split of ImageNet: `held-out`, or `paper` (search and report on the validation images)."""
    dataset: str | None = None
    """Data set of a tabular benchmark; None for its first."""
    epochs: int | None = None
    """Training epochs of a tabular benchmark; None for its usual number."""
    predictor: str | None = None
    """Accuracy predictor's checkpoint."""
    disguise: bool = False
    """Agents see the search space under neutral names only."""
    tokens: Annotated[int, Field(gt=0)] | None = None
    """Token budget: prompts and answers of all calls."""
    usd: Positive | None = None
    """Budget for language models, in US dollars."""
    latency_device: str | None = None
    """Device whose latency is one of the costs: its name, or a file written by `measure --out`."""
    per_round: Annotated[int, Field(ge=1)] = defaults.PER_ROUND
    """Candidates per round."""
    navigator_memory: bool = defaults.NAVIGATOR_MEMORY
    """The Navigator keeps its conversation between rounds."""
    generator_memory: bool = defaults.GENERATOR_MEMORY
    """The Generator keeps its conversation between rounds."""
    prescreen: Annotated[float, Field(gt=1, le=100)] | None = None
    """How many times as many proposals a round asks for, of which a predictor keeps some; None for no prescreening."""
    schedule: str | None = None
    """Scorers and iterations of the strategy `hs-nas`, such as `predictor:15,measured:15`; None for its usual one."""
    labels: str | None = None
    """File with labels by a language model, which the predictor of `hs-nas` is fitted to; None: to scores."""
    analyst_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of each round's places for the analyst, which then also fills places that the Generator leaves unusable."""
    generator_results: bool = False
    """The Generator sees the best architectures so far with their scores."""
    single: bool = False
    """One model plays both roles in one conversation."""
    evidence: bool = False
    """The Navigator sees statistics fitted to all scores."""
    prompts: str | None = None
    """Folder of prompts that replace the built-in ones."""
    interactive: bool = False
    """A reviewer is asked about each strategy of the Navigator."""
    fidelity: Literal["full", "race"] = defaults.FIDELITY
    """`full` scores every candidate on all images; `race` stops those that cannot win early."""
    race_error: Annotated[float, Field(gt=0, lt=1)] = defaults.RACE_ERROR
    """Maximum probability of wrongly stopping a candidate that would win a race."""

    @model_validator(mode="wrap")
    @classmethod
    def _explain_errors(cls, values: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return validate(values)
        except ValidationError as error:
            raise UserError("; ".join(_explain(each) for each in error.errors())) from None

    @model_validator(mode="before")
    @classmethod
    def _take_lists_as_sweep(cls, values: Any) -> Any:
        limits = values.get("limits")
        lists = [name for name in limits if _is_list(limits[name])] if isinstance(limits, Mapping) else []
        if len(lists) > 1:
            raise UserError(f"limits: expected several maxima of one cost, got them of {' and '.join(lists)}")
        for name in lists:
            maxima = limits[name]
            if not all(isinstance(each, int | float) and 0 < each < float("inf") for each in maxima):
                raise UserError(f"limits.{name}: expected positive numbers, got {list(maxima)}")
            ascending = sorted(set(maxima))
            if len(ascending) < max(2, len(maxima)):
                raise UserError(f"limits.{name}: expected two or more different maxima, got {list(maxima)}")
            values = {**values, "limits": {**limits, name: ascending[-1]}, "sweep": {name: ascending}}
        if values.get("sweep") or values.get("objective") is not None:
            return {"per_round": defaults.PER_ROUND_OF_SWEEP, **values}
        return values

    @model_validator(mode="after")
    def _check_sweep(self) -> Self:
        if not self.has_turns:
            return self
        if self.sweep and self.objective is not None:
            raise UserError("objective: expected no list of limits beside it; name the limits, or the objective")
        asked = "several limits" if self.sweep else "an objective"
        if self.fidelity == "race":
            raise UserError(f"fidelity: expected full with {asked}, got race: there is no one best to race against")
        if self.target is not None:
            raise UserError(f"target: expected none with {asked}, got {self.target:g}: no one score ends the search")
        return self

    @model_validator(mode="after")
    def _check_schedule(self) -> Self:
        asked = [name for name in ("schedule", "labels") if getattr(self, name) is not None]
        if asked and self.strategy != "hs-nas":
            raise UserError(f"{asked[0]}: expected the strategy hs-nas, got {self.strategy}; leave it out")
        if self.schedule is None:
            return self
        Schedule.parse(self.schedule)
        return self

    @model_validator(mode="after")
    def _check_one_conversation(self) -> Self:
        if not self.one_conversation:
            return self
        names = sorted({settings.name for settings in self.models.values()})
        if len(names) != 1:
            raise UserError(f"single: expected one model in both roles, got {' and '.join(names) or 'none'}")
        if not self.navigator_memory or self.generator_memory:
            raise UserError(
                "single: expected one conversation with its memory, got a choice of memory; leave out "
                "--no-navigator-memory and --generator-memory"
            )
        return self

    @property
    def has_turns(self) -> bool:
        """Whether rounds take several limits in turn."""
        return bool(self.sweep) or self.objective is not None

    @property
    def usual_per_round(self) -> int:
        """Candidates per round where nobody asked for another number."""
        return defaults.PER_ROUND_OF_SWEEP if self.has_turns else defaults.PER_ROUND

    @property
    def label(self) -> str:
        """The supernet in a word, for headings and names of folders."""
        return self.supernet.rpartition(":")[2]

    @property
    def one_conversation(self) -> bool:
        """Both roles share one conversation: with `single`, and in the strategy `sillm`."""
        return self.single or self.strategy == "sillm"

    def changed(self, **changes: Any) -> Self:
        """A copy with other values, checked like any configuration."""
        return type(self)(**{**dict(self), **changes})

    def settings(self) -> dict[str, Any]:
        """What decides a search besides its models, as JSON types; where files lie does not."""
        values: dict[str, Any] = json.loads(self.to_json())
        return {name: value for name, value in values.items() if name not in _BESIDE}

    def to_json(self) -> str:
        values = self.model_dump()
        # Left out where they say nothing, so that the settings of runs of earlier versions are the same text.
        values = {
            name: value
            for name, value in values.items()
            if value or name not in ("sweep", "objective", "schedule", "labels", "prescreen")
        }
        return json.dumps({"schema": SCHEMA, **values}, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, source: str) -> Self:
        """The inverse of `to_json`; `source` names the file in messages.

        Raises:
            UserError: the text is no configuration, or one of a newer schema.
        """
        try:
            values = json.loads(text)
            schema = values.pop("schema")
            newer = schema > SCHEMA
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise UserError(f"{source} is not the configuration of a run ({error}); start a new run") from None
        if newer:
            raise UserError(
                f"{source} has schema {schema}, this program reads schemas up to {SCHEMA}; "
                "continue the run with the version of the program that started it"
            )
        try:
            # Schema 1 kept only the name of a model.
            models = {role: ModelSettings.from_json(model) for role, model in values.get("models", {}).items()}
        except (AttributeError, TypeError) as error:
            raise UserError(f"{source}: models: expected the settings of each role's model; {error}") from None
        except UserError as error:
            raise UserError(f"{source}: models: {error}") from None
        try:
            return cls(**{**values, "models": models})
        except UserError as error:
            raise UserError(f"{source}: {error}") from None


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _explain(error: ErrorDetails) -> str:
    """One problem as `setting: expected ..., got ...`."""
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return unknown_name("setting", name, sorted(Config.model_fields))
    return f"{name}: expected a value, got none" if error["type"] == "missing" else f"{name}: {expectation(error)}"


def expectation(error: ErrorDetails) -> str:
    """What pydantic expected of a value, as `expected ..., got ...`."""
    context = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            expected = f"{context['ge']:g} or more"
        case "greater_than":
            expected = f"more than {context['gt']:g}"
        case "less_than_equal":
            expected = f"{context['le']:g} or less"
        case "less_than":
            expected = f"less than {context['lt']:g}"
        case "literal_error":
            expected = context["expected"].replace("'", "")
        case _:
            expected = error["msg"].removeprefix("Input should be ")
    return f"expected {expected}, got {error['input']!r}"
