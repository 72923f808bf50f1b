"""Settings that all tests share."""

from __future__ import annotations

import os
import signal

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
