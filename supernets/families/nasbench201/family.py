"""The family of NAS-Bench-201: three data sets, trainings of 200 or 12 epochs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supernets.families.base import TableFamily
from supernets.families.nasbench201.latency import DEVICES
from supernets.families.nasbench201.layout import DATASETS
from supernets.families.nasbench201.space import NASBench201Space
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.evaluate.table import TableEvaluator

NAME = "nasbench201"
TABLE = Path(__file__).parent / "table.npz"
UNIT = 1e-4
"""Unit of accuracies in the table, in percent."""


def _space(dataset: str) -> SearchSpace:
    return NASBench201Space(NAME, DATASETS[dataset])


def _evaluator(space: SearchSpace, dataset: str, epochs: int) -> TableEvaluator:
    import numpy as np

    from supernets.evaluate.evaluator import standard_error
    from supernets.evaluate.table import Scores, TableEvaluator, read_columns

    described = DATASETS[dataset]

    def scores(split: str, images: int) -> Scores:
        (column,) = read_columns(TABLE, [f"{dataset}/{split}/{epochs}"], space.size())
        top1 = np.asarray(column * UNIT, dtype=np.float64)
        return Scores(
            top1=top1, stderr=standard_error(top1, images), images=images, meaning=f"{split}, {images:,} images"
        )

    search, report = scores("validation", described.validation), scores("test", described.test)
    return TableEvaluator(
        space=space, dataset=described.title, epochs=epochs, search=search, report=report, error="images"
    )


FAMILIES = {
    NAME: TableFamily(
        default_limits={},
        devices=DEVICES,
        name=NAME,
        datasets=tuple(DATASETS),
        epochs=(200, 12),
        space=_space,
        evaluator=_evaluator,
        source="Accuracies are those of NAS-Bench-201 (Dong and Yang, 2020), every cell trained alone.",
    )
}
