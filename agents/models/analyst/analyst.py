"""The analyst's chat model: the default model, and the control that a language model has to beat.

It sees only the prompt and answers in the same form as a language model. As Navigator it fits the results in the
prompt; as Generator it samples architectures according to the strategy. Its random numbers depend on the seed and the
prompt alone, so the same prompt always gets the same answer.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from common.errors import UserError

_ROLES = {"ai": "assistant", "human": "user"}


class AnalystChatModel(BaseChatModel):
    """Answers prompts of the Navigator and the Generator with statistics."""

    seed: int = 0
    """Determines the random numbers, together with the prompt."""

    @property
    def _llm_type(self) -> str:
        return "analyst"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"seed": self.seed}

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        """The answer to the last message.

        Raises:
            UserError: the prompt has no gene table, or asks for a ranking without scores.
        """
        pairs = [(_ROLES.get(message.type, message.type), str(message.text)) for message in messages]
        message = AIMessage(_answer(pairs, self.seed), response_metadata={"cost_usd": 0.0})
        return ChatResult(generations=[ChatGeneration(message=message)])


def _answer(messages: list[tuple[str, str]], seed: int) -> str:
    # numpy is imported only when the analyst is used.
    import numpy as np

    from agents.models.analyst.generator_answer import generate
    from agents.models.analyst.navigator_answer import navigate
    from agents.models.analyst.prompt_reader import read_prompt

    if messages[0][1].startswith("- role: predictor\n"):
        raise UserError(
            "the analyst cannot predict scores from a few examples. What to do: name a language model with --llm NAME; "
            "the ridge regression beside it is fitted to the same examples."
        )
    if messages[0][1].startswith("- role: ranker\n"):
        raise UserError(
            "the analyst cannot rank architectures without scores, because it knows only the scores in a prompt. "
            "What to do: name a language model with --llm NAME."
        )
    prompt = read_prompt(messages)
    digest = hashlib.sha256(json.dumps([seed, messages]).encode("utf-8", "replace")).digest()
    rng = np.random.default_rng(int.from_bytes(digest))
    if prompt.role == "navigator":
        return navigate(prompt, rng)
    return json.dumps({"architectures": generate(prompt, rng)}, separators=(",", ":"))
