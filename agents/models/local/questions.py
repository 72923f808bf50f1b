"""Translates a role's prompt into a short question for a small model, and its answer back.

The prompt is the one that every model receives, parsed as the analyst does (`agents/models/analyst/prompt_reader.py`).
The question takes a few hundred tokens instead of thousands. A JSON schema that allows only legal architectures within
the strategy's ranges constrains the answer, which is then rewritten in the form that the prompt asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.models.analyst.features import Features
from agents.models.analyst.findings import FitInputs
from agents.models.analyst.prompt_reader import ParsedPrompt, read_prompt
from agents.models.analyst.strategy_block import read_block
from agents.models.analyst.weighted_sampling import Sampler
from agents.models.local.architecture_codes import ArchitectureCodes
from agents.text.architecture_table import ArchitectureRow
from agents.text.prompt_templates import read_sections
from common.errors import UserError

_TEMPLATES = read_sections(Path(__file__).with_suffix(".md"))
_LONGEST_ANSWER = 500
"""Maximum tokens of the codes in one answer, one per character: ten seconds, or two minutes on a busy machine."""
_EXAMPLES = 8
"""Maximum number of example codes in a Generator's question."""
_EXTRA_TEMPERATURE = 0.4
"""Added to the temperature for candidates, because long answers of a small model repeat themselves."""
_SHOWN = 8
"""Maximum number of architectures from which the Navigator chooses."""
_FEWEST = 3
"""Minimum number of examples from which preferences are derived."""
_LEAST_WEIGHT = 0.2
"""Minimum weight of an allowed choice, as a share of the largest weight of its gene."""
_DIRECTIONS = re.compile(r"^#+ *Directions *\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_LONGEST_DIRECTIONS = 500


@dataclass(frozen=True, kw_only=True)
class ShortQuestion:
    """A question for a small model, and the translation of its answer."""

    text: str
    schema: dict[str, Any]
    """JSON schema of the model's answer."""
    answer: Callable[[Mapping[str, Any]], str]
    """Translates an answer that fits the schema to the text that the role's prompt asked for."""
    extra_temperature: float = 0.0
    """Amount to add to the configured temperature."""


def short_question(messages: Sequence[tuple[str, str]]) -> ShortQuestion:
    """The question for the prompt `messages`: pairs of (`system`, `user` or `assistant`) and text.

    Raises:
        UserError: the prompt has no gene table, or asks for the prediction of a score.
    """
    if messages[0][1].startswith("- role: predictor\n"):
        raise UserError(
            "a model of this size gets short questions about strategies and architectures, and cannot predict scores. "
            "What to do: name a larger one with --llm NAME."
        )
    prompt = read_prompt(messages)
    codes = ArchitectureCodes(prompt.table)
    return _for_generator(prompt, codes, messages) if prompt.role == "generator" else _for_navigator(prompt, codes)


def _for_generator(
    prompt: ParsedPrompt, codes: ArchitectureCodes, messages: Sequence[tuple[str, str]]
) -> ShortQuestion:
    block = read_block(Features(prompt.table), prompt.block)
    weights = block.prefer.reshape(len(prompt.table.genes), -1)
    allowed = weights >= _LEAST_WEIGHT * weights.max(axis=1, keepdims=True)
    known = [*block.examples, *_near_the_limit(prompt)]
    examples = dict.fromkeys(code for genotype in known if (code := codes.encode(genotype)))
    count = min(prompt.wanted, max(1, _LONGEST_ANSWER // codes.length))
    text = _TEMPLATES["generator"].substitute(
        legend=codes.legend(),
        directions=_directions(messages[1][1]),
        examples="\n".join(list(examples)[:_EXAMPLES]),
        count=count,
    )
    form = {"type": "string", "pattern": codes.pattern(allowed)}
    schema = _object(codes={"type": "array", "items": form, "minItems": count, "maxItems": count})

    def answer(found: Mapping[str, Any]) -> str:
        return json.dumps({"architectures": [codes.decode(code) for code in found["codes"]]}, separators=(",", ":"))

    return ShortQuestion(text=text, schema=schema, answer=answer, extra_temperature=_EXTRA_TEMPERATURE)


def _for_navigator(prompt: ParsedPrompt, codes: ArchitectureCodes) -> ShortQuestion:
    scored = _scored(prompt)
    shown = [(row.genotype, _known(row)) for row in scored] or [(each, "") for each in _near_the_limit(prompt)]
    shown = shown[:_SHOWN]
    # One of each pair of neighbours, so that the answer cannot repeat one network.
    pairs = [list(range(n, min(n + 2, len(shown) + 1))) for n in range(1, len(shown) + 1, 2)]
    text = _TEMPLATES["navigator"].substitute(
        legend=codes.legend(),
        limits="\n".join(f"{column} must be at most {value:g}." for column, value in prompt.limits),
        networks="\n".join(
            ": ".join(filter(None, (str(n), known, codes.encode(each))))
            for n, (each, known) in enumerate(shown, start=1)
        ),
        pairs=", ".join(" or ".join(map(str, pair)) for pair in pairs),
    )
    schema = _object(build_on=_array([{"type": "integer", "enum": pair} for pair in pairs]))

    def answer(found: Mapping[str, Any]) -> str:
        examples = [shown[n - 1][0] for n in found["build_on"]]
        prefer = codes.seen(examples) if scored and len(examples) >= _FEWEST else {}
        block = json.dumps({"prefer": prefer, "examples": examples})
        return _TEMPLATES["strategy"].substitute(known=_summary(scored), block=block)

    return ShortQuestion(text=text, schema=schema, answer=answer)


def _array(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items), "maxItems": len(items)}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _scored(prompt: ParsedPrompt) -> list[ArchitectureRow]:
    """The scored architectures without repetition, the best first."""
    by_genotype = {json.dumps(row.genotype): row for row in prompt.rows if row.top1 is not None}
    return sorted(by_genotype.values(), key=lambda row: -(row.top1 or 0.0))


def _near_the_limit(prompt: ParsedPrompt) -> list[dict[str, Any]]:
    """Architectures just below the limit, drawn at random; the prompt has the costs that this takes."""
    features = Features(prompt.table)
    target = FitInputs.of(prompt).target
    sampler = Sampler(features, target, np.ones(features.columns.shape[0]))
    return [prompt.table.decode(x) for x in sampler.near(np.random.default_rng(prompt.round), _SHOWN, ())]


def _known(row: ArchitectureRow) -> str:
    costs = [f"{name} {value:.4g}" for name, value in row.costs.items() if value is not None]
    return ", ".join([f"top1 {row.top1 or 0:.1f}", *costs])


def _directions(request: str) -> str:
    """The beginning of the directions in the strategy that a request quotes."""
    found = _DIRECTIONS.search(request)
    return found[1].strip()[:_LONGEST_DIRECTIONS] if found else ""


def _summary(scored: Sequence[ArchitectureRow]) -> str:
    if not scored:
        return "Nothing is scored yet."
    return f"{len(scored)} architectures are scored; the best has top1 {scored[0].top1:.2f}."
