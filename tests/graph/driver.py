"""A process that runs a search in a folder, to be killed: `python -m tests.graph.driver FOLDER PLAN`.

PLAN is JSON. `{"kill": [n, ...]}` runs one child process after another on the same folder; the i-th kills itself with
SIGKILL at its n-th moment, and a last one runs to the end. Moments are: before each model call, before each score, and
each event. `{"sleep": [name, seconds]}` runs once in this process and sleeps at the moments of that name; what an
interrupt does is printed.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.run_folder import RunFolder
from tests.graph.fakes import FormulaEvaluator, eventful_script, models, search_in


def search(folder: Path, before: Callable[[str], None]) -> dict[str, Any] | None:
    run = RunFolder(folder)
    evaluator = FormulaEvaluator(before)
    fallback_chain = models(eventful_script(), before)
    return search_in(
        run, evaluator=evaluator, models=fallback_chain, sink=lambda event: before(type(event).__name__)
    ).run()


def search_until(folder: Path, moment: int | None) -> None:
    seen = 0

    def before(name: str) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            print(json.dumps(name), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    search(folder, before)


def in_child(work: Callable[[], None]) -> int:
    """The status with which a child process that did the work ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1]


def sleeper(name: str, seconds: float) -> Callable[[str], None]:
    def before(moment: str) -> None:
        if moment == name:
            print("asleep", flush=True)
            time.sleep(seconds)

    return before


def main() -> None:
    folder, plan = Path(sys.argv[1]), json.loads(sys.argv[2])
    if "kill" in plan:
        for name in ("langgraph.graph", "langgraph.checkpoint.sqlite", "graph.build"):
            importlib.import_module(name)  # once, not in every child
        for moment in [*plan["kill"], None]:
            status = in_child(lambda moment=moment: search_until(folder, moment))  # type: ignore[misc]
            expected = 0 if moment is None else signal.SIGKILL
            assert status == expected, f"a child that was to stop at {moment} ended with status {status}"
        return
    try:
        search(folder, sleeper(*plan["sleep"]))
    except KeyboardInterrupt:
        print("interrupted", flush=True)


if __name__ == "__main__":
    main()
