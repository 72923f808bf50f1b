"""A description of a model for people: what litellm knows of it, and the result of one small real call."""

from __future__ import annotations

import json

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.models.hosted.capability import Capability
from agents.models.hosted.litellm_model import LiteLLMChatModel
from agents.models.model_registry import chat_model, uses_litellm
from agents.models.settings import ModelSettings
from agents.text.sanitize import excerpt
from common.errors import UserError

ProbeLine = tuple[str, str]

_PRIMES = (2, 3, 5, 7)
_ASK = [{"role": "user", "content": 'Answer with nothing but a JSON object of this form: {"prime": a prime below 9}'}]
_SCHEMA = {
    "type": "object",
    "properties": {"prime": {"type": "integer", "enum": list(_PRIMES)}},
    "required": ["prime"],
    "additionalProperties": False,
}


def known(capability: Capability) -> str:
    """What litellm knows of a model, in one line."""
    words, price = {True: "yes", False: "no", None: "unknown"}, capability.price
    facts = (
        f"JSON schema {words[capability.json_schema]}",
        f"tool calls {words[capability.tools]}",
        f"context {capability.context:,} tokens" if capability.context else "context unknown",
        f"US dollars per million tokens: {price.prompt * 1e6:g} of prompt, {price.completion * 1e6:g} of completion"
        if price
        else "price unknown",
    )
    return "; ".join(facts)


def probe(settings: ModelSettings, stream: bool = True) -> list[ProbeLine]:
    """The results of one small call, made as a run makes its calls, as pairs of a name and a text.

    Raises:
        UserError: the model is not one of litellm's, or it needs a key or an address that is missing.
        ModelError: the model did not answer.
    """
    if not uses_litellm(settings.name):
        raise UserError(f"--probe: expected a litellm model, got {settings.name}, which answers search prompts only")
    model = chat_model(settings, seed=0, stream=stream)
    notes: list[str] = []
    caller = Caller(
        model=model,
        name=settings.name,
        role="probe",
        transcript=MemoryTranscript(),
        deadline=settings.deadline,
        on_message=notes.append,
        closing="",
    )
    reply = caller.ask(_ASK, 1, 1, _SCHEMA, on_text=lambda text: None)
    form = f" (asked by {model.forms[0].value})" if isinstance(model, LiteLLMChatModel) else ""
    estimated = " (estimated)" if reply.estimated else ""
    return [
        ("latency", f"{reply.seconds:.2f} s"),
        ("answer", _kept(reply.text) + form),
        ("tokens", f"{reply.prompt_tokens} of prompt, {reply.completion_tokens} of completion{estimated}"),
        ("price", "unknown" if reply.cost_usd is None else f"{reply.cost_usd:.6f} US dollars"),
        *(("note", note) for note in notes),
    ]


def _kept(text: str) -> str:
    try:
        kept = json.loads(text) in ({"prime": prime} for prime in _PRIMES)
    except ValueError:
        kept = False
    return "keeps the schema" if kept else f"does not keep the schema: {excerpt(text)}"
