from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from graph.opening import Chosen, words
from tests.graph.fakes import config, protocol


def test_what_is_to_be_said_of_the_images_opens_the_trace() -> None:
    loaded: Any = SimpleNamespace(source="own.pth")
    notes = ("The search sees validation images.", "1 of 6 images of report cannot be read and were left out")
    spoken = words(config(weights="own.pth"), Chosen({}), loaded, protocol(), notes, "runs/1", [], [])
    assert spoken.opening[-2:] == notes
