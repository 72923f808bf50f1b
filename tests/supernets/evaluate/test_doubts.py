"""Weights that cannot be those of a trained supernet are doubted; others are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from supernets.evaluate.doubts import doubts
from supernets.evaluate.protocol import Calibration
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, supernet_family
from supernets.load import load_supernet
from supernets.network.supernet import Supernet

AVERAGE = Calibration("average", images=500, batch=250)


@pytest.fixture
def net() -> Supernet:
    return load_supernet(supernet_family("ofa"), None).net


@pytest.mark.parametrize("name", ["ofa", "spos", "autoformer"])
def test_bundled_weights_are_not_doubted(name: str) -> None:
    loaded = load_supernet(supernet_family(name), None)
    space = loaded.net.space
    side = space.resolution(space.smallest()) // loaded.metadata.divisor
    assert doubts(loaded.net, side, loaded.calibration) == ()


def test_untrained_weights_are_doubted() -> None:
    torch.manual_seed(0)
    (text,) = doubts(build_supernet("ofa", Scale(0.1, 4), 10), 40, AVERAGE)
    assert "the same logits" in text


def zeros(net: Supernet) -> None:
    for parameter in net.parameters():
        parameter.data.zero_()


def constant_head(net: Supernet) -> None:
    for name, parameter in net.named_parameters():
        if name.startswith("head.classifier"):
            parameter.data.fill_(0.5)
        elif name.startswith("stem"):
            parameter.data.zero_()


def dead_stem(net: Supernet) -> None:
    for name, parameter in net.named_parameters():
        if name.startswith("stem"):
            parameter.data.zero_()


def infinite(net: Supernet) -> None:
    next(p for name, p in net.named_parameters() if name.startswith("head.classifier")).data.fill_(float("inf"))


def zero_head(net: Supernet) -> None:
    for name, parameter in net.named_parameters():
        if name.startswith("head"):
            parameter.data.zero_()


@pytest.mark.parametrize(
    ("harm", "sign"),
    [
        (zeros, "the same logits of the smallest and of the largest"),
        (zero_head, "the same logits of the smallest and of the largest"),
        (constant_head, "the same logits"),
        (dead_stem, "the same logits whatever the image is"),
        (infinite, "logits that are not finite"),
    ],
)
def test_what_cannot_be_right_is_named(net: Supernet, harm: Callable[[Supernet], None], sign: str) -> None:
    harm(net)
    (text,) = doubts(net, 40, AVERAGE)
    assert sign in text
    assert "not those of a trained supernet" in text


def test_statistics_that_stay_are_named(net: Supernet, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __enter__(self) -> None: ...
        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr("supernets.evaluate.doubts.measuring", lambda modules, rule: Nothing())
    (text,) = doubts(net, 40, AVERAGE)
    assert "batch-norm statistics that calibration does not change" in text
    assert doubts(net, 40, None) == ()
