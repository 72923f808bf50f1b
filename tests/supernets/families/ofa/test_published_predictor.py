"""The predictor that OFA's authors published: what its inputs are, what files are read, what a user is told.

The file itself cannot be here; a random one of its shape stands for it, with one weight that tells what was encoded.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from common.errors import UserError
from supernets.evaluate.evaluator import Opened
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.ofa.published_predictor import PublishedPredictor
from supernets.families.registry import get_space, predicted_name
from supernets.network.checkpoint_file import CheckpointError
from tests.command_line import command

NAME = "ofa-predicted"


def network() -> nn.Sequential:
    torch.manual_seed(0)
    hidden = [layer for width in (128, 400, 400) for layer in (nn.Linear(width, 400), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(400, 1))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save(network().state_dict(), tmp_path / "acc_predictor.pth")
    return tmp_path / "acc_predictor.pth"


def opened(path: Path | None, name: str = NAME) -> Opened:
    return open_evaluator(EvaluatorRequest(supernet=name, cache=Path("cache"), predictor=path))


def test_inputs_are_kernels_expansions_and_resolution_one_hot(checkpoint: Path) -> None:
    space = get_space(NAME)
    a = space.parse({"r": 176, "d": [2, 4, 2, 2, 2], "ks": [3, 7] * 10, "e": [3, 6] * 10})
    inputs = torch.zeros(1, 128)
    acting = [0, 1, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17]
    inputs[0, [3 * i + (2 if i % 2 else 0) for i in acting]] = 1
    inputs[0, [60 + 3 * i + (2 if i % 2 else 0) for i in acting]] = 1
    inputs[0, 120 + 4] = 1
    expected = 100 * network()(inputs).item()
    (top1,), (error,) = PublishedPredictor(get_space("ofa"), checkpoint).predict([a])  # type: ignore[arg-type]
    assert top1 == pytest.approx(expected, abs=1e-5)
    assert error > 0


def test_arrays_and_the_authors_checkpoint_predict_the_same(checkpoint: Path, tmp_path: Path) -> None:
    arrays = tmp_path / "acc_predictor.npz"
    np.savez(arrays, **{name: tensor.numpy() for name, tensor in network().state_dict().items()})
    one, other = (opened(path).evaluator for path in (arrays, checkpoint))
    largest = get_space(NAME).largest()
    assert one.report(largest).top1 == other.report(largest).top1
    assert one.protocol == other.protocol
    assert "PREDICTED" in opened(checkpoint).notes[0]


def test_other_files_and_none_are_refused(tmp_path: Path, checkpoint: Path) -> None:
    with pytest.raises(UserError, match=r"name the one .* with --predictor FILE, or search ofa-w1\.0"):
        opened(None)
    (tmp_path / "torn.npz").write_bytes(b"PK torn")
    torch.save(nn.Linear(128, 400).state_dict(), tmp_path / "other.pth")
    for name, message in (("none.npz", "nothing there"), ("torn.npz", "plain numbers"), ("other.pth", r"0\.weight")):
        with pytest.raises(CheckpointError, match=message):
            opened(tmp_path / name)
    with pytest.raises(UserError, match="--predictor only applies with --score predictor"):
        opened(checkpoint, "ofa")


def test_a_search_by_the_file_is_marked_and_may_be_limited_by_latency(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = command(
        "--supernet", "ofa", "--score", "predictor", "--predictor", checkpoint.name, "--strategy", "random",
        "--evaluations", 5, "--max-latency-ms", 30, "--latency-device", "note10", capsys=capsys,
    )  # fmt: skip
    assert code == 0
    assert predicted_name("ofa") == NAME
    for part in (NAME, "PREDICTED", "predicted %", "ms on note10", "nothing was measured"):
        assert part in out, part
    assert "top-1" not in out
    (result,) = (tmp_path / "runs").glob("*/result.json")
    assert json.loads(result.read_text())["predicted"] is True
