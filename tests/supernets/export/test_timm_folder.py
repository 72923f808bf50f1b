"""Timm folders, loaded through timm alone in a fresh interpreter."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from supernets.export.model_source import load_model
from supernets.export.timm_folder import _crop_pct
from supernets.images.preprocessing import Preprocessing
from tests.supernets.export.toy import toy_evaluator, toy_export

NAMES = ("ofa", "ofa-w1.0", "ofa-proxyless")

_LOAD = """
import importlib, os, sys
import timm, torch
torch.set_num_threads(1)
for folder, name in zip(sys.argv[1::2], sys.argv[2::2]):
    os.chdir(folder)
    sys.path.insert(0, folder)
    importlib.import_module(name)
    net = timm.create_model("local-dir:.", pretrained=True).eval()
    features = timm.create_model("local-dir:.", pretrained=True, features_only=True).eval()
    cfg = net.pretrained_cfg
    mean, std = (torch.tensor(cfg[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    images = (torch.load("images.pt") - mean) / std
    with torch.inference_mode():
        torch.save((net(images), [f.shape[2] for f in features(images)], features.feature_info.reduction()), "out.pt")
assert "supernets" not in sys.modules
"""


def test_timm_alone_gives_the_logits_and_the_features(tmp_path: Path) -> None:
    arguments, expected = [], {}
    for name in NAMES:
        evaluator = toy_evaluator(name)
        exported = toy_export(evaluator, tmp_path / name)
        side = exported.network.side
        images, folder = torch.rand(3, 3, side, side), tmp_path / name / "timm"
        torch.save(images, folder / "images.pt")
        with torch.inference_mode():
            expected[name] = load_model(tmp_path / name / "model.py")(images)
        arguments += [str(folder), exported.network.name]
        config = json.loads((folder / "config.json").read_text())
        assert config["pretrained_cfg"]["input_size"] == [3, side, side]
        assert config["num_classes"] == len(config["label_names"]) == 4
    done = subprocess.run([sys.executable, "-I", "-c", _LOAD, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, logits in expected.items():
        found, sides, reductions = torch.load(tmp_path / name / "timm" / "out.pt")
        assert float((found - logits).abs().max() / logits.std()) < 1e-5
        assert reductions == [2, 4, 8, 16, 32]
        assert len(sides) == 5


@pytest.mark.parametrize("side", [160, 176, 192, 208, 224])
def test_timm_resizes_to_the_side_that_was_scored(side: int) -> None:
    crop = _crop_pct(replace(Preprocessing(), from_files=True), side)
    assert math.floor(side / crop) == math.ceil(side / 0.875)
