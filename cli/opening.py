"""From what a user named to a supernet, its images and its evaluator, with a bar while images are decoded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.options import cache_folder

if TYPE_CHECKING:
    from supernets import SearchSpace
    from supernets.images import Splits
    from supernets.loading import LoadedSupernet


def loading(silent: bool) -> AbstractContextManager[Callable[[int, int], None]]:
    from graph.trace import decoding_bar, open_console

    return decoding_bar(open_console(sys.stderr), silent)


def open_evaluator(
    supernet: str,
    weights: Path | None,
    images: Path | None,
    imagenet: Path | None,
    protocol: str,
    device: str,
    progress: Callable[[int, int], None],
) -> tuple[LoadedSupernet, Splits, Any]:
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.loading import load_imagenet, load_splits, load_supernet

    loaded = load_supernet(supernet, weights)
    if imagenet:
        splits = load_imagenet(loaded, imagenet, protocol, cache_folder(), progress)
    else:
        splits = load_splits(loaded, images, cache_folder(), progress)
    return loaded, splits, SupernetEvaluator(loaded.net, splits, loaded.setting.preprocessing, device)


def drawer(space: SearchSpace, width: int, ascii_only: bool) -> Callable[[Any], str]:
    from graph.drawing import draw

    return lambda a: draw(space.graph(a), width, ascii_only)
