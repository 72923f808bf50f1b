"""Scores of NAS-Bench-201: its optima, and single cells."""

from __future__ import annotations

import math

import pytest

from common.errors import UserError
from supernets.families.registry import get_space
from tests.supernets.families.tables import best, everything, opened

BEST_100 = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


@pytest.mark.parametrize(
    ("dataset", "search", "report", "errors"),
    [
        ("cifar10", 91.61, 94.37, (25_000, 10_000)),
        ("cifar100", 73.49, 73.51, (5_000, 5_000)),
        ("imagenet16-120", 46.73, 47.31, (3_000, 3_000)),
    ],
)
def test_the_optima_of_nasbench201_are_the_published_ones(
    dataset: str, search: float, report: float, errors: tuple[int, int]
) -> None:
    space, evaluator = get_space("nasbench201", dataset), opened("nasbench201", dataset=dataset)
    cells = everything(space)
    assert len(set(cells)) == space.size()
    searched, reported = list(evaluator.evaluate(cells)), [evaluator.report(a) for a in cells]
    assert (best(searched), best(reported)) == (search, report)
    for scores, images in zip((searched, reported), errors, strict=True):
        share = scores[7].top1 / 100
        assert scores[7].stderr == pytest.approx(100 * math.sqrt(share * (1 - share) / images))
        assert scores[7].images == images


def test_a_cell_has_the_accuracies_that_the_benchmark_recorded() -> None:
    a = get_space("nasbench201").parse({"cell": BEST_100})
    long, short = opened("nasbench201", dataset="cifar100"), opened("nasbench201", dataset="cifar100", epochs=12)
    assert next(long.evaluate([a])).top1 == pytest.approx(73.4933)
    assert long.report(a).top1 == pytest.approx(73.5133)
    assert next(short.evaluate([a])).top1 < 62
    assert long.protocol.id != short.protocol.id
    with pytest.raises(UserError, match="epochs: 200 there, 12 here"):
        short.protocol.require_same(long.protocol.to_dict())
