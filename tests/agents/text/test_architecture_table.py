from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.architecture_table import ArchitectureRow, format_rows, parse_rows
from agents.text.compact_form import CompactForm
from agents.text.genes import read_genes
from supernets.families.registry import get_space, space_names

_GENES = read_genes(
    "| genes | choices | meaning |\n|---|---|---|\n| r | 160, 208, 224 | side |\n| d[0] d[1] | 2, 3, 4 | depth |"
)
assert _GENES is not None
FORM = CompactForm(_GENES.genes)
COSTS = {"macs_m": 1, "params_m": 2, "latency_ms": 2}


def costs(macs_m: float, params_m: float, latency_ms: float | None = None) -> dict[str, float | None]:
    return dict(zip(COSTS, (macs_m, params_m, latency_ms), strict=True))


ROWS = [
    ArchitectureRow(
        id="1.2", genotype={"r": 208, "d": [2, 3]}, costs=costs(297.1, 4.5), verdict="evaluated", top1=76.25
    ),
    ArchitectureRow(id="1.3", genotype={"r": 224, "d": [4, 4]}, costs=costs(500.0, 5.25, 31.5), verdict="over limit"),
    ArchitectureRow(genotype={"r": 160, "d": [2, 2]}, costs=costs(100.0, 3.0), verdict="cost only"),
    ArchitectureRow(
        id="2.1", genotype={"r": 160, "d": [2, 4]}, costs=costs(120.0, 3.1), verdict="stopped at 800 images", top1=61.5,
        stderr=1.7,
    ),
]  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    assert parse_rows(format_rows(ROWS, FORM, COSTS), FORM) == ROWS


def test_a_table_is_short_and_says_only_what_is_known() -> None:
    assert format_rows(ROWS, FORM, COSTS).splitlines() == [
        "| id | r | d | macs_m | params_m | latency_ms | top1 |",
        "|---|---|---|---|---|---|---|",
        "| 1.2 | 208 | 23 | 297.1 | 4.50 |  | 76.25 |",
        "| 1.3 | 224 | 44 | 500.0 | 5.25 | 31.50 | over limit |",
        "|  | 160 | 22 | 100.0 | 3.00 |  |  |",
        "| 2.1 | 160 | 24 | 120.0 | 3.10 |  | ~61.5 +- 1.7 (stopped at 800 images) |",
    ]


@pytest.mark.parametrize("name", space_names())
def test_rows_of_every_space_are_read_back(name: str) -> None:
    space, rng = get_space(name), random.Random(0)
    genes = read_genes(space.describe())
    assert genes is not None
    form = CompactForm(genes.genes)
    scored = [(space.sample(rng), round(rng.uniform(50, 80), 2)) for _ in range(20)]
    rows = [ArchitectureRow(genotype=a.to_dict(), costs={}, verdict="evaluated", top1=top1) for a, top1 in scored]
    read = parse_rows(f"Results:\n{format_rows(rows, form, {})}\n", form)
    assert [(space.parse(row.genotype), row.top1) for row in read] == scored


def test_rows_are_found_in_the_middle_of_prose() -> None:
    first, others = format_rows(ROWS[:1], FORM, COSTS), format_rows(ROWS[1:], FORM, COSTS)
    text = f"Results:\n\n{first}\n\nand costs | like | this:\n{others}\nThat is all."
    assert parse_rows(text, FORM) == ROWS


def test_each_table_is_read_by_its_own_header() -> None:
    other = ArchitectureRow(genotype={"r": 160, "d": [2, 2]}, costs={"memory_mb": 3.0}, verdict="evaluated", top1=70.0)
    text = "\n\n".join([format_rows(ROWS, FORM, COSTS), format_rows([other], FORM, {"memory_mb": 3})])
    assert parse_rows(text, FORM) == [*ROWS, other]
    # Without a header, numbers mean nothing.
    assert parse_rows(format_rows(ROWS, FORM, COSTS).split("\n", 2)[2], FORM) == []


def test_damaged_rows_are_passed_over() -> None:
    good = format_rows(ROWS[:1], FORM, COSTS)
    changes = [("297.1", "many"), ("208", "209"), ("| 23 |", "| 2 |"), ("76.25", "high"), (" | 76.25", "")]
    damaged = [good.replace(*change) for change in changes]
    assert [parse_rows(text, FORM) for text in damaged] == [[]] * len(changes)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert parse_rows(f"{format_rows(ROWS, FORM, COSTS)}\n{text}", FORM)[: len(ROWS)] == ROWS
