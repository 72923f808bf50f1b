"""A supernet trained on a small folder, then searched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import command, search_events

pytestmark = pytest.mark.usefixtures("own_place")


def test_training_writes_weights_that_can_be_searched(
    images: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from supernets.families.recipe import Recipe

    monkeypatch.setattr(Recipe, "__init__", _small_batches(Recipe.__init__))
    arguments = ("train", "--supernet", "ofa", "--images", images, "--out", "own.safetensors", "--width", 0.1)
    code, out, _ = command(*arguments, "--sandwich-epochs", 1, "--random-epochs", 1, capsys=capsys)
    assert code == 0
    assert "wrote own.safetensors" in out
    events = search_events(images, capsys, "--weights", "own.safetensors", "--strategy", "random")
    assert events[-1]["result"]["protocol"]["supernet"] == "ofa"
    code, _, err = command(*arguments, "--sandwich-epochs", 2, capsys=capsys)
    assert code == 2
    assert "own.state" in err


def _small_batches(original: Any) -> Any:
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        original(self, *arguments, **{**options, "batch": 16})

    return init
