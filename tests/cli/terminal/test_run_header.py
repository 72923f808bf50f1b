from __future__ import annotations

from cli.terminal.run_header import SettingReasons, run_notes
from supernets.evaluate.evaluator import Opened
from tests.graph.fakes import FormulaEvaluator, config


def test_what_is_to_be_said_of_the_evaluator_opens_the_trace() -> None:
    sentences = ("The search sees validation images.", "1 of 6 images of report cannot be read and were left out")
    opened = Opened(
        evaluator=FormulaEvaluator(),
        settings_shown=(("weights", "own.pth", "weights"),),
        notes=sentences,
        closing=("Try another.",),
    )
    notes = run_notes(config(), SettingReasons({"weights": "the only ones"}), opened, "runs/1", [], [])
    assert ("weights", "own.pth", "the only ones") in notes.settings_shown
    assert notes.opening[-2:] == sentences
    assert notes.closing == ("Try another.",)
