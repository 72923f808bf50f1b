"""The OFA weight-sharing network: every sub-network of the space as slices of one set of weights.

Elastic are the depth of a stage (its first d blocks run), a block's expansion (its first hidden channels) and
its kernel: the 5x5 kernel is a learned 25x25 transform of the centre of the 7x7 one, the 3x3 kernel a learned
9x9 transform of the centre of that 5x5 one (Cai et al., ICLR 2020, section 3.3).
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from supernets.families.ofa.layout import EXPANSIONS, KERNELS, Layout, hidden_width, squeeze_width
from supernets.families.ofa.space import OFASpace
from supernets.network.layers import ConvBN, SqueezeExcite, pool, prefixed, sliced_bn, sliced_conv_bn, sliced_gate
from supernets.network.supernet import Step, Supernet, tensors_of
from supernets.space.architecture import Architecture


class InvertedResidual(nn.Module):
    """Expand, filter per channel, optionally gate, project; add the input where shapes allow."""

    def __init__(
        self, *, cin: int, hidden: int, cout: int, kernel: int, stride: int, act: str, squeeze: bool, eps: float,
        expand: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.inverted_bottleneck = ConvBN(cin, hidden, act=act, eps=eps) if expand else nn.Identity()
        self.depth_conv = ConvBN(hidden, hidden, kernel=kernel, stride=stride, act=act, eps=eps, groups=hidden)
        self.se = SqueezeExcite(hidden, squeeze_width(hidden)) if squeeze else nn.Identity()
        self.point_linear = ConvBN(hidden, cout, eps=eps)
        self.residual = stride == 1 and cin == cout
        if self.residual and isinstance(self.point_linear.bn, nn.BatchNorm2d):
            # Training starts from identities, so that depth can be elastic from the first step.
            nn.init.zeros_(self.point_linear.bn.weight)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.point_linear(self.se(self.depth_conv(self.inverted_bottleneck(x))))
        return x + y if self.residual else y


class ElasticBlock(InvertedResidual):
    """An inverted residual of the largest size, with the transforms that make its smaller kernels."""

    def __init__(self, *, cin: int, cout: int, stride: int, act: str, squeeze: bool, eps: float) -> None:
        self.shape = (cin, cout, stride, act, squeeze, eps)
        hidden = hidden_width(cin, max(EXPANSIONS))
        super().__init__(
            cin=cin, hidden=hidden, cout=cout, kernel=max(KERNELS), stride=stride, act=act, squeeze=squeeze, eps=eps
        )
        self.to5 = nn.Parameter(torch.eye(25))
        self.to3 = nn.Parameter(torch.eye(9))

    def step(self, position: int, kernel: int, expansion: int) -> Step:
        return Step(
            (position, kernel, expansion), _template(*self.shape, kernel, expansion), self._state(kernel, expansion)
        )

    def _state(self, kernel: int, expansion: int) -> dict[str, Tensor]:
        cin, cout = self.shape[:2]
        hidden = hidden_width(cin, expansion)
        assert isinstance(self.inverted_bottleneck, ConvBN)
        state = {
            **prefixed("inverted_bottleneck", sliced_conv_bn(self.inverted_bottleneck, hidden, cin)),
            "depth_conv.conv.weight": self._kernel(hidden, kernel),
            **prefixed("depth_conv.bn", sliced_bn(self.depth_conv.bn, hidden)),
            **prefixed("point_linear", sliced_conv_bn(self.point_linear, cout, hidden)),
        }
        if isinstance(self.se, SqueezeExcite):
            state |= prefixed("se", sliced_gate(self.se, hidden, squeeze_width(hidden)))
        return state

    def _kernel(self, hidden: int, kernel: int) -> Tensor:
        weight = self.depth_conv.conv.weight[:hidden]
        for size, transform in ((5, self.to5), (3, self.to3)):
            if kernel <= size:
                centre = weight[:, :, 1:-1, 1:-1].reshape(hidden, size * size)
                weight = nn.functional.linear(centre, transform).view(hidden, 1, size, size)
        return weight


@cache
def _template(
    cin: int, cout: int, stride: int, act: str, squeeze: bool, eps: float, kernel: int, expansion: int
) -> InvertedResidual:
    with torch.device("meta"):
        hidden = hidden_width(cin, expansion)
        return InvertedResidual(
            cin=cin, hidden=hidden, cout=cout, kernel=kernel, stride=stride, act=act, squeeze=squeeze, eps=eps
        )


class Stem(nn.Module):
    """The first convolution and the first block, which every sub-network shares."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.first_conv = ConvBN(3, layout.stem, kernel=3, stride=2, act=layout.stem_activation, eps=layout.bn_eps)
        self.first_block = InvertedResidual(
            cin=layout.stem,
            hidden=layout.stem,
            cout=layout.first,
            kernel=3,
            stride=1,
            act=layout.first_activation,
            squeeze=False,
            eps=layout.bn_eps,
            expand=False,
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.first_block(self.first_conv(x))
        return y


class Head(nn.Module):
    """Everything after the last stage: widen, pool and mix features, classify."""

    def __init__(self, layout: Layout, classes: int) -> None:
        super().__init__()
        act, eps, width = layout.stem_activation, layout.bn_eps, layout.stages[-1].width
        self.final_expand_layer = (
            nn.Identity() if layout.final_expand is None else ConvBN(width, layout.final_expand, act=act, eps=eps)
        )
        width = layout.final_expand or width
        self.mix_after_pool = layout.mix_after_pool
        self.feature_mix_layer = ConvBN(width, layout.mix, act=act, eps=None if layout.mix_after_pool else eps)
        self.classifier = nn.Linear(layout.mix, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.final_expand_layer(x)
        if self.mix_after_pool:
            x = self.feature_mix_layer(pool(x)).flatten(1)
        else:
            x = pool(self.feature_mix_layer(x)).flatten(1)
        logits: Tensor = self.classifier(x)
        return logits


class OFASupernet(Supernet):
    """All OFA sub-networks of one layout; a pocket version is the same with a narrower layout and fewer classes."""

    def __init__(self, space: OFASpace, layout: Layout | None = None, classes: int = 1000) -> None:
        super().__init__()
        self.space: OFASpace = space
        self.layout = layout or space.layout
        self.stem = Stem(self.layout)
        self.blocks = nn.ModuleList(
            ElasticBlock(
                cin=cin,
                cout=stage.width,
                stride=stride,
                act=stage.activation,
                squeeze=stage.squeeze,
                eps=self.layout.bn_eps,
            )
            for stage, cin, stride in self.layout.block_inputs()
        )
        self.head = Head(self.layout, classes)
        with torch.device("meta"):
            # In a tuple, so that they are not registered as sub-modules and stay out of the state dict.
            self._templates = (Stem(self.layout), Head(self.layout, classes))

    def path(self, a: Architecture) -> list[Step]:
        """Steps of `a`: stem (its key holds the resolution), the blocks that act, head."""
        stem, head = self._templates
        steps = [Step(("stem", a["r"]), stem, tensors_of(self.stem))]
        for i in self.space.active_blocks(a):
            block = self.blocks[i]
            assert isinstance(block, ElasticBlock)
            steps.append(block.step(i, a["ks"][i], a["e"][i]))
        steps.append(Step("head", head, tensors_of(self.head)))
        return steps
