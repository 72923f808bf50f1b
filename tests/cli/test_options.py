"""Values of options that several commands read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.options import absolute, device_or_file, limit_parameter

pytestmark = pytest.mark.usefixtures("own_place")


def test_a_file_of_a_device_becomes_absolute_and_a_name_stays() -> None:
    assert device_or_file("note10") == "note10"
    assert device_or_file(None) is None
    assert device_or_file("own.npz") == str(Path.cwd() / "own.npz")
    assert absolute(Path("a")) == str(Path.cwd() / "a")


def test_the_option_of_a_limit_is_named_after_its_cost() -> None:
    assert [limit_parameter(name) for name in ("macs_m", "paper_macs_m", "latency_ms")] == [
        "max_macs", "max_paper_macs", "max_latency_ms",
    ]  # fmt: skip
