"""From a configuration to the objects that a search works with: the space, the evaluator and the models.

Names in a configuration are looked up here. Imports nothing heavy until it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from graph.config import Config
    from graph.run_folder import RunFolder
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.protocol import SupernetProtocol
    from supernets.evaluate.request import Workers
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.space.space import SearchSpace


def open_space(config: Config) -> SearchSpace:
    from supernets.families.registry import get_space

    return get_space(config.supernet, config.dataset, config.latency_device)


def open_evaluator(
    config: Config,
    progress: Callable[[int, int], None] | None = None,
    workers: Workers | None = None,
    images_name: str | None = None,
) -> Opened:
    """The evaluator of a run, with what its user must know of it.

    Args:
        images_name: name of the image set that the run recorded; None for that of the folder.
    """
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluators import open_evaluator as open_requested

    named = (config.weights, config.images, config.imagenet, config.predictor)
    weights, images, imagenet, predictor = (None if path is None else Path(path) for path in named)
    opened = open_requested(
        EvaluatorRequest(
            supernet=config.supernet, weights=weights, images=images, imagenet=imagenet,
            protocol=config.protocol, device=config.device, dataset=config.dataset, epochs=config.epochs,
            predictor=predictor, progress=progress, workers=workers, images_name=images_name,
        )
    )  # fmt: skip
    if config.fidelity == "race":
        opened.evaluator.racing((), config.race_error)  # refused where nothing is measured
    return opened


def recorded_images_name(folder: RunFolder | None, space: SearchSpace) -> str | None:
    """The name of the image set in a run's record, which its folder may no longer have; None without a record.

    Raises:
        UserError: the record cannot be read.
    """
    from contextlib import closing

    from graph.archive.archive import Archive
    from graph.record_faults import explain_faults

    if folder is None or not folder.archive.exists():
        return None
    with explain_faults(folder), closing(Archive(folder.archive, space)) as archive:
        return getattr(archive.protocol, "images", None) if archive.has_protocol else None


def open_models(config: Config, stream: bool = True) -> dict[str, list[BaseChatModel]]:
    """Chat models by role, each followed by its fallbacks.

    Raises:
        UserError: there is no such model, its key is not in the environment, or its file cannot be read.
    """
    from agents.models.model_registry import chat_models

    return {role: chat_models(settings, seed=config.seed, stream=stream) for role, settings in config.models.items()}


def open_supernet(
    config: Config, recorded: SupernetProtocol, device: str | None, progress: Callable[[int, int], None] | None = None
) -> tuple[SupernetEvaluator, tuple[str, ...]]:
    """The evaluator of a run whose scores were taken with inherited weights, and what its user must know of it.

    The device and the number format may be others than those of the run.

    Raises:
        UserError: weights or images are not where the run had them.
        ProtocolMismatch: they are not those of the run.
    """
    from dataclasses import replace

    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.families.registry import supernet_family

    used = supernet_family(config.supernet).device(device)[0]
    opened = open_evaluator(config.model_copy(update={"device": used}), progress, images_name=recorded.images)
    evaluator = opened.evaluator
    assert isinstance(evaluator, SupernetEvaluator)
    here = replace(evaluator.protocol, dtype=recorded.dtype, device=recorded.device)
    here.require_same(recorded.to_dict())
    return evaluator, opened.notes
