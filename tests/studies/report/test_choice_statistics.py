from __future__ import annotations

import random
from statistics import fmean, stdev

from studies.report.choice_statistics import choice_statistics
from supernets.evaluate.evaluator import Evaluation
from supernets.families.registry import get_space

SPACE = get_space("ofa")


def test_means_are_over_networks_in_which_the_gene_acts() -> None:
    rng = random.Random(0)
    scores = [Evaluation(SPACE.sample(rng), rng.uniform(60, 70), 0.5, 100, 0.0, "p") for _ in range(40)]
    found = {each["label"]: each["choices"] for each in choice_statistics(SPACE, scores)}
    assert list(found) == [dimension.label for dimension in SPACE.dimensions]
    deep = [s for s in scores if s.architecture["d"][0] == 4]
    top1 = [s.top1 for s in deep if s.architecture["ks"][3] == 5]
    row = next(row for row in found["ks[3]"] if row[0] == 5)
    assert row == [5, len(top1), round(fmean(top1), 3), round(stdev(top1) / len(top1) ** 0.5, 3)]
    assert sum(row[1] for row in found["ks[3]"]) == len(deep) < 40
    assert sum(row[1] for row in found["r"]) == 40


def test_one_network_has_a_mean_and_no_error_and_none_has_neither() -> None:
    score = Evaluation(SPACE.smallest(), 61.0, 0.5, 100, 0.0, "p")
    choices = choice_statistics(SPACE, [score])[0]["choices"]
    assert choices[0] == [160, 1, 61.0, None]
    assert choices[1][1:] == [0, None, None]
