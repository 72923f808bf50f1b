"""Writes the run folders with agents anew, after a change of the prompts: python -m tests.graph.run_folders.make."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from graph.config import Config
from graph.events import Evaluated, Event, Sink
from graph.opening import open_evaluator, open_models, open_space
from graph.run_folder import RunFolder
from graph.search import Search
from graph.steering import ACCEPT, Feedback, ReviewRequest
from studies.run_search import ignore_event, new_config

HERE = Path(__file__).parent
SETTINGS: dict[str, dict[str, Any]] = {
    "killed-agents": {"evaluations": 64, "seed": 1},
    "waiting-agents": {"evaluations": 16, "seed": 6},
    "finished-agents": {
        "dataset": "cifar100", "disguise": True, "evaluations": 24, "per_round": 8, "seed": 2,
        "limits": {"latency_ms": 20.0}, "latency_device": "raspi4",
    },
}  # fmt: skip
KILLED_AFTER = 18
"""Scores."""


def settings(name: str) -> Config:
    return new_config("nasbench201", None, **SETTINGS[name]).changed(interactive=name == "waiting-agents")


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_after_scores() -> Sink:
    scored = 0

    def sink(event: Event) -> None:
        nonlocal scored
        scored += isinstance(event, Evaluated)
        if scored == KILLED_AFTER:
            kill_this_process()

    return sink


def kill_at_second(request: ReviewRequest) -> Feedback:
    if request["round"] == 2:
        kill_this_process()
    return ACCEPT


def accept(request: ReviewRequest) -> Feedback:
    return ACCEPT


def run(folder: RunFolder, config: Config, killed: bool) -> None:
    Search(
        config=config, space=open_space(config), evaluator=open_evaluator(config).evaluator,
        models=open_models(config), folder=folder,
        sink=kill_after_scores() if killed and not config.interactive else ignore_event,
        reviewer=kill_at_second if killed else accept,
    ).run()  # fmt: skip


def write(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        killed = name != "finished-agents"
        stopped = subprocess.run([sys.executable, "-m", __spec__.name, name, place], check=False).returncode
        assert stopped == (-signal.SIGKILL if killed else 0)
        made = root / name
        if killed:
            whole = RunFolder(shutil.copytree(made, root / "whole"))
            run(whole, whole.config(), killed=False)
            shutil.copy(whole.result, made / "expected.json")
        with tarfile.open(HERE / f"{name}.tar.xz", "w:xz") as archive:
            archive.add(made, name, filter=lambda each: None if each.name.startswith(f"{name}/lock") else each)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _, name, place = sys.argv
        config = settings(name)
        run(RunFolder.create(Path(place), config, name), config, killed=name != "finished-agents")
    else:
        for name in SETTINGS:
            write(name)
