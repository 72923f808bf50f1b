"""litellm, imported late and kept quiet: nothing is fetched, told to anyone, or printed into a trace."""

from __future__ import annotations

import gc
import logging
import os
from functools import cache
from typing import Any

from common.errors import UserError

_NAMES = "a name that litellm knows, such as openai/gpt-5-mini, anthropic/claude-sonnet-4-5 or ollama_chat/qwen3"


@cache
def litellm() -> Any:
    """The library; importing it takes seconds, so ask when a model is made."""
    # Read by litellm when it is imported: no fetch of a price list or of headers, no `.env` of the working folder.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm as library

    library.telemetry = False
    library.suppress_debug_info = True
    # Else the tokenizers of some models are looked for on a hub, for half a minute where there is no network.
    library.disable_hf_tokenizer_download = True
    # Its log lines would stand in the middle of a trace, and may hold what was sent.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    # Collecting its very many objects would hold up the program's end, and Ctrl-C with it, by two seconds.
    gc.freeze()
    return library


def provider_of(name: str) -> str:
    """litellm's provider of a model.

    Raises:
        UserError: there is none.
    """
    try:
        return str(litellm().get_llm_provider(name)[1])
    except litellm().exceptions.BadRequestError:
        raise UserError(f"unknown model {name!r}; expected `analyst`, `local`, `scripted:FILE` or {_NAMES}") from None
