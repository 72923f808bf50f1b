"""litellm, imported on first use and configured to fetch nothing, send no telemetry and print nothing."""

from __future__ import annotations

import gc
import logging
import os
import sys
from functools import cache
from typing import Any

from common.errors import UserError

_NAMES = "a name that litellm knows, such as openai/gpt-5-mini, anthropic/claude-sonnet-4-5 or ollama_chat/qwen3"


@cache
def litellm() -> Any:
    """The litellm module; importing it takes seconds, so call this only when a model is created."""
    # litellm reads these on import: no download of a price list or of headers, no `.env` file of the working folder.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import httpx
    import litellm as library
    from litellm.llms.custom_httpx.http_handler import get_ssl_configuration

    from agents.models.hosted.transport import ModelTransport

    library.telemetry = False
    library.suppress_debug_info = True
    # Otherwise it looks for tokenizers on a hub, which takes half a minute without a network.
    library.disable_hf_tokenizer_download = True
    # Its log lines would interrupt a trace and may contain the request.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    # It would discard an answer that ends with repetitions; `stream.py` handles these.
    setattr(library, "REPEATED_STREAMING_CHUNK_LIMIT", sys.maxsize)  # noqa: B010
    # The first is used for OpenAI and servers like it, the second for all others.
    transport = ModelTransport(verify=get_ssl_configuration())
    library.client_session = httpx.Client(transport=transport, follow_redirects=True)
    library.sync_transport = transport
    # Garbage collection of its many objects would delay the end of the program, also after Ctrl-C, by two seconds.
    gc.freeze()
    return library


def provider_of(name: str) -> str:
    """The provider of a model, by litellm's name for it.

    Raises:
        UserError: litellm knows no provider for it.
    """
    try:
        return str(litellm().get_llm_provider(name)[1])
    except litellm().exceptions.BadRequestError:
        raise UserError(f"unknown model {name!r}; expected `analyst`, `local`, `scripted:FILE` or {_NAMES}") from None
