"""The plot of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from studies.compare.curve_plot import draw
from studies.compare.statistics import ScoreRange
from tests.studies.compare.test_statistics import finished

RUNS = [finished("a", 0, [1.0, 3.0], 3.0), finished("a", 1, [3.0], 3.0), finished("b", 0, [2.0, 2.0], 2.0)]


def test_lines_are_means_over_seeds_and_short_runs_keep_their_last_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, path: Path, **options: Any) -> None:
        figures.append(figure)
        save(figure, path, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    draw(RUNS, {"d": ScoreRange(typical=0.0, best=4.0, best_report=5.0)}, tmp_path / "plot.png")
    (panel,) = figures[0].axes
    first, second, best = (list(map(float, line.get_ydata())) for line in panel.lines)  # type: ignore[arg-type]
    assert (first, second, set(best)) == ([2.0, 3.0], [2.0, 2.0], {5.0})
    assert imread(tmp_path / "plot.png").shape[2] == 4


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_the_suffix_selects_the_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"plot.{suffix}"
    draw(RUNS, {"d": ScoreRange(typical=0.0, best=4.0)}, path)
    assert path.read_bytes()[:4] == {"svg": b"<?xm", "pdf": b"%PDF"}[suffix]
