"""The contract of a weight-sharing network, and `Step`, the unit of which a sub-network consists.

Notable: a layer's arithmetic is written once, as a plain module of one fixed size. The weight-sharing network runs that
module on slices of its own tensors (`Step.run`), and extraction copies the slices into it (`Step.extract`), so that
dynamic and extracted networks cannot differ.
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
        return cast(Tensor, functional_call(self.template, dict(self.state), (x,), tie_weights=False))

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

    def seed_architecture(self) -> Architecture:
        """The sub-network that the seed phase trains, if a recipe has one."""
        return self.space.smallest()

    def start_from(self, a: Architecture) -> None:
        """Initialise the weights that `a` does not use from those that it uses.

        Does nothing by default: sub-networks that are slices of each other share these weights already.
        """

    def forward(self, x: Tensor, a: Architecture) -> Tensor:
        for step in self.path(a):
            x = step.run(x, training=self.training)
        return x

    def extract(self, a: Architecture) -> nn.Sequential:
        """A plain network with copied weights and the same logits, independent of this one."""
        return nn.Sequential(*(step.extract() for step in self.path(a)))


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """All parameters and buffers of a module, by its own names."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}
