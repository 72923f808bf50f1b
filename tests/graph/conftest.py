"""The context of a run with an empty archive, shared by the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.archive.archive import Archive
from graph.budget import Budget
from graph.context import RunContext
from graph.limits import Limits, Sweep
from tests.graph.fakes import SPACE, config, protocol


@pytest.fixture
def context(tmp_path: Path) -> Iterator[RunContext]:
    settings, archive = config(target=75.0), Archive(tmp_path / "archive.sqlite", SPACE)
    yield RunContext(
        config=settings,
        space=SPACE,
        protocol=protocol(),
        sweep=Sweep((Limits(settings.limits),)),
        budget=Budget(evaluations=settings.evaluations, minutes=None, clock=lambda: 0.0),
        archive=archive,
        transcript=archive.calls,
        prices={},
        emit=lambda event: None,
        clock=lambda: 0.0,
    )
    archive.close()
