"""OFA with predicted accuracies: its space, its evaluator, and options that it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import UserError
from supernets.evaluate.protocol import read_protocol
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space, predicted_name
from supernets.space.architecture import InvalidArchitecture
from tests.supernets.families.ofa.test_accuracy_predictor import predicted_space

NAME = "ofa-w1.0-predicted"


def test_the_space_has_only_the_resolution_that_was_measured() -> None:
    space = get_space(predicted_name("ofa-w1.0"))
    genotype = get_space("ofa-w1.0").genotype(get_space("ofa-w1.0").largest())
    assert space.cost(space.parse(genotype)) == get_space("ofa-w1.0").cost(get_space("ofa-w1.0").largest())
    with pytest.raises(InvalidArchitecture, match="expected one of 224; got 208"):
        space.parse({**genotype, "r": 208})


def test_a_prediction_is_marked_and_the_same_in_any_company(tmp_path: Path) -> None:
    opened = open_evaluator(EvaluatorRequest(supernet=NAME, cache=tmp_path))
    space = predicted_space()
    one, other = opened.evaluator.evaluate([space.largest(), space.smallest()])
    assert opened.evaluator.report(space.smallest()).top1 == other.top1 < one.top1
    assert 0 < one.stderr < 1
    assert "predicted from 1,462 measured networks" in opened.evaluator.protocol.measure
    assert read_protocol(opened.evaluator.protocol.to_dict()) == opened.evaluator.protocol
    assert "PREDICTED" in opened.notes[0]


def test_what_is_of_no_use_to_a_prediction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="leave out --images"):
        open_evaluator(EvaluatorRequest(supernet=NAME, cache=tmp_path, images=tmp_path))
    with pytest.raises(UserError, match=r"expected a supernet with a predictor \(ofa, ofa-w1\.0\), got spos"):
        predicted_name("spos")


def test_without_a_predictor_and_with_a_device_or_a_data_set_the_reason_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no predictor is bundled; .* --predictor FILE"):
        open_evaluator(EvaluatorRequest(supernet="ofa-predicted", cache=tmp_path))
    with pytest.raises(UserError, match="--device: ofa-predicted scores without running networks"):
        open_evaluator(EvaluatorRequest(supernet="ofa-predicted", cache=tmp_path, device="cpu"))
    with pytest.raises(UserError, match="accuracies are predicted for ImageNet"):
        get_space("ofa-predicted", "cifar10")
