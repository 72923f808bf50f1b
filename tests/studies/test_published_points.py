from __future__ import annotations

from dataclasses import replace

from studies.published_points import published_points
from tests.supernets.evaluate.test_protocol import PREDICTED, SUPERNET, TABLE


def test_points_are_those_of_the_paper_by_their_source() -> None:
    points = published_points("ofa", SUPERNET, "macs_m")
    assert [(p.cost, p.top1) for p in points if p.source == "CoLLM-NAS"] == [
        (200, 75.9), (297, 77.6), (391, 78.5), (498, 79.0),
    ]  # fmt: skip
    assert [p.cost for p in published_points("autoformer", SUPERNET, "params_m")] == [5.9, 6.0]
    assert published_points("ofa", PREDICTED, "paper_macs_m")


def test_scores_of_other_images_and_other_costs_have_none() -> None:
    assert not published_points("ofa", replace(SUPERNET, images="cifar10"), "macs_m")
    assert not published_points("ofa", TABLE, "macs_m")
    assert not published_points("ofa", SUPERNET, "memory_mb")
    assert not published_points("ofa-w1.0", SUPERNET, "macs_m")
