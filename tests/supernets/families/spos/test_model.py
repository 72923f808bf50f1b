from __future__ import annotations

from supernets.families.recipe import Scale
from tests.supernets.families.conformance import SupernetConformance


class TestSPOS(SupernetConformance):
    name = "spos"
    scale = Scale(0.25, 4)
    manifest = "spos"
