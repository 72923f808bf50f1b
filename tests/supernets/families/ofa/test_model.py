from __future__ import annotations

from supernets.families.recipe import Scale
from tests.supernets.families.conformance import ReleasedConformance


class TestOFA(ReleasedConformance):
    name = "ofa"
    scale = Scale(0.2, 4)
    manifest = "ofa_mbv3_w1.2"


class TestOFAWidth1(ReleasedConformance):
    name = "ofa-w1.0"
    scale = Scale(0.2, 4)
    manifest = "ofa_mbv3_w1.0"


class TestOFAProxyless(ReleasedConformance):
    name = "ofa-proxyless"
    scale = Scale(0.2, 4)
    manifest = "ofa_proxyless_w1.3"
