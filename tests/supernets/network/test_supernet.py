"""Steps and paths on a network of two elastic layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from supernets.network.supernet import Step, Supernet, tensors_of
from supernets.space.architecture import Architecture


class Toy(Supernet):
    """A batch norm and a linear layer, of whose outputs the first `w` are used."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.linear = nn.BatchNorm1d(4), nn.Linear(4, 6)
        with torch.device("meta"):
            self._templates = (nn.BatchNorm1d(4), {w: nn.Linear(4, w) for w in (2, 6)})

    def path(self, a: Architecture) -> list[Step]:
        w = a["w"]
        state = {"weight": self.linear.weight[:w], "bias": self.linear.bias[:w]}
        norm, linear = self._templates
        return [Step("norm", norm, tensors_of(self.norm)), Step(w, linear[w], state)]


def arch(w: int) -> Architecture:
    return Architecture("toy", (("w", w),))


def test_an_extracted_network_has_the_same_logits_and_weights_of_its_own() -> None:
    net, x = Toy().eval(), torch.randn(3, 4)
    extracted = net.extract(arch(2))
    before = net(x, arch(2))
    assert torch.equal(extracted(x), before)
    with torch.no_grad():
        net.linear.weight.zero_()
    assert torch.equal(extracted(x), before)
    assert not torch.equal(net(x, arch(2)), before)


def test_training_reaches_the_supernets_weights_and_statistics() -> None:
    net, x = Toy().train(), torch.randn(8, 4)
    net(x, arch(2)).sum().backward()
    assert net.linear.weight.grad is not None
    assert net.linear.weight.grad[:2].any()
    assert not net.linear.weight.grad[2:].any()
    assert net.norm.num_batches_tracked == 1
    net.eval()(x, arch(6))
    assert net.norm.num_batches_tracked == 1


def test_an_extracted_step_keeps_the_precision() -> None:
    step = Toy().double().path(arch(6))[1]
    module = step.extract()
    assert next(module.parameters()).dtype == torch.float64
    assert not module.training


def test_tensors_are_parameters_and_buffers() -> None:
    found: dict[str, Tensor] = tensors_of(nn.BatchNorm1d(3))
    assert set(found) == {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
