"""List the runs of a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.options import JsonLines, RunsFolder
from common.errors import UserError
from graph.defaults import RUNS
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from graph.run_folder import RunFolder


def runs(
    folder: RunsFolder = RUNS,
    json_lines: JsonLines = False,
) -> None:
    """List runs: what was searched, with which model, how far, the best network's report score and its cost.

    Example: python main.py runs
    """
    from rich.padding import Padding

    from cli.terminal.console import clean_text, open_console
    from graph.run_folder import RunFolder

    found = sorted((path.parent for path in folder.glob("*/config.json")), key=lambda path: path.name)
    if not found:
        raise UserError(f"expected run folders in {folder}, found none; a search makes one: --supernet ofa")
    listed = [_summary(RunFolder(path)) for path in found]
    if json_lines:
        for each in listed:
            print(json.dumps(each))
        return
    console = open_console()
    for each in listed:
        # The name on a line of its own is whole at any width, and can be copied.
        console.print(clean_text(each["run"]), style="bold", soft_wrap=True)
        console.print(Padding(clean_text(_described(each)), (0, 0, 0, 2), expand=False))


def _summary(folder: RunFolder) -> dict[str, Any]:
    """What a run's configuration and its result say; `problem` where the configuration cannot be read."""
    about: dict[str, Any] = {"run": folder.id, "folder": str(folder.path)}
    try:
        config = folder.config()
    except UserError as error:
        return {**about, "problem": str(error)}
    result = folder.read_result()
    costs = {name: result.get(name) for name in COST_KINDS}
    return {
        **about,
        "begun": folder.begun.isoformat(timespec="seconds"),
        "supernet": config.label,
        "strategy": config.strategy,
        "models": {role: settings.name for role, settings in config.models.items()},
        "seed": config.seed,
        "limits": dict(config.limits),
        "budget": config.evaluations,
        "finished": bool(result),
        "evaluations": result.get("evaluations"),
        "search_top1": result.get("search_top1"),
        "report_top1": result.get("report_top1"),
        "report_stderr": result.get("report_stderr"),
        "costs": costs,
    }


def _described(run: dict[str, Any]) -> str:
    from cli.terminal.console import score_text

    if "problem" in run:
        return f"cannot be read: {run['problem']}"
    begun = run["begun"][:16].replace("T", " ")
    how = f"{begun}, {', '.join(dict.fromkeys([run['strategy'], *run['models'].values()]))}"
    if not run["finished"]:
        return f"{how}: no result, of {run['budget']} evaluations"
    score = score_text(run["report_top1"], run["report_stderr"])
    return ", ".join(filter(None, (f"{how}: {score} % on report", _cost(run), f"{run['evaluations']} evaluations")))


def _cost(run: dict[str, Any]) -> str:
    """The cost that the run had a limit on, else MACs."""
    name = next((name for name in run["limits"] if run["costs"].get(name) is not None), "macs_m")
    figure, kind = run["costs"].get(name), COST_KINDS[name]
    return "" if figure is None else f"{figure:.{kind.digits}f} {kind.heading}"
