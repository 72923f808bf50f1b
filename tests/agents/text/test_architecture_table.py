from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.text.architecture_table import ArchitectureRow, format_rows, parse_rows

VALUES = st.integers() | st.text(st.sampled_from('|{}"\\ ~+\n\x85\u2028é') | st.characters()) | st.none()

ROWS = [
    ArchitectureRow(
        genotype={"r": 208, "d": [2, 3]}, macs_m=297.1234, params_m=4.5, verdict="evaluated", top1=76.25, stderr=0.42
    ),
    ArchitectureRow(
        genotype={"r": 224, "d": [4, 4]},
        macs_m=500.0,
        params_m=5.25,
        verdict="over limit",
        paper_macs_m=499.0,
        latency_ms=31.5,
    ),
    ArchitectureRow(genotype={"r": 160, "d": [2, 2]}, macs_m=100.0, params_m=3.0, verdict="cost only"),
]


def test_what_is_written_is_read_back() -> None:
    assert parse_rows(format_rows(ROWS)) == ROWS


@given(st.dictionaries(st.text(), VALUES | st.lists(VALUES, max_size=3), max_size=3))
def test_any_genotype_is_read_back(genotype: dict[str, object]) -> None:
    rows = [
        ArchitectureRow(genotype=genotype, macs_m=1.0, params_m=2.0, verdict="evaluated", top1=70.0),
        ArchitectureRow(genotype={"cell": "|a~0|+|b~0|a~1|"}, macs_m=1.0, params_m=2.0, verdict="cost only"),
    ]
    assert parse_rows(f"Results:\n{format_rows(rows)}\n") == rows


def test_rows_are_found_in_the_middle_of_prose() -> None:
    text = f"Results:\n\n{format_rows(ROWS[:1])}\n\nand costs | like | this:\n{format_rows(ROWS[1:])}\nThat is all."
    assert parse_rows(text) == ROWS


def test_an_unknown_number_is_an_empty_cell_and_never_zero() -> None:
    line = format_rows([ROWS[2]]).splitlines()[-1]
    assert line == '| {"r":160,"d":[2,2]} | 100 | 3 |  |  |  |  | cost only |'


def test_damaged_rows_are_passed_over() -> None:
    good = format_rows(ROWS[:1])
    changes = [("297.1234", "many"), ('{"r":208', "{r:208"), ("297.1234", ""), (" | evaluated", "")]
    damaged = [good.replace(*change) for change in changes]
    assert [parse_rows(text) for text in damaged] == [[], [], [], []]
