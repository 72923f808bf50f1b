"""The command that trains a found network on, and the export of its result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supernets.families.registry import supernet_family
from supernets.load import load_supernet
from tests.command_line import command
from tests.supernets.finetune.pictures import draw

pytestmark = pytest.mark.usefixtures("own_place")
SEARCH = ("--supernet", "spos", "--strategy", "random", "--evaluations", 2, "--quiet")


def test_a_found_network_is_trained_on_and_exported(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*SEARCH, "--images", images, capsys=capsys)[0] == 0
    (run,) = Path("runs").iterdir()
    train = draw(tmp_path / "train", 2, 5, load_supernet(supernet_family("spos"), None).metadata.classes)
    options = ("--images", train, "--epochs", 1, "--batch", 10)
    code, out, err = command("finetune", run.name, *options, capsys=capsys)
    assert code == 0, err
    for line in (
        "20 to learn from",
        "before      ",
        "after       ",
        "1 epoch in",
        "difference  ",
        "on the same images",
    ):
        assert line in out
    (folder,) = (run / "finetune").iterdir()
    assert command("export", folder, "--out", tmp_path / "out", "--json", capsys=capsys)[0] == 0
    assert (tmp_path / "out" / "model.py").exists()
    code, _, err = command("export", folder, "--id", "ab", capsys=capsys)
    assert code == 2
    assert "is one fine-tuned network: leave it out" in err
    code, _, err = command("finetune", run.name, *options, capsys=capsys)
    assert (code, "holds a finished fine-tuning" in err) == (2, True)
    code, out, _ = command("finetune", run.name, *options, "--out", tmp_path / "other", "--json", capsys=capsys)
    found = json.loads(out)
    assert found["training_images"] == 20
    assert found["folder"] == str(tmp_path / "other")
