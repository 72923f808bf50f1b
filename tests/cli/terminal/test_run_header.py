from __future__ import annotations

from cli.terminal.run_header import SettingReasons, words
from supernets.evaluate.evaluator import Opened
from tests.graph.fakes import FormulaEvaluator, config


def test_what_is_to_be_said_of_the_evaluator_opens_the_trace() -> None:
    notes = ("The search sees validation images.", "1 of 6 images of report cannot be read and were left out")
    opened = Opened(
        evaluator=FormulaEvaluator(),
        settings_shown=(("weights", "own.pth", "weights"),),
        notes=notes,
        closing=("Try another.",),
    )
    spoken = words(config(), SettingReasons({"weights": "the only ones"}), opened, "runs/1", [], [])
    assert ("weights", "own.pth", "the only ones") in spoken.facts
    assert spoken.opening[-2:] == notes
    assert spoken.closing == ("Try another.",)
