"""Sends a role's whole prompt to a model on the program's own server, with a grammar for the parts that programs read.

A strategy must have its headings and end with a readable block; architectures must fit the caller's schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.models.local.gguf import context_length
from agents.models.local.model_file import EMBEDDED, model_file
from agents.models.settings import ModelSettings
from agents.text.genes import Gene, read_genes
from agents.text.guidance import HEADINGS
from common.errors import UserError
from common.files import cache_folder

CONTEXT = 16_384
"""Tokens of context for a conversation with whole prompts. Of its second round's 8,000 characters, a tokenizer that
splits numbers into digits made 5,000 tokens."""
_SMALLEST_BYTES = 500_000_000
"""Smallest file whose model is sent whole prompts unless the user says otherwise: about a billion weights of 4 bits."""
_WEIGHTS = (0, 0.1, 0.2, 0.5, 1)
"""Weights of choices in a block. Free numbers tempt small models to endless digits."""
_MOST_EXAMPLES = 4
"""With more, the longest strategy of a space with many genes would exceed the longest answer."""
_LONGEST_PROSE = 1_000
"""Characters under one heading."""


def full_context(settings: ModelSettings) -> int | None:
    """The context in tokens if a local model is sent whole prompts; None if it is asked short questions.

    Raises:
        UserError: the model's file cannot be read, or whole prompts are asked of a model with too short a context.
    """
    if settings.local_prompts == "short" or (settings.local_prompts is None and settings.name == EMBEDDED):
        return None
    file = model_file(settings.name, cache_folder())
    trained = context_length(file)
    if settings.local_prompts is None:
        fits = trained is not None and trained >= CONTEXT and file.stat().st_size >= _SMALLEST_BYTES
        return CONTEXT if fits else None
    if trained is not None and trained < CONTEXT:
        raise UserError(
            f"--local-prompts full: expected a model with a context of {CONTEXT:,} tokens or more, {file.name} has "
            f"{trained:,}: use --local-prompts short or another file"
        )
    return CONTEXT


def json_grammar(schema: Mapping[str, Any]) -> str:
    """A grammar for compact JSON that fits a schema.

    With `response_format` the schema would allow any white space, which took a quarter of the tokens.
    """
    return f"%llguidance {{}}\nstart: {_compact(schema)}"


def strategy_grammar(messages: Sequence[tuple[str, str]]) -> str | None:
    """A grammar for a strategy: prose under the fixed headings, then a block; None if the prompt lists no genes."""
    genes = next((found for role, text in messages if role == "system" and (found := read_genes(text))), None)
    if genes is None:
        return None
    parts = [f'"{_heading(name, first=n == 0)}" PROSE' for n, name in enumerate(HEADINGS)]
    prose = f"PROSE: /([^`#]|`[^`#]){{20,{_LONGEST_PROSE}}}/"
    block = f'block: "\\n```json\\n" {_compact(_block_schema(genes.genes))} "\\n```"'
    return f"%llguidance {{}}\nstart: {' '.join(parts)} block\n{prose}\n{block}"


def _heading(name: str, *, first: bool) -> str:
    return f"## {name}\\n" if first else f"\\n## {name}\\n"


def _compact(schema: Mapping[str, Any]) -> str:
    return f"%json {json.dumps({**schema, 'x-guidance': {'whitespace_flexible': False}})}"


def _block_schema(genes: Sequence[Gene]) -> dict[str, Any]:
    weight = {"enum": list(_WEIGHTS)}
    prefer = {gene.label: _object({str(choice): weight for choice in gene.choices}) for gene in genes}
    examples = {"type": "array", "items": _genotype_schema(genes), "maxItems": _MOST_EXAMPLES}
    return _object({"examples": examples, "prefer": {**_object(prefer), "required": []}})


def _genotype_schema(genes: Sequence[Gene]) -> dict[str, Any]:
    names: dict[str, list[Gene]] = {}
    for gene in genes:
        names.setdefault(gene.name, []).append(gene)
    return _object({name: _value_schema(members) for name, members in names.items()})


def _value_schema(members: Sequence[Gene]) -> dict[str, Any]:
    schemas = [{"enum": list(gene.choices)} for gene in members]
    if members[0].index is None:
        return schemas[0]
    return {"type": "array", "prefixItems": schemas, "items": False, "minItems": len(schemas), "maxItems": len(schemas)}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
