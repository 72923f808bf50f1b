"""Reads checkpoint files safely, and loads complete state dicts only.

Notable: pickled files are read with `weights_only=True`, so a checkpoint cannot run code. An incomplete state dict is
refused, because missing tensors would silently keep their random values; so are values that are not finite, because
the largest of several logits has an index even where they are NaN.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from common.errors import UserError

_UNREADABLE = (
    SafetensorError, pickle.UnpicklingError, struct.error, OSError, EOFError, RuntimeError,
    ValueError, TypeError, LookupError, AttributeError, AssertionError,
)  # fmt: skip
"""Exceptions that libraries raise on damaged checkpoints."""


class CheckpointError(UserError):
    """A checkpoint cannot be read, or belongs to another network."""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.safetensors` file or of a PyTorch checkpoint, without a surrounding `state_dict` entry.

    Raises:
        CheckpointError: the file is missing or damaged, holds more than tensors, or would run code.
    """
    if not path.is_file():
        raise CheckpointError(
            f"weights {path}: expected a file, found {'a folder' if path.is_dir() else 'nothing'} there"
        )
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        # AutoFormer's checkpoints also hold the options of the training, plain values that run no code.
        with torch.serialization.safe_globals([argparse.Namespace]):
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise CheckpointError(
            f"weights {path}: expected a checkpoint of plain tensors, but it cannot be read: {_reason(error)}; "
            "download it again from its authors"
        ) from error
    if isinstance(loaded, Mapping):
        for wrapper in ("state_dict", "model"):
            inner = loaded.get(wrapper)
            if isinstance(inner, Mapping):
                loaded = inner
    if not isinstance(loaded, Mapping) or not all(isinstance(t, Tensor) for t in loaded.values()):
        raise CheckpointError(f"weights {path}: expected a mapping of names to tensors, got {type(loaded).__name__}")
    return {str(name): tensor for name, tensor in loaded.items()}


def _reason(error: Exception) -> str:
    """The error in one clause; the libraries' texts are long, and one of them advises to load the file unsafely."""
    if isinstance(error, pickle.UnpicklingError):
        return "it is damaged, or holds more than tensors (code in a checkpoint is never run)"
    sentence = str(error).strip().split(". ")[0].partition("\n")[0]
    return f"it may be truncated, or not be a checkpoint ({sentence or type(error).__name__})"


def load_state(net: nn.Module, state: Mapping[str, Tensor], translate: Callable[[str], str], what: str) -> None:
    """Copy a whole state dict into `net` after translating its names.

    Args:
        what: the network's name in messages.

    Raises:
        CheckpointError: it lists all missing, unexpected and mis-shaped names, and those of tensors whose values are
            not finite or no floating-point numbers; `net` is unchanged then.
    """
    own = net.state_dict()
    given: dict[str, tuple[str, Tensor]] = {}
    problems: list[str] = []
    for name, tensor in state.items():
        ours = translate(name)
        if ours in given:
            problems.append(f"{name} and {given[ours][0]} are the same tensor")
        given[ours] = (name, tensor)
    problems += _listing("missing", [name for name in own if name not in given])
    problems += _listing("unexpected", [name for ours, (name, _) in given.items() if ours not in own])
    problems += _listing(
        "mis-shaped",
        [
            f"{name} is {tuple(tensor.shape)}, expected {tuple(own[ours].shape)}"
            for ours, (name, tensor) in given.items()
            if ours in own and tensor.shape != own[ours].shape
        ],
    )
    problems += _bad_values([(name, tensor, own[ours]) for ours, (name, tensor) in given.items() if ours in own])
    if problems:
        raise CheckpointError(
            f"these weights are not those of {what}: "
            + "; ".join(problems)
            + "; check the supernet's name and the file"
        )
    with torch.no_grad():
        for ours, (_, tensor) in given.items():
            own[ours].copy_(tensor)


def _bad_values(tensors: Sequence[tuple[str, Tensor, Tensor]]) -> list[str]:
    """Problems of given tensors whose values cannot be those of the network's own: a name, the given, the own one."""
    kinds, values = [], []
    for name, given, own in tensors:
        if own.is_meta:  # A network without memory takes names and shapes alone.
            continue
        real = given.is_floating_point() and given.layout == torch.strided and not given.is_meta
        if own.is_floating_point() and not real:
            layout = "" if given.layout == torch.strided else f" ({str(given.layout).removeprefix('torch.')})"
            kinds.append(f"{name} is {str(given.dtype).removeprefix('torch.')}{layout}")
        elif real and not given.to(own.dtype if own.is_floating_point() else torch.float32).isfinite().all():
            values.append(name)
    return [
        *_listing("not plain floating-point numbers (quantised weights must be dequantised first)", kinds),
        *_listing("with values that are not finite (NaN or infinity)", values),
    ]


def _listing(kind: str, names: list[str], shown: int = 5) -> list[str]:
    if not names:
        return []
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return [f"{len(names)} {kind}: {', '.join(names[:shown])}{rest}"]


def save_weights(net: nn.Module, path: Path, metadata: Mapping[str, str]) -> None:
    """Write `net` as safetensors in half precision."""
    state = {
        name: tensor.half().contiguous() if tensor.is_floating_point() else tensor
        for name, tensor in net.state_dict().items()
    }
    save_file(state, path, metadata=dict(metadata))


def weights_hash(net: nn.Module) -> str:
    """SHA-256 over names and bytes of all tensors, on any device."""
    digest = hashlib.sha256()
    for name, tensor in sorted(net.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
