"""The analyst: what speaks when there is no language model, and the control that one has to beat.

A chat model like the others: it sees the prompt and nothing else, and answers in the same form. As Navigator it fits
what the prompt shows; as Generator it draws what the strategy says. The statistics are in `agents/analyst/`. Its
randomness comes from its seed and the prompt alone, so the same question always gets the same answer.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from common.errors import UserError

_ROLES = {"ai": "assistant", "human": "user"}


class AnalystChatModel(BaseChatModel):
    """`seed` fixes every draw, together with the prompt."""

    seed: int = 0

    @property
    def _llm_type(self) -> str:
        return "analyst"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"seed": self.seed}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """
        Raises:
            UserError: the prompt has no table of genes, or asks for a ranking without scores.
        """
        pairs = [(_ROLES.get(message.type, message.type), str(message.text)) for message in messages]
        message = AIMessage(_answer(pairs, self.seed), response_metadata={"cost_usd": 0.0})
        return ChatResult(generations=[ChatGeneration(message=message)])


def _answer(messages: list[tuple[str, str]], seed: int) -> str:
    # numpy is needed only when the analyst speaks.
    import numpy as np

    from agents.models.analyst.generator_answer import generate
    from agents.models.analyst.navigator_answer import navigate
    from agents.models.analyst.prompt_reader import read_prompt

    if messages[0][1].startswith("- role: ranker\n"):
        raise UserError(
            "the analyst cannot rank architectures blind: it knows nothing but the scores that it is shown, and would "
            "have to guess. What to do: name a language model with --llm NAME."
        )
    prompt = read_prompt(messages)
    digest = hashlib.sha256(json.dumps([seed, messages]).encode("utf-8", "replace")).digest()
    rng = np.random.default_rng(int.from_bytes(digest))
    if prompt.role == "navigator":
        return navigate(prompt, rng)
    return json.dumps({"architectures": generate(prompt, rng)}, separators=(",", ":"))
