"""The Optimizer of OPRO: proposes from the best scores so far, without a strategy and without memory.

As in Yang et al., Large Language Models as Optimizers (ICLR 2024), the prompt states the task and shows the best
solutions so far in ascending order of their scores. One answer holds the proposals of a whole round instead of one, and
is read and repaired like the Generator's. The prompts are in `prompts/opro.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.calls.transcript import Message
from agents.roles.briefing import RoundBriefing, turn_lines
from agents.roles.conversation import evaluation_lines, system, user
from agents.roles.generator import Generator
from agents.roles.task_text import task_text
from agents.text.architecture_table import format_rows

SHOWN = 20
"""Maximum number of scored architectures in a prompt, as in the paper."""


class Optimizer(Generator):
    """A Generator that ignores the strategy and uses the scores of the earlier rounds."""

    shown: int | None = SHOWN
    """Maximum number of scored architectures in a prompt; None for all."""

    def messages(
        self, round: int, guidance_text: str, count: int, earlier: Sequence[RoundBriefing] = ()
    ) -> list[Message]:
        briefing, render = self.briefing, self.options.prompts.render
        scored = sorted(
            (row for finished in earlier for row in finished.rows if row.top1 is not None),
            key=lambda row: row.top1 or 0.0,
        )
        told = task_text(briefing, self.options.prompts)
        system_prompt = render("opro", "system", **told.common, results=told.results, answer=told.answer)
        shown = [row for row in scored if briefing.keeps(row, round)][-self.shown :] if self.shown else scored
        known = format_rows(shown, briefing.form, briefing.costs) if shown else "None is scored yet."
        used = earlier[-1].evaluations if earlier else 0
        evaluations = evaluation_lines(used, briefing.budget, briefing.per_round, turn_lines(briefing, round))
        request = render("opro", "request", round=round, count=count, evaluations=evaluations, scored=known)
        return [system(system_prompt), user(request)]
