"""The contract of a family: its space, its default limits, how it is scored, and its network where it has one.

Each family's folder defines its `Family` values in `family.py`; `registry.py` lists the folders. This module imports no
torch, so that names, limits and help texts stay cheap, and opens no weights and no images: see `evaluators.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.errors import UserError
from supernets.families.recipe import Recipe, Scale
from supernets.images.preprocessing import Preprocessing
from supernets.latency.devices import Devices
from supernets.network.plain import PlainNetwork, TimmNetwork
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.protocol import Calibration
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluate.table import TableEvaluator
    from supernets.network.supernet import Supernet


@dataclass(frozen=True, kw_only=True)
class Family(ABC):
    """One searchable family, whatever scores it."""

    name: str
    """The name that a user types after `--supernet`."""
    default_limits: Mapping[str, float]
    """Limits of a search that names none: each cost's name and its maximum."""
    devices: Devices = field(default_factory=Devices)
    """Devices whose latencies are known."""

    @abstractmethod
    def space_on(self, dataset: str | None) -> SearchSpace:
        """The space, on one of the family's own data sets where it has any; None for the first.

        Raises:
            UserError: the family has no such data set.
        """

    @abstractmethod
    def device(self, asked: str | None) -> tuple[str | None, str]:
        """The device to score on, `cpu` or `cuda`, and the reason for it; None where nothing is computed.

        Raises:
            UserError: the device that was asked for is not available.
        """


@dataclass(frozen=True, kw_only=True)
class SupernetFamily(Family):
    """Sub-networks of one weight-sharing supernet."""

    space: Callable[[], SearchSpace]
    """Makes the family's search space."""
    build: Callable[[SearchSpace, Scale, int], Supernet]
    """Makes a network with untrained weights from the space, a scale and a number of classes."""
    translate: Callable[[str], str]
    """Translates the name of a released tensor to the name in the network."""
    preprocessing: Preprocessing
    """Preprocessing of the authors' evaluation; a weights file brings its own divisor and crop."""
    calibration: Callable[[int], Calibration | None]
    """Calibration rule for a divisor of the input side, which decides how many positions a layer measures; None where
    the network has no batch norm."""
    pocket: Scale
    """Scale of the bundled supernet, and the default scale of training."""
    recipe: Recipe
    """How the bundled supernet was trained."""
    plain_network: Callable[[Supernet, Architecture], PlainNetwork] | None = None
    """A sub-network as code that needs torch alone; None: it cannot be exported."""
    timm_network: Callable[[Supernet, Architecture], TimmNetwork] | None = None
    """A sub-network as a model of the timm library; None where timm has no such blocks."""

    def network(self, scale: Scale | None = None, classes: int = 1000) -> Supernet:
        """A network with untrained weights, in inference mode.

        Args:
            scale: a smaller size than the released one; genotypes and their costs stay those of the full size.
        """
        return self.build(self.space(), scale or Scale(), classes).eval()

    def load(self, net: Supernet, state_dict: Mapping[str, Tensor]) -> None:
        """Load a state dict exactly as the authors released it, or one with the network's own names.

        Raises:
            CheckpointError: with every missing, unexpected and mis-shaped name at once; `net` is unchanged then.
        """
        from supernets.network.checkpoint import load_state

        load_state(net, state_dict, self.translate, self.name)

    def space_on(self, dataset: str | None) -> SearchSpace:
        space = self.space()
        if dataset is not None:
            raise UserError(
                f"--dataset {dataset}: {space.name} has no data sets of its own; "
                "name images with --images DIR or --imagenet DIR"
            )
        return space

    def device(self, asked: str | None) -> tuple[str, str]:
        import torch

        available = torch.cuda.is_available()
        if asked is None:
            return ("cuda", "a CUDA device is available") if available else ("cpu", "no CUDA device is available")
        if asked not in ("cpu", "cuda"):
            raise UserError(f"--device: expected cpu or cuda, got {asked!r}")
        if asked == "cuda" and not available:
            raise UserError("--device cuda: no CUDA device is available; leave the option out to use the CPU")
        return asked, ""


@dataclass(frozen=True, kw_only=True)
class LookupFamily(Family):
    """Networks whose scores are looked up or predicted: no weights, no images, no device."""

    def device(self, asked: str | None) -> tuple[None, str]:
        if asked is not None:
            raise UserError(f"--device: {self.name} scores without running networks; leave the option out")
        return None, ""

    @abstractmethod
    def open(self, request: EvaluatorRequest) -> Opened:
        """The evaluator of what a user named.

        Raises:
            UserError: something named does not exist, does not fit, or is of no use to this family.
        """

    def refuse(self, request: EvaluatorRequest, reason: str, *used: str) -> None:
        """
        Args:
            used: fields of the request that this family uses.

        Raises:
            UserError: the request names something else; it begins with `reason`.
        """
        self.device(request.device)
        options = {
            "weights": "--weights", "images": "--images", "imagenet": "--imagenet", "epochs": "--epochs",
            "predictor": "--predictor", "workers": "--workers or --ray",
        }  # fmt: skip
        useless = [
            option for name, option in options.items() if name not in used and getattr(request, name) is not None
        ]
        if useless:
            raise UserError(f"{reason}: leave out {', '.join(useless)}")


@dataclass(frozen=True, kw_only=True)
class TableFamily(LookupFamily):
    """Networks that others trained to the end; their scores are looked up."""

    datasets: tuple[str, ...]
    """Names of the data sets in the table, the default one first."""
    epochs: tuple[int, ...]
    """Lengths of training in the table, the default one first."""
    space: Callable[[str], SearchSpace]
    """Makes the search space for a data set."""
    evaluator: Callable[[SearchSpace, str, int], TableEvaluator]
    """Makes the evaluator for a space, a data set and a number of epochs."""
    source: str
    """A sentence on whose measurements the table holds."""

    def space_on(self, dataset: str | None) -> SearchSpace:
        return self.space(self.dataset(dataset))

    def dataset(self, asked: str | None) -> str:
        """
        Raises:
            UserError: there is no such data set.
        """
        if asked is not None and asked not in self.datasets:
            raise UserError(f"--dataset: {self.name} has {', '.join(self.datasets)}; got {asked!r}")
        return asked or self.datasets[0]

    def open(self, request: EvaluatorRequest) -> Opened:
        from supernets.evaluate.evaluator import Opened

        self.refuse(request, f"{self.name} is a table of scores, nothing is computed", "epochs")
        dataset, epochs = self.dataset(request.dataset), request.epochs or self.epochs[0]
        if epochs not in self.epochs:
            raise UserError(f"--epochs: {self.name} has {' and '.join(map(str, self.epochs))}; got {epochs}")
        evaluator = self.evaluator(self.space_on(dataset), dataset, epochs)
        protocol = evaluator.protocol
        return Opened(
            evaluator=evaluator,
            settings_shown=(
                ("table", f"{dataset}, {epochs} epochs of training", "dataset"),
                ("scores", f"search: {protocol.search}; report: {protocol.report}", "epochs"),
            ),
            notes=(f"{self.source} A score's error is that of its {protocol.error} alone.",),
        )
