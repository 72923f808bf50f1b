"""Settings that all tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Two threads of a numerical library on two busy cores wait for each other; the tests are small.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What a shell starts in the background ignores interrupts, and so would whatever a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
# A shared machine can take its time: what an example does is tested, not how long.
# Conformance suites are inherited by one class for each implementation, on purpose.
settings.register_profile(
    "collm", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.differing_executors]
)
settings.load_profile("collm")


def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: each process keeps networks of up to 2 GB, so not one for every core of a large machine."""
    return min(4, os.cpu_count() or 1)


@pytest.fixture
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that run commands: an empty working directory and cache, no default model, one thread."""
    import torch

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COLLM_LLM", raising=False)
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few images of each class of the bundled weights."""
    import numpy as np
    from PIL import Image

    from supernets.families.registry import supernet_family
    from supernets.load import load_supernet

    root = tmp_path_factory.mktemp("images") / "small"
    rng = np.random.default_rng(0)
    for name in load_supernet(supernet_family("ofa"), None).metadata.classes:
        (root / name).mkdir(parents=True)
        for i in range(8):
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(root / name / f"{i}.png")
    return root
