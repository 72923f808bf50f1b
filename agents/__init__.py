"""Everything that talks to a language model. It sees a search space only as text, a JSON schema and tables."""

from agents.calls.caller import Caller, OnText
from agents.calls.transcript import Call, MemoryTranscript, Message, Reply, Request, Transcript
from agents.model_errors import CallError, ModelError
from agents.models.model_registry import (
    chat_model,
    chat_models,
    default_model,
    is_litellms,
    local_servers,
    present_keys,
)
from agents.models.settings import ModelSettings, Price
from agents.roles.briefing import Briefing, Round
from agents.roles.generator import Check, Generator, Proposals
from agents.roles.navigator import Navigator
from agents.roles.options import Method
from agents.text.architecture_table import COST_COLUMNS, Row, format_rows, parse_rows
from agents.text.guidance import Strategy, parse_strategy
from agents.text.prompt_templates import Prompts
from agents.text.proposals import Answer, Rejected, parse_answer

__all__ = [
    "COST_COLUMNS",
    "Answer",
    "Briefing",
    "Call",
    "CallError",
    "Caller",
    "Check",
    "Generator",
    "MemoryTranscript",
    "Message",
    "Method",
    "ModelError",
    "ModelSettings",
    "Navigator",
    "OnText",
    "Price",
    "Prompts",
    "Proposals",
    "Rejected",
    "Reply",
    "Request",
    "Round",
    "Row",
    "Strategy",
    "Transcript",
    "chat_model",
    "chat_models",
    "default_model",
    "format_rows",
    "is_litellms",
    "local_servers",
    "parse_answer",
    "parse_rows",
    "parse_strategy",
    "present_keys",
]
