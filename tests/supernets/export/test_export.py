"""Exports of every family: what is written computes what was scored, in a fresh interpreter and in other runtimes."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from common.errors import UserError
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.export import export as module
from supernets.export import timm_folder
from supernets.export.export import Export, ExportFormats
from supernets.export.graph_files import load_onnx
from supernets.export.model_card import Provenance, hits
from supernets.export.model_source import load_model
from supernets.export.rescoring import ExportDiffers
from supernets.families.registry import supernet_family, supernet_names
from supernets.load import load_splits, load_supernet
from tests.supernets.export.toy import toy_evaluator, toy_export, toy_provenance

IN_ONNX = ("autoformer",)
"""Written in every format: writing ONNX takes many seconds."""

ROUNDING = 5e-5
"""Difference of float32 logits between two runtimes, in standard deviations, for networks that were never trained; for
the bundled ones it is 2e-6."""

_LOAD = """
import sys, torch
torch.set_num_threads(1)
for folder in sys.argv[1:]:
    sys.path.insert(0, folder)
    from model import load
    with torch.inference_mode():
        torch.save(load()(torch.load(folder + "/images.pt")), folder + "/logits.pt")
    del sys.path[0], sys.modules["model"]
others = {"supernets", "safetensors", "timm", "numpy"} & {name for name in sys.modules if sys.modules[name]}
print(*sorted(others - {"numpy"}))
"""


@dataclass(frozen=True)
class Written:
    exported: Export
    images: Tensor
    logits: Tensor
    """Of the steps that were scored."""

    @property
    def folder(self) -> Path:
        return self.exported.folder

    def distance(self, logits: Tensor) -> float:
        """Greatest difference from the logits of what was scored, in standard deviations."""
        return float((logits - self.logits).abs().max() / self.logits.std())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Written]:
    """One export of every family."""
    root = tmp_path_factory.mktemp("exports")
    return {name: _write(name, root / name) for name in supernet_names()}


def _write(name: str, out: Path) -> Written:
    evaluator = toy_evaluator(name)
    provenance = toy_provenance(evaluator)
    formats = ExportFormats(onnx=name in IN_ONNX, pt2=name in IN_ONNX)
    exported = toy_export(evaluator, out, formats, provenance)
    a = provenance.scores["report"].architecture
    side = exported.network.side
    pixels = torch.randint(0, 256, (7, 3, side, side), generator=torch.Generator().manual_seed(1))
    x = evaluator.preprocessing.normalise(pixels)
    with torch.inference_mode():
        for step in evaluator.calibrated_steps(a):
            x = step(x)
    return Written(exported, pixels / 255, x)


def test_model_py_needs_torch_alone_and_gives_the_logits_that_were_scored(written: Mapping[str, Written]) -> None:
    for each in written.values():
        torch.save(each.images, each.folder / "images.pt")
    run = [sys.executable, "-I", "-c", _LOAD, *(str(each.folder) for each in written.values())]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
    for name, each in written.items():
        assert each.distance(torch.load(each.folder / "logits.pt")) < 1e-5, name


@pytest.mark.parametrize("name", IN_ONNX)
@pytest.mark.parametrize("batch", [1, 7])
def test_onnx_runtime_gives_the_logits_that_were_scored(name: str, batch: int, written: Mapping[str, Written]) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    each = written[name]
    session = onnxruntime.InferenceSession(str(each.folder / "model.onnx"))
    parts = [session.run(["logits"], {"images": part.numpy()})[0] for part in torch.split(each.images, batch)]
    assert each.distance(torch.cat([torch.from_numpy(part) for part in parts])) < ROUNDING
    assert not list(each.folder.glob("*.data"))


@pytest.mark.parametrize("name", IN_ONNX)
def test_pt2_gives_the_logits_that_were_scored(name: str, written: Mapping[str, Written]) -> None:
    each = written[name]
    net = torch.export.load(each.folder / "model.pt2").module()
    with torch.inference_mode():
        parts = [net(each.images[:1]), net(each.images[1:])]
    assert each.distance(torch.cat(parts)) < ROUNDING


def test_every_file_has_the_recorded_hits_and_is_in_the_card(written: Mapping[str, Written]) -> None:
    for name, each in written.items():
        card = (each.folder / "README.md").read_text()
        (recorded,) = {file.hits for file in each.exported.files}
        for file in each.exported.files:
            assert f"| {file.runtime} | {recorded:,} of {file.images:,} |" in card, name
            assert (each.folder / file.name).exists()


def test_a_file_that_scores_otherwise_is_not_kept(tmp_path: Path) -> None:
    evaluator = toy_evaluator("spos")
    provenance = toy_provenance(evaluator)
    report = provenance.scores["report"]
    wrong = replace(report, top1=report.top1 + 100 / report.images)
    with pytest.raises(ExportDiffers, match=f"model.py: expected {hits(report) + 1} of {report.images} images right"):
        toy_export(evaluator, tmp_path / "out", None, replace(provenance, scores={"report": wrong}))
    assert list(tmp_path.iterdir()) == []


def test_another_runtime_must_predict_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = toy_evaluator("ofa")
    load = timm_folder.load_timm_folder

    def damaged(*arguments: object) -> torch.nn.Module:
        net = load(*arguments)  # type: ignore[arg-type]
        with torch.no_grad():
            net[1].classifier.bias.add_(torch.randn(net[1].classifier.bias.shape))  # type: ignore[index]
        return net

    monkeypatch.setattr(module, "load_timm_folder", damaged)
    with pytest.raises(ExportDiffers, match="timm/: expected"):
        toy_export(evaluator, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    evaluator = toy_evaluator("spos")
    provenance = toy_provenance(evaluator)
    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(UserError, match=r"out \(No space left on device\): make room, or name another folder"):
        toy_export(evaluator, tmp_path / "out", ExportFormats(), provenance)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_not_touched(tmp_path: Path) -> None:
    evaluator = toy_evaluator("spos")
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="out exists already: remove it"):
        toy_export(evaluator, tmp_path / "out")


def test_a_missing_package_is_named_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supernets.export.graph_files.find_spec", lambda name: None if name == "onnx" else object())
    evaluator = toy_evaluator("spos")
    provenance = toy_provenance(evaluator)
    monkeypatch.setattr(SupernetEvaluator, "calibrated_steps", lambda *arguments: pytest.fail("measured"))
    with pytest.raises(UserError, match=r"--onnx needs onnx: install with pip install 'collm-nas\[export\]'"):
        toy_export(evaluator, tmp_path / "out", ExportFormats(onnx=True), provenance)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(supernet_names()) - set(IN_ONNX)))
def test_every_family_has_the_same_logits_in_onnx_runtime(name: str, tmp_path: Path) -> None:
    evaluator = toy_evaluator(name)
    exported = toy_export(evaluator, tmp_path / "out", ExportFormats(onnx=True))
    images = torch.rand(7, 3, exported.network.side, exported.network.side)
    with torch.inference_mode():
        expected = load_model(tmp_path / "out" / "model.py")(images)
    run = load_onnx(tmp_path / "out" / "model.onnx")
    for batch in (1, 7):
        logits = torch.cat([run(part) for part in torch.split(images, batch)])
        assert float((logits - expected).abs().max() / expected.std()) < ROUNDING


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ofa", "spos", "autoformer"])
def test_the_bundled_networks_have_the_same_hits_in_every_runtime(name: str, tmp_path: Path) -> None:
    loaded = load_supernet(supernet_family(name), None)
    evaluator = SupernetEvaluator(
        loaded.net, load_splits(loaded, None, tmp_path / "cache"), preprocessing=loaded.preprocessing,
        calibration=loaded.calibration, precision=torch.float32,
    )  # fmt: skip
    provenance: Provenance = toy_provenance(evaluator)
    exported = toy_export(evaluator, tmp_path / "out", ExportFormats(onnx=True, pt2=True), provenance)
    assert {file.hits for file in exported.files} == {hits(provenance.scores["report"])}
