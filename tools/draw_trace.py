"""Draw `docs/trace.svg` from a real search: `python -m tools.draw_trace`.

The picture shows the header, one round with the head of its strategy, and the result, as a pipe of that width would.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from cli.new_run import DEFAULT_REASONS
from cli.terminal.architecture_diagram import draw
from cli.terminal.run_header import SettingReasons, run_notes
from cli.terminal.trace import Trace
from graph.config import Config
from graph.events import Evaluated, Event, Ledger, RoundEnded, RunEnded, RunStarted, StrategyWritten, Verdict
from graph.opening import open_evaluator
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.families.registry import get_space

WIDTH, EVALUATIONS, ROUND = 112, 48, 3


def main() -> None:
    from agents.models.model_registry import chat_models
    from agents.models.settings import ModelSettings

    config = Config(supernet="ofa", limits={"macs_m": 350}, evaluations=EVALUATIONS, seed=1, device="cpu",
                    models=dict.fromkeys(("navigator", "generator"), ModelSettings(name="analyst")))  # fmt: skip
    space, opened = get_space("ofa"), open_evaluator(config)
    given = {"models": "no model was named", "limits": "the default for ofa", "device": "no CUDA device is available"}
    reasons = SettingReasons({**given, "weights": DEFAULT_REASONS["weights"], "images": DEFAULT_REASONS["images"]})
    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(Path(root), config)
        notes = run_notes(config, reasons, opened, f"runs/{folder.id}", [], [])
        notes = replace(notes, draw=lambda a: draw(space.graph(a), WIDTH - 12))
        Search(
            config=config, space=space, evaluator=opened.evaluator, models=models, folder=folder, sink=events.append,
            notes=notes,
        ).run()  # fmt: skip
    total = [e.total for e in events if isinstance(e, RoundEnded)][-1]
    shown = [e for e in events if isinstance(e, RunStarted | RunEnded) or _round(e) == ROUND]
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, force_interactive=False,
        color_system="truecolor",
    )  # fmt: skip
    with Trace(console, refresh=0) as trace:
        for event in shown:
            trace(_excerpt(event, total))
    console.save_svg(str(Path(__file__).parents[1] / "docs" / "trace.svg"), title="python main.py --supernet ofa")


def _round(event: Event) -> int:
    return event.candidate.round if isinstance(event, Verdict | Evaluated) else getattr(event, "round", 0)


def _excerpt(event: Event, total: Ledger) -> Event:
    """The event as the picture shows it: the head of a strategy, and the whole run's ledger at the end."""
    if isinstance(event, StrategyWritten):
        text, _, _ = event.text.partition("## Directions")
        return replace(event, text=text + "## Directions\n(and so on)")
    return replace(event, total=total) if isinstance(event, RoundEnded) else event


if __name__ == "__main__":
    main()
