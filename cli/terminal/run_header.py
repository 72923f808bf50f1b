"""The notes at the start and the end of a run: settings with their reasons, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.models.local.model_file import EMBEDDED
from agents.models.model_registry import is_analyst
from agents.models.settings import ModelSettings
from graph.config import Config
from graph.limits import limits_text
from graph.role_options import differences
from graph.search import RunNotes

if TYPE_CHECKING:
    from supernets.evaluate.evaluator import Opened

ShownSetting = tuple[str, str, str]
"""Label, value, reason."""


@dataclass(frozen=True)
class SettingReasons:
    """The reason for each setting; a setting that is not listed was given by the user."""

    reasons: Mapping[str, str]
    otherwise: str = "as asked"

    @classmethod
    def all(cls, reason: str) -> SettingReasons:
        """One reason for every setting."""
        return cls({}, reason)

    def why(self, setting: str) -> str:
        return self.reasons.get(setting, self.otherwise)


def run_notes(
    config: Config,
    reasons: SettingReasons,
    opened: Opened,
    folder: str,
    keys: Sequence[str],
    servers: Sequence[tuple[str, str]],
) -> RunNotes:
    """The notes of a run without `RunNotes.draw`, which depends on the caller's screen."""
    return RunNotes(
        settings_shown=(
            *_model_settings(config, reasons),
            *_agents(config),
            *((label, value, reasons.why(setting)) for label, value, setting in opened.settings_shown),
            ("limit", limits_text(config), reasons.why("limits")),
            *([("disguise", "the agents see neutral names", reasons.why("disguise"))] if config.disguise else []),
            *([("race", _race(config), reasons.why("race_error"))] if config.fidelity == "race" else []),
            ("budget", _budget(config), reasons.why("evaluations")),
            *_rounds(config, reasons),
            ("seed", str(config.seed), reasons.why("seed")),
            ("run folder", folder, "everything is recorded there"),
        ),
        opening=(*_model_notes(config, keys, servers), *opened.notes),
        closing=opened.closing,
    )


def _model_settings(config: Config, reasons: SettingReasons) -> list[ShownSetting]:
    if not config.models:
        return [("strategy", config.strategy, "no agents take part")]
    if len(set(config.models.values())) == 1:
        return [("model", _model_text(next(iter(config.models.values()))), reasons.why("models"))]
    return [(role, _model_text(settings), reasons.why("models")) for role, settings in config.models.items()]


def _model_text(settings: ModelSettings) -> str:
    """A model with its unusual settings and its fallbacks."""
    usual = ModelSettings(name=settings.name)
    parts = [
        settings.name,
        f"at {settings.api_base}" if settings.api_base else "",
        f"temperature {settings.temperature:g}" if settings.temperature != usual.temperature else "",
        f"reasoning effort {settings.reasoning_effort}" if settings.reasoning_effort else "",
        f"{settings.local_prompts} prompts" if settings.local_prompts else "",
        *(f"if it fails {_model_text(fallback)}" for fallback in settings.fallbacks),
    ]
    return ", ".join(filter(None, parts))


def _agents(config: Config) -> list[ShownSetting]:
    found = differences(config)
    return [("agents", ", ".join(found), "differs from the paper")] if found else []


def _rounds(config: Config, reasons: SettingReasons) -> list[ShownSetting]:
    unusual = config.per_round != config.usual_per_round
    return [("rounds", f"of {config.per_round} proposals", reasons.why("per_round"))] if unusual else []


def _race(config: Config) -> str:
    return f"candidates that cannot win stop early; {100 * config.race_error:g} % of those that would win may"


def _budget(config: Config) -> str:
    minutes = f" or {config.minutes:g} minutes" if config.minutes else ""
    tokens = f" or {config.tokens:,} tokens" if config.tokens else ""
    usd = f" or {config.usd:.2f} USD" if config.usd else ""
    target = f", or {config.target:g} % top-1 reached" if config.target else ""
    return f"{config.evaluations} evaluations{minutes}{tokens}{usd}{target}"


_EMBEDDED_NOTE = (
    "`local` is a very small language model: it shows the whole path at work and recombines what scored well, but do "
    "not expect it to understand why. Name a larger one with --llm NAME or --llm local:FILE; docs/models-local.md has "
    "figures."
)


def _model_notes(config: Config, keys: Sequence[str], servers: Sequence[tuple[str, str]]) -> list[str]:
    names = {each.name for settings in config.models.values() for each in settings.fallback_chain}
    embedded = [_EMBEDDED_NOTE] if EMBEDDED in names else []
    analyst = next(filter(is_analyst, names), None)
    if analyst is None:
        return embedded
    notes = [
        *embedded,
        f"No language model is involved where the model is `{analyst}`: the built-in analyst reads the same prompts "
        "and fits statistics to them. Choose a model with --llm NAME, for example --llm openai/gpt-5-mini.",
    ]
    if config.interactive and is_analyst(config.models["navigator"].name):
        notes.append("The analyst reads numbers alone: it cannot follow a remark, so edit its strategies instead.")
    if keys:
        notes.append(f"Keys are present for: {', '.join(keys)}.")
    if servers:
        notes.append("Local servers answer: " + ", ".join(f"{name} at {url}" for name, url in servers) + ".")
    return notes
