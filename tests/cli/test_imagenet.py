"""The command line on a folder of ImageNet's layout, with full-size weights of no training."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest
import torch

from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, get_space
from supernets.load import CheckpointMetadata, save_supernet
from tests.command_line import command
from tests.supernets.families import golden
from tests.supernets.fetch.file_server import serve, serving
from tests.supernets.images.pictures import class_folders, truncate

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


def test_weights_of_ones_own_training_search_their_classes_at_their_scale(capsys: pytest.CaptureFixture[str]) -> None:
    make_imagenet(Path("imagenet"))
    scale = Scale(width=0.1, divisor=8)
    setting = CheckpointMetadata(
        supernet="ofa", width=scale.width, classes=tuple(sorted(WNIDS)), divisor=scale.divisor, stored_side=32, crop=1.0
    )
    torch.manual_seed(0)
    save_supernet(build_supernet("ofa", scale, len(WNIDS)), setting, Path("own.safetensors"))
    search = ("--supernet", "ofa", "--weights", "own.safetensors", "--imagenet", "imagenet")
    code, _, err = command(*search, "--evaluations", 2, "--llm", "analyst", "--json", capsys=capsys)
    assert (code, err) == (0, "")
    (result,) = Path("runs").glob("*/result.json")
    assert 0 <= json.loads(result.read_text())["report_top1"] <= 100
    assert len(list(Path("cache/collm-nas").glob("images-*/32-bicubic-1/pixels.u8"))) == 3


@pytest.mark.slow
def test_from_fetch_to_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_imagenet(Path("imagenet"))
    released = io.BytesIO()
    torch.save({"state_dict": golden.released_state("ofa-w1.0")}, released)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(serve(released.getvalue())) as server:
        code, out, _ = command("fetch", "ofa-w1.0", "--mirror", server.url, capsys=capsys)
    assert code == 0
    shown = shlex.split(out.splitlines()[-1].replace("DIR", "imagenet"))
    options = shown[shown.index("main.py") + 1 :]
    code, out, err = command(*options, "--evaluations", 2, "--llm", "analyst", capsys=capsys)
    assert (code, err) == (0, "")
    shown_text = " ".join(out.split())
    assert "The report is on the official validation images." in shown_text
    assert "1 of 6 images of report cannot be read and were left out" in shown_text
    assert "images that the search never saw: the figure to quote" in shown_text


MISTAKES: dict[str, tuple[list[object], str]] = {
    "two sources": (
        ["--imagenet", "imagenet", "--images", "imagenet"],
        "--images and --imagenet: expected at most one",
    ),
    "a protocol of nothing": (["--protocol", "paper"], "name the folder of ImageNet with --imagenet DIR"),
    "pocket weights": (
        ["--imagenet", "imagenet"],
        "expected weights with classes of ImageNet",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(mistake: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = MISTAKES[mistake]
    code, out, err = command("--supernet", "ofa", "--llm", "analyst", *arguments, capsys=capsys)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert not Path("runs").exists()
