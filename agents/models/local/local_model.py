"""The chat model on a server that the program starts itself, for both roles.

A small model receives a short question made from the role's prompt (`questions.py`), and its answer is translated into
the form that the prompt asked for; a run records the prompt and that form. The seed and the prompt alone determine the
answer: the server caches no part of a prompt, because that would change the last digits of later computations.

A larger model receives the whole prompt (`full_prompts.py`). Reading it takes most of the time, so the server keeps
what it has read of each role's conversation; an answer then also depends on the requests before it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict

from agents.model_errors import CallError
from agents.models.local.full_prompts import json_grammar, strategy_grammar
from agents.models.local.memory_check import check_memory
from agents.models.local.questions import ShortQuestion, short_question
from agents.models.local.server import ModelServer
from common.errors import UserError

_CONTEXT = 4096
_LONGEST_ANSWER = 2000
"""Maximum tokens of an answer to a short question: several times what any needs."""
_LONGEST_FULL_ANSWER = 4000
"""Maximum tokens of an answer to a whole prompt: five architectures of OFA took 700, a round has sixteen."""
_SLOTS = ("navigator", "generator")
"""Roles whose conversations the server keeps, in the order of its slots."""


def local_model(file: Path, *, seed: int, temperature: float, full_context: int | None = None) -> LocalChatModel:
    """The model in a GGUF file. Models of the same file share a server, which starts with the first question.

    Args:
        full_context: tokens of context for whole prompts; None for short questions.

    Raises:
        UserError: the package that runs it is not installed, or too little memory is free.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise UserError(
            "the model `local` needs the package xllamacpp: pip install 'collm-nas[local]' (in a clone: "
            "pip install -e '.[local]'); or name another model with --llm, `analyst` needs nothing"
        )
    check_memory(file, full=full_context is not None)
    server = _server(file, full_context)
    return LocalChatModel(server=server, seed=seed, temperature=temperature, full=full_context is not None)


@cache
def _server(file: Path, full_context: int | None) -> ModelServer:
    script = Path(__file__).with_name("serve.py")
    context, slots = (_CONTEXT, 1) if full_context is None else (full_context, len(_SLOTS))
    # -P: modules in the folder of the script must not hide installed packages.
    return ModelServer([sys.executable, "-P", str(script), str(file), str(context), str(slots)])


class LocalChatModel(BaseChatModel):
    """Call arguments: `timeout` in seconds, and `max_tokens` of the answer."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    server: ModelServer
    seed: int
    temperature: float
    """Temperature of the Navigator; the Generator's is a little higher if questions are short."""
    full: bool = False
    """Whether the model receives whole prompts."""

    @property
    def _llm_type(self) -> str:
        return "local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        settings = {"seed": self.seed, "temperature": self.temperature}
        return settings | ({"prompts": "full"} if self.full else {})

    def _generate(
        self,
        messages: list[BaseMessage],
        *args: Any,
        timeout: float = 120.0,
        max_tokens: int | None = None,
        response_schema: dict[str, Any] | None = None,
        temperature: float | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if temperature is not None and temperature != self.temperature:
            return self.model_copy(update={"temperature": temperature})._generate(
                messages, timeout=timeout, max_tokens=max_tokens, response_schema=response_schema, **kwargs
            )
        pairs = [(message["role"], str(message["content"])) for message in convert_to_openai_messages(messages)]
        if self.full:
            answer = self.server.ask(self._full_request(pairs, response_schema, max_tokens), timeout)
            text = str(answer["choices"][0]["message"]["content"] or "")
        else:
            asked = short_question(pairs)
            answer = self.server.ask(self._request(asked, _seed(self.seed, pairs), max_tokens), timeout)
            text = asked.answer(_content(answer))
        usage = answer["usage"]
        reply = AIMessage(
            text,
            usage_metadata={
                "input_tokens": usage["prompt_tokens"],
                "output_tokens": usage["completion_tokens"],
                "total_tokens": usage["total_tokens"],
            },
            response_metadata={"cost_usd": 0.0},
        )
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _request(self, asked: ShortQuestion, seed: int, max_tokens: int | None) -> dict[str, Any]:
        return {
            "messages": [{"role": "user", "content": asked.text}],
            "grammar": json_grammar(asked.schema),
            "seed": seed,
            "temperature": self.temperature + asked.extra_temperature,
            # Only the temperature and the grammar shape the sampling: the server's default cutoffs make answers alike.
            "top_k": 0,
            "top_p": 1.0,
            "min_p": 0.0,
            "max_tokens": min(_LONGEST_ANSWER, max_tokens or _LONGEST_ANSWER),
            "cache_prompt": False,
        }

    def _full_request(
        self, pairs: list[tuple[str, str]], schema: dict[str, Any] | None, max_tokens: int | None
    ) -> dict[str, Any]:
        grammar = json_grammar(schema) if schema else strategy_grammar(pairs)
        return {
            "messages": [{"role": role, "content": content} for role, content in pairs],
            **({"grammar": grammar} if grammar else {}),
            # The grammar leaves no place for reasoning before an answer.
            "chat_template_kwargs": {"enable_thinking": False},
            "seed": _seed(self.seed, pairs),
            "temperature": self.temperature,
            "max_tokens": min(_LONGEST_FULL_ANSWER, max_tokens or _LONGEST_FULL_ANSWER),
            "cache_prompt": True,
            "id_slot": _SLOTS.index("generator" if schema else "navigator"),
        }


def _seed(seed: int, pairs: list[tuple[str, str]]) -> int:
    digest = hashlib.sha256(json.dumps([seed, pairs]).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4]) >> 1


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    choice = answer["choices"][0]
    try:
        content: dict[str, Any] = json.loads(choice["message"]["content"])
    except ValueError:
        what = f"its answer is not JSON of the required form (finish reason: {choice['finish_reason']})"
        raise CallError(what, "try another model file", transient=True) from None
    return content
