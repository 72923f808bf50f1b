"""What belongs to one family besides its space: how it is scored, and its network and training where it has one.

A family's folder gives its `Family` values in `family.py`; `registry.py` knows the folders. No torch here, so that
names, limits and help cost nothing. Opens no weights and no images: `supernets/evaluators.py` does.
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
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.protocol import Calibration
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluate.table import TableEvaluator
    from supernets.network.supernet import Supernet


@dataclass(frozen=True)
class Family(ABC):
    """One searchable family, whatever scores it."""

    default_limits: Mapping[str, float]
    """Limits of a search that names none: the cost's name and its greatest value."""
    devices: Devices = field(default_factory=Devices, kw_only=True)
    """Devices whose latencies are known."""

    @abstractmethod
    def space_on(self, dataset: str | None) -> SearchSpace:
        """The space, on one of the family's own data sets where it has any; None for the first.

        Raises:
            UserError: the family has no such data set.
        """

    @abstractmethod
    def device(self, asked: str | None) -> tuple[str | None, str]:
        """The device to score on, `cpu` or `cuda`, and why; None where nothing is computed.

        Raises:
            UserError: what was asked for is not here.
        """


@dataclass(frozen=True, kw_only=True)
class SupernetFamily(Family):
    """Sub-networks of one weight-sharing supernet."""

    space: Callable[[], SearchSpace]
    build: Callable[[SearchSpace, Scale, int], Supernet]
    """From the space, a scale and a number of classes to a network with untrained weights."""
    translate: Callable[[str], str]
    """From a released tensor's name to ours."""
    preprocessing: Preprocessing
    """As the authors evaluate; a weights file brings its own divisor and crop."""
    calibration: Callable[[int], Calibration | None]
    """By the divisor of the input side, which decides how many positions a layer measures; None: no batch norm."""
    pocket: Scale
    """Scale of the bundled supernet, and of one that is trained without naming another."""
    recipe: Recipe
    """How the bundled supernet was trained."""

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
            return ("cuda", "a CUDA device is here") if available else ("cpu", "no CUDA device is here")
        if asked not in ("cpu", "cuda"):
            raise UserError(f"--device: expected cpu or cuda, got {asked!r}")
        if asked == "cuda" and not available:
            raise UserError("--device cuda: no CUDA device is here; leave the option out to use the CPU")
        return asked, ""


@dataclass(frozen=True)
class LookupFamily(Family):
    """Networks whose scores are looked up or predicted: no weights, no images, no device."""

    @abstractmethod
    def open(self, request: EvaluatorRequest) -> Opened:
        """The evaluator of what a user named.

        Raises:
            UserError: something named does not exist, does not fit, or is of no use to this family.
        """


@dataclass(frozen=True, kw_only=True)
class TableFamily(LookupFamily):
    """Networks that others trained to the end; their scores are looked up."""

    name: str
    datasets: tuple[str, ...]
    epochs: tuple[int, ...]
    """Lengths of training that the table has, the usual one first."""
    space: Callable[[str], SearchSpace]
    """By data set."""
    evaluator: Callable[[SearchSpace, str, int], TableEvaluator]
    """By space, data set and epochs."""
    source: str
    """Whose numbers these are."""

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

    def device(self, asked: str | None) -> tuple[None, str]:
        if asked is not None:
            raise UserError(f"--device: scores of {self.name} are looked up, not computed; leave the option out")
        return None, ""

    def open(self, request: EvaluatorRequest) -> Opened:
        from supernets.evaluate.evaluator import Opened

        given = {
            "--weights": request.weights, "--images": request.images, "--imagenet": request.imagenet,
            "--predictor": request.predictor, "--workers or --ray": request.workers,
        }  # fmt: skip
        if useless := [option for option, value in given.items() if value is not None]:
            raise UserError(f"{self.name} is a table of scores, nothing is computed: leave out {', '.join(useless)}")
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
