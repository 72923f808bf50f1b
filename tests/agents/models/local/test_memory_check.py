from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.local.memory_check import check_memory
from common.errors import UserError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def meminfo(folder: Path, text: str) -> Path:
    path = folder / "meminfo"
    path.write_text(text)
    return path


def test_a_model_that_does_not_fit_the_free_memory_is_refused(file: Path, tmp_path: Path) -> None:
    short = meminfo(tmp_path, "MemTotal: 900000 kB\nMemAvailable:  100000 kB\n")
    with pytest.raises(UserError, match="needs about 250 MB of memory, 102 MB are free"):
        check_memory(file, meminfo=short)


def test_a_model_that_fits_is_accepted(file: Path, tmp_path: Path) -> None:
    check_memory(file, meminfo=meminfo(tmp_path, "MemAvailable:  300000 kB\n"))


def test_whole_prompts_need_more(file: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs about 1,200 MB of memory"):
        check_memory(file, full=True, meminfo=meminfo(tmp_path, "MemAvailable:  300000 kB\n"))


@pytest.mark.parametrize("text", ["", "MemAvailable: much", "MemTotal: 1 kB", "garbage"])
def test_a_system_that_does_not_report_its_memory_is_trusted(file: Path, tmp_path: Path, text: str) -> None:
    check_memory(file, meminfo=meminfo(tmp_path, text))
    check_memory(file, meminfo=tmp_path / "absent")
