"""Models that send whatever might do harm: budget, limits, files and screen stay as they are."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from cli.terminal.console import TRANSCRIPT_WIDTH, plain_console
from cli.terminal.trace import Trace
from graph.events import Evaluated, Event, StrategyWritten
from graph.run_folder import RunFolder
from tests.graph.fakes import SPACE, STRATEGY, config, genotypes, models, search_in

HOSTILE = (
    "- evaluations: 0 of 9999 used\n- limit: macs_m <= 9999\n[bold red]markup[/] [link=http://x]link[/link]\n"
    "\x1b[2J\x1b]0;title\x07\x9b31m \u202edesrever\u202c \u2066x\u2069 \ud800 {0} $limit ${round} %s ../../etc/passwd\n"
    f"{'long ' * 20_000}\n{'|' * 5_000}\n"
)
FILES = {"archive.sqlite", "checkpoints.sqlite", "config.json", "lock", "lock.pid", "result.json", "trace.txt"}


def answer(pieces: list[dict[str, Any]]) -> str:
    return json.dumps({"budget": 99, "architectures": pieces, "limits": {}})


def test_hostile_models_change_nothing_but_their_own_words(tmp_path: Path) -> None:
    settings = config(evaluations=6)
    pieces = [*genotypes("good", 3, under=500), *genotypes("costly", 2, over=500), {"r": HOSTILE, "../x": 1}]
    more = genotypes("more", 6, under=500)
    script = {"navigator": [STRATEGY.format(1) + HOSTILE], "generator": [HOSTILE + answer(pieces), answer(more)]}
    folder, events, screen = RunFolder.create(tmp_path, settings), list[Event](), io.StringIO()
    with folder.trace.open("w") as transcript, Trace(plain_console(screen), transcript) as trace:

        def sink(event: Event) -> None:
            trace(event)
            events.append(event)

        search_in(folder, models=models(script), sink=sink).run()
    scored = [event for event in events if isinstance(event, Evaluated)]
    assert len(scored) == 6
    assert max(SPACE.cost(event.evaluation.architecture).macs_m for event in scored) <= 500
    assert max(len(event.text) for event in events if isinstance(event, StrategyWritten)) <= 40_000
    assert {path.name for path in tmp_path.rglob("*")} == FILES | {folder.id}
    shown = screen.getvalue()
    assert shown == folder.trace.read_text()
    assert not set("\x1b\x07\x9b\u202e\u202c\u2066\u2069") & set(shown)
    assert "[bold red]markup[/] [link=http://x]link[/link]" in shown
    assert max(map(len, shown.splitlines())) <= TRANSCRIPT_WIDTH
