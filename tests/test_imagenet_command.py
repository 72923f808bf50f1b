"""The command line on a folder of ImageNet's layout, with full-size weights of no training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from supernets import build_supernet, get_space
from tests.supernets.images.pictures import class_folders, truncate
from tests.test_main import command

WNIDS = ("n01440764", "n02100735", "n02119789")


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    torch.set_num_threads(1)


def make_imagenet(root: Path) -> Path:
    class_folders(root / "train", WNIDS, 4)
    class_folders(root / "val", WNIDS, 2, 100)
    truncate(root / "val" / WNIDS[1] / f"{WNIDS[1]}_0.JPEG")
    return root


def evaluate_spos(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    space = get_space("spos")
    Path("arch.json").write_text(json.dumps(space.genotype(space.smallest())))
    if not Path("spos.pth").exists():
        torch.save(build_supernet("spos").state_dict(), "spos.pth")
    asked = ("evaluate", "--supernet", "spos", "arch.json", "--weights", "spos.pth", "--imagenet", "imagenet")
    code, out, err = command(*asked, *arguments, capsys=capsys)
    assert (code, err) == (0, "")
    return out


def test_imagenet_is_scored_on_train_and_reported_on_val(capsys: pytest.CaptureFixture[str]) -> None:
    make_imagenet(Path("imagenet"))
    figures = json.loads(evaluate_spos(capsys, "--json"))
    assert (figures["search_images"], figures["report_images"]) == (10, 5)
    shown = " ".join(evaluate_spos(capsys).split())
    assert "The search sees training images only" in shown
    assert "1 of 6 images of report cannot be read and were left out" in shown
    by_the_paper = json.loads(evaluate_spos(capsys, "--protocol", "paper", "--json"))
    assert (by_the_paper["search_images"], by_the_paper["report_images"]) == (5, 5)
    assert by_the_paper["protocol"] != figures["protocol"]


MISTAKES: dict[str, tuple[list[object], str]] = {
    "two sources": (
        ["--imagenet", "imagenet", "--images", "imagenet"],
        "--images and --imagenet: expected at most one",
    ),
    "a protocol of nothing": (["--protocol", "paper"], "name its folder with --imagenet DIR"),
    "pocket weights": (
        ["--imagenet", "imagenet"],
        "expected weights with classes of ImageNet",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(mistake: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = MISTAKES[mistake]
    code, out, err = command("--supernet", "ofa", "--llm", "offline", *arguments, capsys=capsys)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert not Path("runs").exists()
