"""The confusion matrix as a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from studies.ranking.confusion_plot import draw
from studies.ranking.ranking_results import RankingResults
from studies.ranking.trials import Trial
from tests.studies.ranking.test_ranking_results import broken, perfect, reversed_


def test_cells_are_percent_of_the_ranked_trials(
    tmp_path: Path, drawn: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, path: Path, **options: Any) -> None:
        figures.append(figure)
        save(figure, path, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    results = RankingResults([perfect(drawn[0]), perfect(drawn[1]), reversed_(drawn[2]), broken(drawn[3])])
    draw(results, "title", tmp_path / "plot.png")
    (panel,) = figures[0].axes
    cells = {text.get_position(): text.get_text() for text in panel.texts}
    assert len(cells) == 20
    assert (cells[0, 0], cells[9, 0]) == ("67", "33")
    assert panel.get_title() == "title"


def test_without_a_ranking_the_matrix_is_empty(tmp_path: Path, drawn: list[Trial]) -> None:
    draw(RankingResults([broken(drawn[0])]), "none", tmp_path / "plot.png")
    assert imread(tmp_path / "plot.png").shape[2] == 4
