"""The abilities of a model according to litellm, and the answer forms that follow from them.

litellm knows the models of providers, but not what runs on a user's own server. An unknown ability is None; a JSON
schema is then tried, and the request is repeated without it if the server refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from agents.models.hosted.litellm_client import provider_of
from agents.models.hosted.pricing import listed, price
from agents.models.settings import ModelSettings, Price

_SERVERS_WITH_SCHEMA = ("hosted_vllm", "ollama", "ollama_chat")
"""Servers that constrain any model to a schema; litellm, which knows only models, reports that they cannot."""
_ANSWER = "answer"


class AnswerForm(Enum):
    """A way to constrain an answer to a JSON schema; the prompt describes the schema in any case."""

    SCHEMA = "JSON schema"
    TOOL = "tool call"
    PLAIN = "prompt alone"

    def arguments(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The arguments that ask litellm for an answer that fits `schema`."""
        if self is AnswerForm.SCHEMA:
            return {"response_format": {"type": "json_schema", "json_schema": {"name": _ANSWER, "schema": schema}}}
        if self is AnswerForm.TOOL:
            function = {"name": _ANSWER, "description": "Give the answer.", "parameters": schema}
            choice = {"type": "function", "function": {"name": _ANSWER}}
            # Without the last argument litellm imports a package for MCP that it does not install.
            tools = [{"type": "function", "function": function}]
            return {"tools": tools, "tool_choice": choice, "_skip_mcp_handler": True}
        return {}


@dataclass(frozen=True, kw_only=True)
class Capability:
    """What litellm knows of a model; None stands for unknown."""

    json_schema: bool | None
    tools: bool | None
    context: int | None
    """Maximum number of prompt tokens."""
    price: Price | None

    @property
    def forms(self) -> tuple[AnswerForm, ...]:
        """The answer forms in the order in which they are tried; no provider refuses the last one."""
        schema = () if self.json_schema is False else (AnswerForm.SCHEMA,)
        tool = (AnswerForm.TOOL,) if self.tools else ()
        return (*schema, *tool, AnswerForm.PLAIN)


def capability(settings: ModelSettings) -> Capability:
    """What litellm knows of a model, without a network request.

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
