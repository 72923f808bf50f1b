from __future__ import annotations

from supernets.families.recipe import Scale
from tests.supernets.families.conformance import SupernetConformance


class TestOFA(SupernetConformance):
    name = "ofa"
    scale = Scale(0.2, 4)
    manifest = "ofa_mbv3_w1.2"


class TestOFAWidth1(SupernetConformance):
    name = "ofa-w1.0"
    scale = Scale(0.2, 4)
    manifest = "ofa_mbv3_w1.0"


class TestOFAProxyless(SupernetConformance):
    name = "ofa-proxyless"
    scale = Scale(0.2, 4)
    manifest = "ofa_proxyless_w1.3"
