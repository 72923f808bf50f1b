"""The factory of evaluators, with a narrow network and a few images of the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from common.errors import UserError
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.evaluators import open_evaluator
from supernets.families.recipe import Scale
from supernets.families.registry import supernet_family
from supernets.load import CheckpointMetadata, save_supernet
from tests.supernets.images.pictures import class_folders

CLASSES = ("cat", "dog")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Weights of a narrow network for two classes, and a folder of images."""
    folder, scale = tmp_path_factory.mktemp("own"), Scale(0.1, 4)
    metadata = CheckpointMetadata(
        supernet="ofa", width=scale.width, classes=CLASSES, divisor=scale.divisor, stored_side=64, crop=1.0
    )
    save_supernet(supernet_family("ofa").network(scale, 2), metadata, folder / "own.safetensors")
    class_folders(folder / "images", CLASSES, 6)
    return folder / "own.safetensors", folder / "images"


def test_a_supernet_is_opened_with_weights_images_and_a_device(own: tuple[Path, Path], tmp_path: Path) -> None:
    weights, images = own
    opened = open_evaluator(
        EvaluatorRequest(supernet="ofa", cache=tmp_path, weights=weights, images=images, device="cpu")
    )
    assert isinstance(opened.evaluator, SupernetEvaluator)
    shown = {label: (value, setting) for label, value, setting in opened.settings_shown}
    assert shown["weights"] == (str(weights), "weights")
    assert "for the report" in shown["images"][0]
    assert shown["device"][0].startswith("cpu, ")
    (doubt,) = opened.notes
    assert "not those of a trained supernet" in doubt  # its weights are random
    assert opened.closing == opened.notes
    protocol = opened.evaluator.protocol
    assert (protocol.supernet, protocol.resolution, protocol.images) == ("ofa", "r / 4", "images")


def test_weights_that_were_edited_are_scored_with_a_note(own: tuple[Path, Path], tmp_path: Path) -> None:
    weights, images = own
    with safe_open(weights, "pt") as opened_file:
        metadata = opened_file.metadata()
    edited = tmp_path / "edited.safetensors"
    save_file({name: 0.5 * tensor for name, tensor in load_file(weights).items()}, edited, metadata)
    request = EvaluatorRequest(supernet="ofa", cache=tmp_path, weights=edited, images=images, device="cpu")
    opened = open_evaluator(request)
    assert "edited.safetensors: the content has changed since this program saved it" in opened.notes[0]
    assert opened.closing[0] == opened.notes[0]


def test_an_unreadable_image_is_noted(own: tuple[Path, Path], tmp_path: Path) -> None:
    weights, _ = own
    class_folders(tmp_path / "images", CLASSES, 6)
    (tmp_path / "images" / "cat" / "cat_0.JPEG").write_bytes(b"no image")
    opened = open_evaluator(
        EvaluatorRequest(
            supernet="ofa", cache=tmp_path / "cache", weights=weights, images=tmp_path / "images", device="cpu"
        )
    )
    note = opened.notes[-1]
    assert "cannot be read and were left out (cat/cat_0.JPEG" in note


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 12}, "--epochs: ofa is not a tabular benchmark"),
        ({"predictor": Path("p")}, "--predictor only applies with --score predictor"),
        ({"device": "tpu"}, "--device: expected cpu or cuda, got 'tpu'"),
        ({"weights": Path("absent.pth"), "device": "cpu"}, "expected a file, found nothing there"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, given: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_evaluator(EvaluatorRequest(supernet="ofa", cache=tmp_path, **given))  # type: ignore[arg-type]


def test_weights_of_another_supernet_are_refused(own: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected weights of ofa-w1\.0, got those of ofa"):
        open_evaluator(EvaluatorRequest(supernet="ofa-w1.0", cache=tmp_path, weights=own[0], device="cpu"))
