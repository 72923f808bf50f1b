"""A study's tables and its CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from studies.compare.result_tables import at_the_end, on_the_way, write_csv
from studies.compare.statistics import StrategySummary, summaries
from tests.studies.compare.test_statistics import RANGES, finished

RUNS = [
    *(finished("random", seed, [40.0 + seed] * 12, 41.0 + seed) for seed in range(6)),
    *(finished("better", seed, [60.0] * 9 + [99.5] * 3, 62.0 + seed) for seed in range(6)),
]
SUMMARIES = summaries(RUNS, RANGES, "random")


def shown(table: RenderableType) -> list[list[str]]:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(table)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.split() for line in text.splitlines()]


def test_the_best_so_far_is_shown_where_the_budget_reaches() -> None:
    title, headings, random, better = shown(on_the_way("title", SUMMARIES))
    assert (title, headings) == (["title"], ["strategy", "after", "10"])
    assert random == ["random", "42.50", "±", "1.87"]
    assert better == ["better", "99.50", "±", "0.00"]


@pytest.mark.parametrize("ranks", [{}, {"random": 1234.0, "better": 2.0}])
def test_final_results_show_arrivals_and_p_values(ranks: dict[str, float]) -> None:
    *_, random, better, caption = shown(at_the_end("title", SUMMARIES, "random", ranks))
    assert caption == ["p", "against", "random"]
    places = [["1,234"], ["2"]] if ranks else [[], []]
    assert random == ["random", "43.50", "±", "1.87", "43.50", *places[0], "none", "of", "6"]
    assert better == ["better", "64.50", "±", "1.87", "64.50", *places[1], "10", "(6", "of", "6)", "0.031"]


@pytest.mark.parametrize(
    ("rows", "baseline", "why"),
    [
        (SUMMARIES[:1], "random", "empty, as there is nothing else to compare"),
        ([replace(SUMMARIES[1], p=None)], "random", "empty, as it is not part of this study"),
        ([replace(s, p=None) for s in SUMMARIES], "random", "empty, as a test of pairs needs 5 seeds or more"),
    ],
)
def test_an_empty_column_of_p_says_why(rows: list[StrategySummary], baseline: str, why: str) -> None:
    assert why in " ".join(shown(at_the_end("title", rows, baseline, {}))[-1])


def test_the_csv_has_a_row_per_evaluation(tmp_path: Path) -> None:
    write_csv(RUNS[:1], tmp_path / "compare.csv")
    with (tmp_path / "compare.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert rows[0] == {
        "dataset": "d", "strategy": "random", "seed": "0", "evaluation": "1", "search_top1": "40.0", "report_top1": ""
    }  # fmt: skip
    assert rows[-1]["report_top1"] == "41.0"
