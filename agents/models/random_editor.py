"""A chat model without a model: random changes of the architectures in a prompt, the control for language models.

Each answer is one of the prompt's rows with one or two entries redrawn, within the limits that the prompt has a table
for, or a random architecture where a prompt has no rows. A strategy that finds no more with a language model than
with this one owes nothing to the model.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from common.errors import UserError

if TYPE_CHECKING:
    from agents.models.analyst.gene_table import Indices

_TRIES = 200
"""Draws for each architecture before one that is known or over a limit is sent."""


class RandomEditsChatModel(BaseChatModel):
    """Answers requests for architectures; its random numbers depend on the seed and the prompt alone."""

    seed: int = 0

    @property
    def _llm_type(self) -> str:
        return "random-edits"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"seed": self.seed}

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        """The answer to the last message.

        Raises:
            UserError: the prompt asks for something else than architectures, or has no gene table.
        """
        # numpy is imported only when the model is used.
        import numpy as np

        from agents.models.analyst.prompt_reader import read_prompt

        roles = {"ai": "assistant", "human": "user"}
        pairs = [(roles.get(message.type, message.type), str(message.text)) for message in messages]
        prompt = read_prompt(pairs)
        if not prompt.wanted:
            raise UserError(
                "random-edits only answers requests for architectures, and this one is for a strategy. What to do: use "
                "it with --strategy llmatic, evoprompting or opro, or name another model for the navigator."
            )
        digest = hashlib.sha256(json.dumps([self.seed, pairs]).encode("utf-8", "replace")).digest()
        rng = np.random.default_rng(int.from_bytes(digest))
        table, shown = prompt.table, prompt.observed().x
        known = {x.tobytes() for x in shown}

        def edited() -> Indices:
            x = table.random(rng, 1)
            if not len(shown):
                return x
            parent = shown[rng.integers(len(shown))][None].copy()
            genes = rng.choice(len(table.genes), size=rng.integers(1, 3), replace=False)
            parent[:, genes] = x[:, genes]
            return table.canonical(parent)

        def usable(x: Indices) -> bool:
            limited = ((prompt.cost_tables[c], limit) for c, limit in prompt.limits if c in prompt.cost_tables)
            within = all(cost.log_cost(table.hot(x))[0] <= np.log(limit) for cost, limit in limited)
            return within and x.tobytes() not in known

        sent = []
        for _ in range(prompt.wanted):
            x = next((x for x in (edited() for _ in range(_TRIES)) if usable(x)), edited())
            known.add(x.tobytes())
            sent.append(table.decode(x[0]))
        text = json.dumps({"architectures": sent}, separators=(",", ":"))
        message = AIMessage(text, response_metadata={"cost_usd": 0.0})
        return ChatResult(generations=[ChatGeneration(message=message)])
