"""What trackers are told of a search, and that they are off unless named and harmless where they fail."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.models.settings import ModelSettings
from collm_nas import UserError
from graph.config import Config
from graph.run_folder import RunFolder
from studies import trackers
from studies.trackers import Tracker, open_tracker, parameters, tracking
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")
SEARCH = ("--supernet", "nasbench201", "--evaluations", 8, "--per-round", 4, "--name", "tracked", "--quiet")


class Kept(Tracker):
    """A tracker that keeps what it is told."""

    def __init__(self, config: Config, folder: RunFolder) -> None:
        self.figures: list[tuple[int, str, float]] = []
        self.files: list[str] = []
        KEPT.append(self)

    def log_figures(self, figures: Mapping[str, float], step: int) -> None:
        self.figures += [(step, name, value) for name, value in figures.items()]

    def finish(self, files: list[Path]) -> None:
        self.files = [path.name for path in files if path.exists()]


class Failing(Kept):
    def log_figures(self, figures: Mapping[str, float], step: int) -> None:
        raise RuntimeError("the server is gone")

    def finish(self, files: list[Path]) -> None:
        raise RuntimeError("the server is gone")


KEPT: list[Kept] = []


@pytest.fixture(autouse=True)
def _empty() -> None:
    KEPT.clear()


def test_a_tracker_is_told_scores_costs_tokens_and_the_result(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trackers, "TensorBoard", Kept)
    assert command(*SEARCH, "--track", "tensorboard", capsys=capsys)[0] == 0
    (kept,) = KEPT
    steps = [step for step, name, _ in kept.figures if name == "best_top1"]
    assert steps == list(range(1, 9))
    best = [value for _, name, value in kept.figures if name == "best_top1"]
    assert best == sorted(best)
    assert {"top1", "macs_m", "params_m", "tokens", "calls", "cost_usd", "report_top1"} <= {
        n for _, n, _ in kept.figures
    }
    assert ("search_top1", best[-1]) in [(name, value) for _, name, value in kept.figures]
    assert kept.files == ["result.json", "report.html", "config.json"]


def test_none_is_opened_unless_it_is_named_and_a_failing_one_stops_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trackers, "MLflow", Failing)
    assert command(*SEARCH, capsys=capsys)[0] == 0
    assert KEPT == []
    code, out, _ = command(*SEARCH[:-3], "--name", "again", "--track", "mlflow", capsys=capsys)
    assert code == 0
    assert "again/report.html" in out
    assert len(KEPT) == 1


def test_mistakes_are_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = Config(supernet="nasbench201")
    folder = RunFolder.create(tmp_path, config)
    with pytest.raises(UserError, match=r"unknown tracker 'tensorbord' \(did you mean tensorboard\?\)"):
        open_tracker("tensorbord", config, folder)
    for module, name in (("torch.utils.tensorboard", "tensorboard"), ("mlflow", "mlflow")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(UserError, match=rf"--track {name} needs an optional package: pip install 'collm-nas"):
            open_tracker(name, config, folder)


def test_settings_are_those_that_were_chosen_and_models_by_name_alone() -> None:
    model = ModelSettings(name="openai/m", api_base="http://127.0.0.1/v1")
    config = Config(supernet="/x/family.py:MINE", evaluations=5, limits={"macs_m": 300}, models={"navigator": model})
    found = parameters(config)
    assert found == {
        "supernet": "MINE", "strategy": "collm", "evaluations": "5", "seed": "0", "max_macs_m": "300",
        "navigator": "openai/m",
    }  # fmt: skip


def test_tensorboard_has_the_figures_in_its_files(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = RunFolder.create(tmp_path, config := Config(supernet="nasbench201"))
    tracker = open_tracker("tensorboard", config, folder)
    for step, value in ((1, 60.5), (2, 61.5)):
        tracker.log_figures({"best_top1": value}, step)
    tracker.finish([folder.path / "config.json"])
    read: Any = EventAccumulator(str(folder.path / "tensorboard"))
    read.Reload()
    assert [(e.step, e.value) for e in read.Scalars("best_top1")] == [(1, 60.5), (2, 61.5)]
    assert "settings/text_summary" in read.Tags()["tensors"]


def test_mlflow_has_settings_figures_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    folder = RunFolder.create(tmp_path, config := Config(supernet="nasbench201", seed=3), "mine")
    with tracking(["mlflow"], config, folder):
        mlflow.log_metric("best_top1", 61.5, step=2)
        run = mlflow.active_run().info.run_id
    found = mlflow.get_run(run)
    assert found.info.run_name == "mine"
    assert found.data.params["seed"] == "3"
    assert found.data.metrics == {"best_top1": 61.5}
    assert found.info.status == "FINISHED"
    assert [item.path for item in mlflow.MlflowClient().list_artifacts(run)] == ["config.json"]
