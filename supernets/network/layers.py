"""Plain layers shared by the convolutional families, and `Step`, the unit a sub-network is made of.

Notable: a layer's arithmetic is written once, as a plain module of one fixed size. The weight-sharing
network runs that same module on *slices* of its own tensors (`Step.run`), and extraction copies those
slices into it (`Step.extract`), so dynamic and extracted networks cannot differ.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn
from torch.func import functional_call

from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "relu6": nn.ReLU6, "h_swish": nn.Hardswish}


def activation(name: str) -> nn.Module:
    return _ACTIVATIONS[name]()


@dataclass(frozen=True)
class Step:
    """One link of a sub-network's path.

    `key` identifies the step among all steps that could follow the same prefix: paths that begin with equal
    keys compute equal activations. `template` lives on the meta device and is shared; `state` holds views of
    the supernet's tensors, named as the template names its own.
    """

    key: Hashable
    template: nn.Module
    state: Mapping[str, Tensor]

    def run(self, x: Tensor, *, training: bool = False) -> Tensor:
        """Apply the step; with `training`, batch norm uses the batch and updates the supernet's statistics."""
        self.template.train(training)
        return cast(Tensor, functional_call(self.template, dict(self.state), (x,), strict=True))

    def extract(self) -> nn.Module:
        """An independent module with copies of the weights, in inference mode."""
        device = next(iter(self.state.values())).device
        module = copy.deepcopy(self.template).to_empty(device=device)
        floats = next(t for t in self.state.values() if t.is_floating_point())
        module.to(floats.dtype).load_state_dict(self.state)
        return module.eval()


class Supernet(nn.Module):
    """A weight-sharing network: `path` turns an architecture into steps, everything else follows from it.

    Inputs are float images `(N, 3, side, side)` normalised as the family's protocol says; the caller brings
    them to the architecture's resolution. Outputs are logits `(N, classes)`.
    """

    space: SearchSpace

    @abstractmethod
    def path(self, a: Architecture) -> list[Step]:
        """The steps of `a`, from images to logits."""

    def forward(self, x: Tensor, a: Architecture) -> Tensor:
        for step in self.path(a):
            x = step.run(x, training=self.training)
        return x

    def extract(self, a: Architecture) -> nn.Sequential:
        """A plain network with copied weights and the same logits, independent of this one."""
        return nn.Sequential(*(step.extract() for step in self.path(a)))


class ConvBN(nn.Module):
    """Convolution without bias, optional batch norm, optional activation."""

    def __init__(
        self, cin: int, cout: int, kernel: int, stride: int, act: str | None, eps: float | None, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.Identity() if eps is None else nn.BatchNorm2d(cout, eps=eps)
        self.act = nn.Identity() if act is None else activation(act)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.act(self.bn(self.conv(x))))


def pool(x: Tensor) -> Tensor:
    """Mean over positions: `(N, C, H, W)` to `(N, C, 1, 1)`."""
    if x.device.type == "cpu":
        # Reductions of half precision take three to six times as long there.
        return nn.functional.avg_pool2d(x, x.shape[2:])
    return x.mean((2, 3), keepdim=True)


class SqueezeExcite(nn.Module):
    """Channel gate: pooled features through two 1x1 convolutions and a hard sigmoid (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = nn.functional.hardsigmoid(self.expand(nn.functional.relu(self.reduce(pool(x)))))
        return x * gate


def prefixed(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in state.items()}


def sliced_bn(bn: nn.Module, channels: int) -> dict[str, Tensor]:
    """A batch norm's tensors for its first `channels` channels, as views; nothing for an identity."""
    if not isinstance(bn, nn.BatchNorm2d):
        return {}
    tensors = {**dict(bn.named_parameters()), **dict(bn.named_buffers())}
    return {name: t[:channels] if t.ndim else t for name, t in tensors.items()}


def sliced_conv_bn(layer: ConvBN, cout: int, cin: int) -> dict[str, Tensor]:
    """The first `cout` filters over the first `cin` inputs of a `ConvBN`, as views."""
    return {"conv.weight": layer.conv.weight[:cout, :cin], **prefixed("bn", sliced_bn(layer.bn, cout))}


def sliced_gate(gate: SqueezeExcite, channels: int, squeezed: int) -> dict[str, Tensor]:
    return {
        "reduce.weight": gate.reduce.weight[:squeezed, :channels],
        "reduce.bias": _bias(gate.reduce)[:squeezed],
        "expand.weight": gate.expand.weight[:channels, :squeezed],
        "expand.bias": _bias(gate.expand)[:channels],
    }


def _bias(conv: nn.Conv2d) -> Tensor:
    assert conv.bias is not None
    return conv.bias


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """All parameters and buffers of a module, by its own names."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}
