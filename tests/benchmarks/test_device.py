"""A trial run of the benchmark on whatever device there is: every part works, and its rows are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import device

SLOW = (device.pocket_scores, device.two_processes)


def rows(tmp_path: Path) -> list[str]:
    device.main(tmp_path / "result.json", small=True, minutes=8)
    result = json.loads((tmp_path / "result.json").read_text())
    assert [part["error"] for part in result["parts"]] == [None] * len(device.PARTS)
    assert result["about"]["small"]
    return [row["what"] for part in result["parts"] for row in part["rows"]]


def test_quick_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "FAMILIES", ("ofa", "autoformer"))
    monkeypatch.setattr(device, "YARDSTICKS", ())
    monkeypatch.setattr(device, "PARTS", tuple(part for part in device.PARTS if part not in SLOW))
    found = rows(tmp_path)
    assert any(what.startswith("ofa, random, again") for what in found)
    assert any(what.startswith("autoformer") and "batch 2" in what for what in found)


@pytest.mark.slow
def test_slow_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "PARTS", SLOW)
    assert "ofa, 2 worker(s)" in rows(tmp_path)


def test_a_part_that_fails_is_told_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(sizes: device.Sizes) -> device.Rows:
        yield device.Row("a row", 1.0, "s")
        raise RuntimeError("no such engine")

    monkeypatch.setattr(device, "PARTS", (broken, device.operators))
    device.main(tmp_path / "result.json", small=True, minutes=8)
    first, second = json.loads((tmp_path / "result.json").read_text())["parts"]
    assert [row["what"] for row in first["rows"]] == ["a row"]
    assert "no such engine" in first["error"]
    assert second["error"] is None
    assert second["rows"]
