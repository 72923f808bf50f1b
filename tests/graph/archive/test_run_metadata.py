"""Metadata of a run is recorded once and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import UserError
from graph.archive.archive import Archive
from supernets.evaluate.protocol import ProtocolMismatch
from tests.graph.fakes import SPACE, protocol


def test_the_protocol_of_a_run_is_fixed(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.sqlite", SPACE)
    archive.require_protocol(protocol())
    archive.close()
    again = Archive(tmp_path / "archive.sqlite", SPACE)
    again.require_protocol(protocol())
    with pytest.raises(ProtocolMismatch, match="search_images: 1000 there, 5 here"):
        again.require_protocol(replace(protocol(), search_images=5))
    again.close()


def test_changed_prompts_are_refused(archive: Archive) -> None:
    for _ in range(2):
        archive.require_prompts("one")
    with pytest.raises(UserError, match=r"the prompts have changed since the run began \(expected hash one, got two\)"):
        archive.require_prompts("two")


def test_prices_time_and_the_end_are_kept(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.sqlite", SPACE)
    assert (archive.prices, archive.seconds, archive.stopped_because) == ({}, 0.0, "")
    archive.save_prices({"model": None})
    archive.save_seconds(1.25)
    archive.stop("enough")
    archive.close()
    again = Archive(tmp_path / "archive.sqlite", SPACE)
    assert (again.prices, again.seconds, again.stopped_because) == ({"model": None}, 1.25, "enough")
    again.close()
