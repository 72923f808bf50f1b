from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from supernets.evaluate.calibrate import Rule, _Average, _Running, measuring
from tests.supernets.evaluate.calibrated import calibrate


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 4, 1)
        self.bn = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn(self.conv(x))
        return y

    def statistics(self) -> Tensor:
        assert self.bn.running_mean is not None
        assert self.bn.running_var is not None
        return torch.stack((self.bn.running_mean, self.bn.running_var)).clone()


def batches() -> list[Tensor]:
    return [torch.randn(n, 3, 5, 5, generator=torch.Generator().manual_seed(n)) + n for n in (6, 2)]


def test_averages_are_weighted_by_batch_size_with_biased_variances() -> None:
    layer = Layer().eval()
    calibrate(layer, batches())
    expected = torch.zeros(2, 4)
    with torch.no_grad():
        for x in batches():
            var, mean = torch.var_mean(layer.conv(x), (0, 2, 3), correction=0)
            expected += len(x) / 8 * torch.stack((mean, var))
    assert torch.allclose(layer.statistics(), expected, atol=1e-5)


def test_running_statistics_are_those_of_training_from_the_start() -> None:
    layer, trained = Layer().eval(), Layer().train()
    calibrate(layer, batches(), "running")
    with torch.no_grad():
        for x in batches():
            trained(x)
    assert torch.allclose(layer.statistics(), trained.statistics(), atol=1e-6)


def test_afterwards_nothing_is_measured_any_more() -> None:
    layer = Layer().eval()
    calibrate(layer, batches())
    measured = layer.statistics()
    with torch.no_grad():
        layer(torch.randn(4, 3, 2, 2))
    assert not layer.training
    assert torch.equal(layer.statistics(), measured)


@pytest.mark.parametrize(("rule", "kind"), [("average", _Average), ("running", _Running)])
@pytest.mark.parametrize("counts", [(6, 2), (1, 1)])
def test_one_operator_measures_and_normalises_as_several_do(
    rule: Rule, kind: type[_Average], counts: tuple[int, int]
) -> None:
    expected, found = nn.BatchNorm2d(4).eval().double(), nn.BatchNorm2d(4).eval().double()
    given = [torch.randn(n, 4, 3, 3, dtype=torch.float64) for n in counts]
    with torch.inference_mode():
        with measuring([expected], rule):
            outputs = [expected(x.clone()) for x in given]
        meter = kind(found)
        for x, output in zip(given, outputs, strict=True):
            meter.measure_on_cuda(x)
            assert torch.allclose(x, output, atol=1e-12)
        meter.finish()
    assert found.running_mean is not None
    assert found.running_var is not None
    assert torch.allclose(found.running_mean, torch.as_tensor(expected.running_mean), atol=1e-12)
    assert torch.allclose(found.running_var, torch.as_tensor(expected.running_var), atol=1e-12)


def test_a_single_value_has_no_variance() -> None:
    layer = Layer().eval()
    calibrate(layer, [torch.randn(1, 3, 1, 1)])
    assert torch.equal(layer.statistics()[1], torch.zeros(4))
