"""The niches of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from studies.niche_map import NEAR, niche_map
from studies.report.report_data import report_data
from tests.graph.strategies.edited import searched

pytest.importorskip("ribs")


def test_each_niche_has_its_best_and_the_cells_fill_the_square(tmp_path: Path) -> None:
    run = searched(tmp_path, "llmatic", evaluations=40)
    found = niche_map(run)
    assert found is not None
    assert run.best is not None
    assert len(found.polygons) == 10
    assert found.near[0] == run.best
    assert all(score.top1 >= run.best.top1 - NEAR for score in found.near)
    assert set(found.best.values()) <= set(run.evaluations)
    area = 0.0
    for corners in found.polygons:
        turned = [*corners[1:], corners[0]]
        area += abs(sum(x * b - a * y for (x, y), (a, b) in zip(corners, turned, strict=True))) / 2
    assert area == pytest.approx(1.0, abs=0.001)
    shown = report_data(run)["niches"]
    assert shown["near"] == len(found.near)
    ids = {niche: report_data(run)["candidates"][index]["id"] for niche, index in shown["best"].items()}
    assert ids == {niche: score.architecture.id for niche, score in found.best.items()}


def test_other_strategies_have_none(tmp_path: Path) -> None:
    assert niche_map(searched(tmp_path, "evoprompting", evaluations=8)) is None
