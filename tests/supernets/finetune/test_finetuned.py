from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from common.errors import UserError
from supernets.finetune.finetuned import FinetunedRecord, difference_error, read_finetuned, write_finetuned

RECORD = FinetunedRecord(
    run="runs/one", architecture={"d": [1, 2]}, classes=["cat", "dog"], recipe={"epochs": 3}, teacher=True,
    images="train", own_classes=False, training_images=100, report_images=50, before=60.0, after=70.0, before_hits=30,
    after_hits=35, difference_error=2.0, seconds=1.5,
)  # fmt: skip
STATE = {"head.weight": torch.randn(2, 3), "stem.running_mean": torch.zeros(3), "stem.batches": torch.tensor(7)}


def test_weights_and_record_are_read_again(tmp_path: Path) -> None:
    write_finetuned(tmp_path, RECORD, STATE)
    record, state = read_finetuned(tmp_path)
    assert record == RECORD
    assert state.keys() == STATE.keys()
    assert all(torch.equal(state[name], tensor) for name, tensor in STATE.items())


def test_weights_that_have_changed_are_refused(tmp_path: Path) -> None:
    write_finetuned(tmp_path, RECORD, STATE)
    (file,) = tmp_path.glob("*.safetensors")
    from safetensors import safe_open

    with safe_open(file, "pt") as opened:
        metadata = opened.metadata()
    save_file({**load_file(file), "stem.batches": torch.tensor(8)}, file, metadata)
    with pytest.raises(UserError, match="the content has changed since it was written"):
        read_finetuned(tmp_path)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", json.dumps({"schema": 2})])
def test_a_folder_without_a_record_is_explained(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "finetuned.json").write_text(content)
    with pytest.raises(UserError, match="expected the record of a finished fine-tuning"):
        read_finetuned(tmp_path)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_the_error_of_a_difference_is_that_of_the_mean_of_differences(pairs: list[tuple[bool, bool]]) -> None:
    before, after = np.array([b for b, _ in pairs]), np.array([a for _, a in pairs])
    gained, lost, n = int((after & ~before).sum()), int((before & ~after).sum()), len(pairs)
    expected = 100 * ((gained + lost - (gained - lost) ** 2 / n) / n) ** 0.5 / n**0.5
    assert difference_error(before, after) == pytest.approx(expected, abs=1e-9)


def test_a_record_of_new_classes_has_no_before(tmp_path: Path) -> None:
    record = replace(RECORD, own_classes=True, before=None, before_hits=None, difference_error=None)
    write_finetuned(tmp_path, record, STATE)
    assert read_finetuned(tmp_path)[0] == record
