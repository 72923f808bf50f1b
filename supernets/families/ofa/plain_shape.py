"""OFA sub-networks as arguments of the plain network in `plain_network.py`, and as block strings of timm."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from supernets.families.ofa.layout import Stage, hidden_width, squeeze_width
from supernets.network.plain import PlainNetwork, TimmNetwork
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from supernets.families.ofa.model import OFASupernet
    from supernets.network.supernet import Supernet

_TIMM_ACTIVATIONS = {"relu": "re", "relu6": "r6", "h_swish": "hs"}


def plain_network(net: Supernet, a: Architecture) -> PlainNetwork:
    """`a` with the widths of `net`."""
    net = _checked(net)
    layout, classes = net.layout, net.head.classifier.out_features
    blocks = []
    for i, stage, cin, stride in _active(net, a):
        hidden = hidden_width(cin, a["e"][i])
        squeezed = squeeze_width(hidden) if stage.squeeze else 0
        blocks.append(
            {"cin": cin, "hidden": hidden, "cout": stage.width, "kernel": a["ks"][i], "stride": stride,
             "act": stage.activation, "squeezed": squeezed}
        )  # fmt: skip
    stem = {"width": layout.stem, "act": layout.stem_activation, "cout": layout.first}
    head = {
        "cin": layout.stages[-1].width, "final_expand": layout.final_expand, "mix": layout.mix,
        "mix_after_pool": layout.mix_after_pool, "classes": classes,
    }  # fmt: skip
    arguments = {
        "stem": {**stem, "block_act": layout.first_activation}, "blocks": blocks, "head": head, "eps": layout.bn_eps,
    }  # fmt: skip
    return PlainNetwork("supernets.families.ofa.plain_network", arguments)


def timm_network(net: Supernet, a: Architecture) -> TimmNetwork:
    """`a` with the widths of `net`: a timm MobileNetV3, or an EfficientNet where features are mixed before pooling."""
    net = _checked(net)
    layout = net.layout
    stages: list[tuple[str, ...]] = [(f"ds_r1_k3_s1_c{layout.first}_n{_TIMM_ACTIVATIONS[layout.first_activation]}",)]
    for _, blocks in groupby(((id(stage), i, stage, stride) for i, stage, _, stride in _active(net, a)), itemgetter(0)):
        stages.append(tuple(_block_string(a, i, stage, stride) for _, i, stage, stride in blocks))
    arguments: dict[str, Any] = {"stem_size": layout.stem, "fix_stem": True, "num_features": layout.mix}
    activation = {"h_swish": "hard_swish", "relu6": "relu6"}[layout.stem_activation]
    if not layout.mix_after_pool:
        module, factory = "timm.models.efficientnet", "_create_effnet"
        return TimmNetwork(module, factory, tuple(stages), arguments, activation, layout.bn_eps)
    stages.append((f"cn_r1_k1_s1_c{layout.final_expand}",))
    arguments["head_bias"] = False
    module, factory = "timm.models.mobilenetv3", "_create_mnv3"
    return TimmNetwork(module, factory, tuple(stages), arguments, activation, layout.bn_eps)


def _block_string(a: Architecture, i: int, stage: Stage, stride: int) -> str:
    squeeze = "_se0.25" if stage.squeeze else ""
    activation = _TIMM_ACTIVATIONS[stage.activation]
    return f"ir_r1_k{a['ks'][i]}_s{stride}_e{a['e'][i]}_c{stage.width}{squeeze}_n{activation}"


def _active(net: OFASupernet, a: Architecture) -> list[tuple[int, Stage, int, int]]:
    """(index, stage, input channels, stride) of the blocks that act, in order."""
    inputs = net.layout.block_inputs()
    return [(i, *inputs[i]) for i in net.space.active_blocks(a)]


def _checked(net: Supernet) -> OFASupernet:
    from supernets.families.ofa.model import OFASupernet

    assert isinstance(net, OFASupernet)
    return net
