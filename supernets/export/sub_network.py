"""A sub-network with the weights and the batch-norm statistics that its scores are taken with, ready to be written."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from common.errors import UserError
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Scale
from supernets.images.preprocessing import Preprocessing
from supernets.network.plain import PlainNetwork, TimmNetwork
from supernets.space.architecture import Architecture


@dataclass(frozen=True)
class SubNetwork:
    """One architecture of one supernet, on the CPU in float32."""

    supernet: str
    architecture: Architecture
    plain: PlainNetwork
    timm: TimmNetwork | None
    state: dict[str, Tensor]
    """Tensors by the names of the plain network."""
    preprocessing: Preprocessing
    side: int
    """Side of an input image in pixels."""
    classes: tuple[str, ...]

    def untrained(self) -> nn.Module:
        """The network with new weights, for normalised images."""
        net: nn.Module = importlib.import_module(self.plain.module).Network(**self.plain.arguments)
        return net

    def network(self) -> nn.Module:
        """The network in inference mode, for normalised images; layers that `state` has in other shapes are new."""
        net = self.untrained()
        own = net.state_dict()
        net.load_state_dict(
            {name: self.state[name] if self.state[name].shape == t.shape else t for name, t in own.items()}
        )
        return net.eval()

    @property
    def name(self) -> str:
        """A name that Python, timm and file systems accept."""
        return "".join(c if c.isalnum() else "_" for c in f"{self.supernet}_{self.architecture.id}")


def extract_sub_network(family: SupernetFamily, evaluator: SupernetEvaluator, a: Architecture) -> SubNetwork:
    """The sub-network `a` of a family, with the statistics that its scores are taken with.

    Raises:
        UserError: the family of `a` has no plain network.
    """
    if family.plain_network is None:
        raise UserError(f"{family.name} cannot be exported: its SupernetFamily defines no `plain_network`; define one")
    plain = family.plain_network(evaluator.net, a)
    timm = None if family.timm_network is None else family.timm_network(evaluator.net, a)
    state = named_state(evaluator.calibrated_steps(a), plain)
    preprocessing = evaluator.preprocessing
    side = evaluator.net.space.resolution(a) // preprocessing.divisor
    return SubNetwork(family.name, a, plain, timm, state, preprocessing, side, evaluator.report_inputs.images.classes)


def with_classes(network: SubNetwork, family: SupernetFamily, scale: Scale, classes: Sequence[str]) -> SubNetwork:
    """The sub-network with a last layer for other classes.

    Args:
        scale: of the supernet that it is from.
    """
    assert family.plain_network is not None
    if tuple(classes) == network.classes:
        return network
    shape, a = family.network(scale, len(classes)), network.architecture
    timm = None if family.timm_network is None else family.timm_network(shape, a)
    return replace(network, plain=family.plain_network(shape, a), timm=timm, classes=tuple(classes))


def named_state(steps: Sequence[nn.Module], plain: PlainNetwork) -> dict[str, Tensor]:
    """The tensors of a path's extracted steps by the names of their plain network, on the CPU."""
    network: nn.Module = importlib.import_module(plain.module).Network(**plain.arguments)
    prefixes = ["stem", *(f"blocks.{i}" for i in range(len(steps) - 2)), "head"]
    given = {
        f"{prefix}.{name}": tensor
        for prefix, step in zip(prefixes, steps, strict=True)
        for name, tensor in step.state_dict().items()
    }
    # The three matrices of an attention layer are one tensor of two dimensions there, of three here.
    own = network.state_dict()
    state = {name: given[name].reshape(tensor.shape).cpu().contiguous() for name, tensor in own.items()}
    assert state.keys() == given.keys()
    return state
