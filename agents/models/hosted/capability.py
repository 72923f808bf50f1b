"""What a model can do, as litellm knows it, and from that the forms in which an answer is asked of it.

Notable: litellm knows models of providers, not what somebody's server runs. What it does not know is None here, and a
JSON schema is then tried: a server that refuses it is asked again without.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from agents.models.hosted.litellm_client import provider_of
from agents.models.hosted.pricing import listed, price
from agents.models.settings import ModelSettings, Price

_SERVERS_WITH_SCHEMA = ("hosted_vllm", "ollama", "ollama_chat")
"""Servers that constrain any model to a schema; litellm knows only of models, so it says no for these."""
_ANSWER = "answer"


class AnswerForm(Enum):
    """How an answer is held to a JSON schema; the prompt states the form as well."""

    SCHEMA = "JSON schema"
    TOOL = "tool call"
    PLAIN = "prompt alone"

    def arguments(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The arguments for litellm that go with `schema`."""
        if self is AnswerForm.SCHEMA:
            return {"response_format": {"type": "json_schema", "json_schema": {"name": _ANSWER, "schema": schema}}}
        if self is AnswerForm.TOOL:
            function = {"name": _ANSWER, "description": "Give the answer.", "parameters": schema}
            choice = {"type": "function", "function": {"name": _ANSWER}}
            # Without the last litellm would import a package for MCP, which is not among what it installs.
            tools = [{"type": "function", "function": function}]
            return {"tools": tools, "tool_choice": choice, "_skip_mcp_handler": True}
        return {}


@dataclass(frozen=True, kw_only=True)
class Capability:
    """None: litellm does not know."""

    json_schema: bool | None
    tools: bool | None
    context: int | None
    """Tokens of a prompt."""
    price: Price | None

    @property
    def forms(self) -> tuple[AnswerForm, ...]:
        """In the order in which they are tried; the last is never refused."""
        schema = () if self.json_schema is False else (AnswerForm.SCHEMA,)
        tool = (AnswerForm.TOOL,) if self.tools else ()
        return (*schema, *tool, AnswerForm.PLAIN)


def capability(settings: ModelSettings) -> Capability:
    """What litellm knows of a model; asks no network.

    Raises:
        UserError: litellm has no such provider.
    """
    name, entry = settings.name, listed(settings.name)
    provider = provider_of(name)
    json_schema = True if provider in _SERVERS_WITH_SCHEMA else _known(entry, "supports_response_schema")
    tools = _known(entry, "supports_function_calling")
    return Capability(
        json_schema=json_schema, tools=tools, context=entry.get("max_input_tokens"), price=price(name, settings)
    )


def _known(entry: dict[str, Any], what: str) -> bool | None:
    # The list leaves out what a listed model cannot do.
    return bool(entry.get(what)) if entry else None
