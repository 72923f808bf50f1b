"""Scores that are looked up: the bundled tables, their optima, and what is said of damaged ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluate.table import TableEvaluator, read_columns
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

BEST_100 = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def opened(name: str, **named: object) -> TableEvaluator:
    evaluator = open_evaluator(EvaluatorRequest(supernet=name, cache=Path("cache"), **named)).evaluator  # type: ignore[arg-type]
    assert isinstance(evaluator, TableEvaluator)
    return evaluator


def everything(space: SearchSpace) -> list[Architecture]:
    architectures = [space.smallest()]
    for i, dimension in enumerate(space.dimensions):
        gene = dimension.gene
        architectures = [
            space.parse({gene: [*a[gene][:i], choice, *a[gene][i + 1 :]]})
            for a in architectures
            for choice in dimension.choices
        ]
    return architectures


def best(scores: list[Evaluation]) -> float:
    return round(max(e.top1 for e in scores), 2)


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


def test_the_report_of_nasbench_macro_is_of_trainings_that_the_search_did_not_see() -> None:
    space, evaluator = get_space("nasbench-macro"), opened("nasbench-macro")
    a = space.parse({"layers": [2, 2, 2, 1, 2, 2, 2, 0]})
    first, others = next(evaluator.evaluate([a])), evaluator.report(a)
    # The mean of all three is the best of the benchmark, 93.13.
    assert round((first.top1 + 2 * others.top1) / 3, 2) == 93.13
    assert first.stderr == pytest.approx(0.2128, abs=1e-4)
    assert others.stderr == pytest.approx(first.stderr / math.sqrt(2))


@pytest.mark.parametrize(
    ("name", "named", "message"),
    [
        ("nasbench201", {"dataset": "cifar20"}, "nasbench201 has cifar10, cifar100, imagenet16-120; got 'cifar20'"),
        ("nasbench201", {"epochs": 90}, "--epochs: nasbench201 has 200 and 12; got 90"),
        ("nasbench201", {"weights": Path("w.pth"), "images": Path("d")}, "leave out --weights, --images"),
        ("ofa", {"epochs": 12}, "--epochs: ofa is not a table of trainings"),
    ],
)
def test_what_is_of_no_use_is_refused(name: str, named: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        opened(name, **named)


def test_data_sets_are_of_tables_only() -> None:
    with pytest.raises(UserError, match="--dataset cifar10: ofa has no data sets of its own; name images"):
        get_space("ofa", "cifar10")


@pytest.mark.parametrize("damage", ["missing", "cut", "text", "other columns", "other rows"])
def test_a_damaged_table_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "table.npz"
    np.savez_compressed(path, one=np.arange(30 if damage == "other rows" else 20))
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    if damage in ("cut", "text"):
        path.write_bytes(content[:100] if damage == "cut" else b"version 1 of something else\n")
    with pytest.raises(UserError, match=r"table .*table\.npz"):
        read_columns(path, ["two" if damage == "other columns" else "one"], 20)
