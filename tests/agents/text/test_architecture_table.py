from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.text.architecture_table import ArchitectureRow, format_rows, parse_rows

VALUES = st.integers() | st.text(st.sampled_from('|{}"\\ ~+\n\x85\u2028é') | st.characters()) | st.none()

COSTS = ("macs_m", "params_m", "latency_ms")


def costs(macs_m: float, params_m: float, latency_ms: float | None = None) -> dict[str, float | None]:
    return dict(zip(COSTS, (macs_m, params_m, latency_ms), strict=True))


ROWS = [
    ArchitectureRow(
        genotype={"r": 208, "d": [2, 3]}, costs=costs(297.1234, 4.5), verdict="evaluated", top1=76.25, stderr=0.42
    ),
    ArchitectureRow(genotype={"r": 224, "d": [4, 4]}, costs=costs(500.0, 5.25, 31.5), verdict="over limit"),
    ArchitectureRow(genotype={"r": 160, "d": [2, 2]}, costs=costs(100.0, 3.0), verdict="cost only"),
]


def test_what_is_written_is_read_back() -> None:
    assert parse_rows(format_rows(ROWS, COSTS)) == ROWS


@given(st.dictionaries(st.text(), VALUES | st.lists(VALUES, max_size=3), max_size=3))
def test_any_genotype_is_read_back(genotype: dict[str, object]) -> None:
    cell = ArchitectureRow(genotype={"cell": "|a~0|+|b~0|a~1|"}, costs=costs(1.0, 2.0), verdict="cost only")
    rows = [ArchitectureRow(genotype=genotype, costs=costs(1.0, 2.0), verdict="evaluated", top1=70.0), cell]
    assert parse_rows(f"Results:\n{format_rows(rows, COSTS)}\n") == rows


def test_rows_are_found_in_the_middle_of_prose() -> None:
    first, others = format_rows(ROWS[:1], COSTS), format_rows(ROWS[1:], COSTS)
    text = f"Results:\n\n{first}\n\nand costs | like | this:\n{others}\nThat is all."
    assert parse_rows(text) == ROWS


def test_each_table_is_read_by_its_own_header() -> None:
    figures = {"macs_m": 1.0, "params_m": 2.0, "memory_mb": 3.0}
    other = ArchitectureRow(genotype={"r": 160}, costs=figures, verdict="evaluated", top1=70.0, stderr=0.4)
    text = "\n".join([format_rows(ROWS, COSTS), format_rows([other], tuple(figures))])
    assert parse_rows(text) == [*ROWS, other]
    assert parse_rows(format_rows(ROWS, COSTS).split("\n", 2)[2]) == []  # without a header, numbers mean nothing


def test_an_unknown_number_is_an_empty_cell_and_never_zero() -> None:
    line = format_rows([ROWS[2]], COSTS).splitlines()[-1]
    assert line == '| {"r":160,"d":[2,2]} | 100 | 3 |  |  |  | cost only |'


def test_damaged_rows_are_passed_over() -> None:
    good = format_rows(ROWS[:1], COSTS)
    changes = [("297.1234", "many"), ('{"r":208', "{r:208"), ("297.1234", ""), (" | evaluated", "")]
    damaged = [good.replace(*change) for change in changes]
    assert [parse_rows(text) for text in damaged] == [[], [], [], []]
