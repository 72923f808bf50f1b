"""Plain layers of the convolutional families, and views of their first channels. Knows no architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from torch import Tensor, nn

from supernets.network.depthwise import DepthwiseConv2d
from supernets.network.pointwise import PointwiseConv2d

_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "relu6": nn.ReLU6, "h_swish": nn.Hardswish}


def activation(name: str) -> nn.Module:
    return _ACTIVATIONS[name]()


class ConvBN(nn.Module):
    """Convolution without bias, optional batch norm, optional activation."""

    def __init__(
        self, cin: int, cout: int, *, kernel: int = 1, stride: int = 1, act: str | None = None, eps: float | None,
        groups: int = 1,
    ) -> None:  # fmt: skip
        super().__init__()
        if groups == cin == cout:
            self.conv: nn.Conv2d = DepthwiseConv2d(cin, kernel, stride)
        elif kernel == stride == groups == 1:
            self.conv = PointwiseConv2d(cin, cout)
        else:
            self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.Identity() if eps is None else nn.BatchNorm2d(cout, eps=eps)
        self.act = nn.Identity() if act is None else activation(act)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.act(self.bn(self.conv(x))))


def pool(x: Tensor) -> Tensor:
    """Mean over positions: `(N, C, H, W)` to `(N, C, 1, 1)`."""
    if x.device.type == "cpu":
        # Reductions in half precision take three to six times as long on a CPU.
        return nn.functional.avg_pool2d(x, x.shape[2:])
    return x.mean((2, 3), keepdim=True)


class SqueezeExcite(nn.Module):
    """Channel gate: pooled features through two 1x1 convolutions and a hard sigmoid (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = PointwiseConv2d(channels, squeezed, bias=True)
        self.expand = PointwiseConv2d(squeezed, channels, bias=True)

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
