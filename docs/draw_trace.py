"""Draw `docs/trace.svg` from a real search: `python -m docs.draw_trace`.

The picture shows the opening, the last round and the result of a run, as the terminal shows them.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from rich.console import Console

from graph import Config, RunFolder, Search
from graph.drawing import draw_stages
from graph.events import Event, RunEnded, RunStarted
from graph.opening import Chosen, words
from graph.trace import Trace
from main import cache_folder
from supernets import get_space

WIDTH, EVALUATIONS = 112, 60


def main() -> None:
    from dataclasses import replace

    from agents import chat_model
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.loading import load_splits, load_supernet

    config = Config("ofa", limits={"macs_m": 350}, evaluations=EVALUATIONS, seed=1, device="cpu",
                    models={"navigator": "offline", "generator": "offline"})  # fmt: skip
    space, loaded = get_space("ofa"), load_supernet("ofa", None)
    evaluator = SupernetEvaluator(loaded.net, load_splits(loaded, None, cache_folder()), loaded.setting.preprocessing)
    chosen = Chosen({"models": "none named", "limits": "the default for ofa", "device": "no CUDA device is here"})
    models = {role: chat_model(name, seed=config.seed) for role, name in config.models.items()}
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(Path(root), config)
        spoken = words(config, chosen, loaded, evaluator.protocol, f"runs/{folder.id}", [], [])
        spoken = replace(spoken, draw=lambda a: draw_stages(space.graph(a), WIDTH - 12))
        Search(config, space, evaluator, models, folder, events.append, words=spoken).run()
    last = max(event.round for event in events if hasattr(event, "round"))
    shown = [e for e in events if isinstance(e, RunStarted | RunEnded) or getattr(e, "round", 0) == last]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with Trace(console, refresh=0) as trace:
        for event in shown:
            trace(event)
    console.save_svg(str(Path(__file__).parent / "trace.svg"), title="python main.py --supernet ofa")


if __name__ == "__main__":
    main()
