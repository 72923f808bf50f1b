"""Everything that talks to a language model. It sees a search space only as text, a JSON schema and tables."""

from agents.answers import Answer, Rejected, parse_answer
from agents.briefing import Briefing, Round
from agents.caller import Caller, OnText
from agents.faults import CallError, ModelError
from agents.generator import Check, Generator, Proposals
from agents.method import Method
from agents.navigator import Navigator
from agents.providers import chat_model, chat_models, default_model, is_litellms, local_servers, present_keys
from agents.settings import ModelSettings, Price
from agents.strategy import Strategy, parse_strategy
from agents.tables import COST_COLUMNS, Row, format_rows, parse_rows
from agents.templates import Prompts
from agents.transcript import Call, MemoryTranscript, Message, Reply, Request, Transcript

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
