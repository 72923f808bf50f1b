"""A new archive, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.archive.archive import Archive
from tests.graph.fakes import SPACE


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path / "archive.sqlite", SPACE)
    yield archive
    archive.close()
