from __future__ import annotations

from supernets.family import Scale
from tests.supernets.conformance import SupernetConformance


class TestSPOS(SupernetConformance):
    name = "spos"
    scale = Scale(0.25, 4)
    manifest = "spos"
