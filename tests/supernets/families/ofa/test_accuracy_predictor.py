"""Predicted accuracies: near the measured ones, honest about their errors, refused where nothing is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from supernets.evaluate.protocol import read_protocol
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.ofa.accuracy_predictor import Covariance, Predictor, measured_networks
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space, predicted_name
from supernets.space.architecture import InvalidArchitecture

NAME = "ofa-w1.0-predicted"


def predicted_space() -> OFASpace:
    space = get_space(NAME)
    assert isinstance(space, OFASpace)
    return space


def test_held_out_networks_are_predicted_better_than_by_ridge_regression() -> None:
    space = predicted_space()
    networks, top1 = measured_networks(space)
    held_out = np.arange(len(networks)) % 5 == 0
    known = [a for a, out in zip(networks, held_out, strict=True) if not out]
    unknown = [a for a, out in zip(networks, held_out, strict=True) if out]
    mean, error = Predictor(space=space, networks=known, top1=top1[~held_out]).predict(unknown)
    misses = np.abs(mean - top1[held_out])
    # With nothing but its linear part, the process is a ridge regression on one-hot active genes.
    ridge, _ = Predictor(
        space=space, networks=known, top1=top1[~held_out], kernel=Covariance(smooth=0, coarse=0)
    ).predict(unknown)
    assert misses.mean() < 0.06 < 0.1 < np.abs(ridge - top1[held_out]).mean()
    assert 0.9 < np.mean(misses < 2 * error) < 0.98


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
