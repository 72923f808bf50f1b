"""Chat models by the name a user types, and the keys and model servers present on this machine.

`analyst` is the built-in analyst, `random-edits` its control, `local` a small language model on a server that the
program starts itself (`local:FILE` runs another file), `scripted:FILE` plays answers from a file, and any other name
is a litellm name, such as `openai/gpt-5-mini` or `ollama_chat/qwen3`. Nothing that costs money or leaves the machine
is used without being named. The modules of the models are imported only when a model is created. Keys are found by
the name of their environment variable; their values are never shown.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.models.hosted.keys import key_problem
from agents.models.local.model_file import is_local, model_file
from agents.models.settings import ModelSettings
from common.files import cache_folder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ANALYST = "analyst"
_FORMER_ANALYST = "offline"
"""Name of the analyst in older runs. It stays valid, and is kept as recorded, because it is part of their call keys."""
RANDOM_EDITS = "random-edits"
SCRIPTED = "scripted:"

_KEYS = (
    ("anthropic", "ANTHROPIC_API_KEY"), ("azure", "AZURE_API_KEY"), ("bedrock", "AWS_ACCESS_KEY_ID"),
    ("cerebras", "CEREBRAS_API_KEY"), ("cohere", "COHERE_API_KEY"), ("dashscope", "DASHSCOPE_API_KEY"),
    ("deepinfra", "DEEPINFRA_API_KEY"), ("deepseek", "DEEPSEEK_API_KEY"), ("fireworks_ai", "FIREWORKS_AI_API_KEY"),
    ("gemini", "GEMINI_API_KEY"), ("gemini", "GOOGLE_API_KEY"), ("groq", "GROQ_API_KEY"),
    ("mistral", "MISTRAL_API_KEY"), ("moonshot", "MOONSHOT_API_KEY"), ("nvidia_nim", "NVIDIA_NIM_API_KEY"),
    ("openai", "OPENAI_API_KEY"), ("openrouter", "OPENROUTER_API_KEY"), ("perplexity", "PERPLEXITYAI_API_KEY"),
    ("together_ai", "TOGETHERAI_API_KEY"), ("xai", "XAI_API_KEY"),
)  # fmt: skip
"""Provider and the environment variable of its key."""

USUAL_SERVERS = (
    ("Ollama", 11434, "/api/version"),
    ("vLLM", 8000, "/v1/models"),
    ("LM Studio", 1234, "/v1/models"),
    ("llama.cpp", 8080, "/v1/models"),
)
"""Name, loopback port, and a path that the server answers with a JSON object."""

_TIMEOUT = 0.2


def chat_model(settings: ModelSettings, *, seed: int, stream: bool = True) -> BaseChatModel:
    """The chat model that `settings` names, without its fallbacks.

    Args:
        stream: whether hosted models may be asked for their answers as streams.

    Raises:
        UserError: there is no such model, its key is not in the environment, or its file cannot be read.
    """
    name = settings.name
    if is_analyst(name):
        from agents.models.analyst.analyst import AnalystChatModel

        return AnalystChatModel(seed=seed)
    if name == RANDOM_EDITS:
        from agents.models.random_editor import RandomEditsChatModel

        return RandomEditsChatModel(seed=seed)
    if name.startswith(SCRIPTED):
        from agents.models.scripted import ScriptedChatModel

        return ScriptedChatModel.from_file(Path(name.removeprefix(SCRIPTED)))
    if is_local(name):
        from agents.models.local.full_prompts import full_context
        from agents.models.local.local_model import local_model

        file, context = model_file(name, cache_folder()), full_context(settings)
        return local_model(file, seed=seed, temperature=settings.temperature, full_context=context)
    from agents.models.hosted.litellm_model import litellm_model

    return litellm_model(settings, seed=seed, stream=stream)


def chat_models(settings: ModelSettings, *, seed: int, stream: bool = True) -> list[BaseChatModel]:
    """The model of `settings` and its fallbacks, in the order in which they are used; raises as `chat_model` does."""
    return [chat_model(each, seed=seed, stream=stream) for each in settings.fallback_chain]


def is_analyst(name: str) -> bool:
    """Whether `name` is the built-in analyst, also by its former name."""
    return name in (ANALYST, _FORMER_ANALYST)


def is_language_model(name: str) -> bool:
    """Whether `name` is a language model, hosted or local: not the analyst, random edits or scripted answers."""
    return not is_analyst(name) and name.partition(":")[0] not in ("scripted", RANDOM_EDITS)


def uses_litellm(name: str) -> bool:
    """Whether a model of this name is called through litellm."""
    return is_language_model(name) and not is_local(name)


def default_model() -> tuple[str, str]:
    """The model to use when the user named none, and the reason as a sentence for the run header."""
    if name := os.environ.get("COLLM_LLM", "").strip():
        return name, "named by the environment variable COLLM_LLM"
    return ANALYST, "no model was named: the built-in analyst answers, no language model is involved"


def present_keys() -> list[str]:
    """Names of hosted providers with a usable key in the environment."""
    values = ((provider, os.environ.get(variable, "")) for provider, variable in _KEYS)
    return list(dict.fromkeys(provider for provider, value in values if not key_problem(value)))


def key_variable(name: str) -> str:
    """The environment variable that holds the key for a model."""
    provider = name.partition("/")[0]
    return next((variable for known, variable in _KEYS if known == provider), "the variable of its provider")


def local_servers(servers: Sequence[tuple[str, int, str]] = USUAL_SERVERS) -> list[tuple[str, str]]:
    """Name and address of the model servers that answer on loopback, found within a third of a second."""
    answers: queue.SimpleQueue[tuple[int, bool]] = queue.SimpleQueue()

    def probe(i: int, port: int, path: str) -> None:
        answers.put((i, _answers(port, path)))

    for i, (_, port, path) in enumerate(servers):
        # Daemon threads: a server that answers byte by byte must not delay the program.
        threading.Thread(target=probe, args=(i, port, path), daemon=True).start()
    up: set[int] = set()
    end = time.monotonic() + 1.5 * _TIMEOUT
    for _ in servers:
        try:
            i, answered = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        if answered:
            up.add(i)
    return [(name, f"http://127.0.0.1:{port}") for i, (name, port, _) in enumerate(servers) if i in up]


def _answers(port: int, path: str) -> bool:
    # http.client, because it ignores proxies of the environment.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status == 200 and isinstance(json.loads(response.read(1_000_000)), dict)
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
