"""The parts of system prompts that follow from the task alone; several roles share them (`prompts/shared.md`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.roles.briefing import Briefing, explanations, limit_lines
from agents.text.architecture_table import format_rows
from agents.text.prompt_templates import Prompts


@dataclass(frozen=True, kw_only=True)
class TaskText:
    """Text of each part."""

    common: Mapping[str, str]
    """`goal`, `limits` and `space`, which every role is told."""
    results: str
    """How top-1 is measured and what tables show."""
    strategy: str
    """The form of a strategy."""
    answer: str
    """The form of proposals."""


def task_text(briefing: Briefing, prompts: Prompts) -> TaskText:
    """The parts for one task."""

    def shared(section: str, **values: object) -> str:
        return prompts.render("shared", section, **values)

    space = [briefing.space_text, *(shared("cost_table", column=c, table=t) for c, t in briefing.cost_tables.items())]
    if briefing.reference:
        space.append(shared("reference", rows=format_rows(briefing.reference, briefing.form, briefing.costs)))
    results = [shared("results", measure=briefing.measure.rstrip("."), error=briefing.error_meaning)]
    results += [shared("over_limit")] if briefing.limits else []
    results += [shared("stopped")] if briefing.races else []
    limits = briefing.narrowest
    window = f' `"cost": [low, high]`: the {limits[0][0]} to aim at, if not the limit.' if limits else ""
    label = next((gene.label for gene in briefing.genes.genes if gene.index), briefing.genes.genes[0].label)
    return TaskText(
        common={
            "goal": shared("turns", limits=_turns(briefing)) if briefing.turns else shared(_goal(briefing)),
            "limits": limit_lines(briefing),
            "space": "\n\n".join([*space, *explanations(briefing)]),
        },
        results=" ".join(results),
        strategy=shared("strategy", per_round=briefing.per_round, label=f"`{label}`", window=window),
        answer=shared("answer"),
    )


def _goal(briefing: Briefing) -> str:
    return "limited" if briefing.limits else "unlimited"


def _turns(briefing: Briefing) -> str:
    """`macs_m <= 200; macs_m <= 250; none`, the narrowest first."""
    each = [" and ".join(f"{column} <= {value:.10g}" for column, value in limits) for limits in briefing.turns]
    return "; ".join(limits or "none" for limits in reversed(each))
