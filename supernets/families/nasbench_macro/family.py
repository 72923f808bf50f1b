"""The family of NAS-Bench-Macro.

The benchmark has no validation accuracies, only test accuracies of three trainings of each network. The search sees the
first training and the report the mean of the other two, so that the report is independent of the search.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supernets.families.base import TableFamily
from supernets.families.nasbench_macro.space import NASBenchMacroSpace
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.evaluate.table import TableEvaluator

NAME = "nasbench-macro"
TABLE = Path(__file__).parent / "table.npz"
UNIT = 0.01
"""Unit of accuracies in the table, in percent: one of 10,000 images."""
TRAININGS = ("training 1", "training 2", "training 3")
_IMAGES = 10_000


def _space(dataset: str) -> SearchSpace:
    return NASBenchMacroSpace(NAME)


def _evaluator(space: SearchSpace, dataset: str, epochs: int) -> TableEvaluator:
    import numpy as np

    from supernets.evaluate.table import Scores, TableEvaluator, read_columns

    trainings = np.array(read_columns(TABLE, TRAININGS, space.size())) * UNIT
    # Three values are too few for a deviation of each network, so it is pooled over all networks.
    deviation = float(np.sqrt(trainings.var(axis=0, ddof=1).mean()))

    def scores(trained: slice, meaning: str) -> Scores:
        top1 = trainings[trained].mean(axis=0)
        error = deviation / len(trainings[trained]) ** 0.5
        return Scores(
            top1=top1, stderr=np.full(len(top1), error), images=_IMAGES, meaning=f"{meaning}, {_IMAGES:,} test images"
        )

    search, report = scores(slice(1), "first of three trainings"), scores(slice(1, None), "mean of the other two")
    return TableEvaluator(space=space, dataset="CIFAR-10", epochs=epochs, search=search, report=report, error="seeds")


FAMILIES = {
    NAME: TableFamily(
        default_limits={},
        name=NAME,
        datasets=("cifar10",),
        epochs=(50,),
        space=_space,
        evaluator=_evaluator,
        source="Accuracies are those of NAS-Bench-Macro (Su et al., 2021), every network trained alone.",
    )
}
