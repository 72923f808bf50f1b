"""Remarks are kept in order, each once."""

from __future__ import annotations

from graph.archive.archive import Archive


def test_remarks_come_back_by_round_and_number(archive: Archive) -> None:
    for round, number, text in ((1, 2, "wider"), (1, 1, "deeper"), (2, 1, "cheaper"), (1, 1, "said again")):
        archive.remarks.add(round, number, text)
    assert archive.remarks.of(1) == ("deeper", "wider")
    assert archive.remarks.of(2) == ("cheaper",)
    assert archive.remarks.of(3) == ()
