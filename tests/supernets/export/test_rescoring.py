"""Which differences between two scores rounding explains."""

from __future__ import annotations

import pytest
import torch

from supernets.export.rescoring import ExportDiffers, Rescored, require_recorded, require_same

LABELS = torch.tensor([0, 1, 2, 3])


def found(predictions: list[int], leads: list[float]) -> Rescored:
    return Rescored(LABELS, torch.tensor(predictions), torch.tensor(leads))


def test_hits_in_float32_must_be_equal() -> None:
    require_recorded("model.py", found([0, 1, 2, 0], [1.0, 1.0, 1.0, 1.0]), 3, "float32")
    for recorded in (2, 4):
        with pytest.raises(ExportDiffers, match=f"expected {recorded} of 4 images right, as recorded, got 3"):
            require_recorded("model.py", found([0, 1, 2, 0], [1.0, 1.0, 1.0, 1.0]), recorded, "float32")


def test_hits_in_half_precision_may_differ_by_as_many_images_as_are_near_ties() -> None:
    close = found([0, 1, 2, 0], [0.01, 1.0, 1.0, 0.01])
    require_recorded("model.py", close, 2, "bfloat16")
    require_recorded("model.py", close, 1, "bfloat16")
    with pytest.raises(ExportDiffers, match="rounding in bfloat16 explains at most 2"):
        require_recorded("model.py", close, 0, "bfloat16")


def test_predictions_of_two_runtimes_may_differ_where_two_classes_are_equal_up_to_rounding() -> None:
    reference = found([0, 1, 2, 3], [1.0, 1.0, 1.0, 1e-6])
    require_same("model.onnx", found([0, 1, 2, 2], [1.0, 1.0, 1.0, 1e-6]), reference)
    with pytest.raises(ExportDiffers, match=r"model\.onnx: .* got others for 1 of 4 images"):
        require_same("model.onnx", found([1, 1, 2, 3], [1.0, 1.0, 1.0, 1e-6]), reference)
