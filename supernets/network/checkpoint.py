"""Loads complete state dicts only, and writes weights.

Notable: an incomplete state dict is refused, because missing tensors would silently keep their random values; so are
values that are not finite, because the largest of several logits has an index even where they are NaN. Counters of
batches, which no score depends on, may be missing or left over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from supernets.network.checkpoint_file import CheckpointError, write_checkpoint

_COUNTER = "num_batches_tracked"


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
    given = {ours: pair for ours, pair in given.items() if ours in own or not ours.endswith(_COUNTER)}
    problems += _listing("missing", [name for name in own if name not in given and not name.endswith(_COUNTER)])
    problems += _listing("unexpected", [name for ours, (name, _) in given.items() if ours not in own])
    problems += _listing(
        "mis-shaped",
        [
            f"{name} is {tuple(tensor.shape)}, expected {tuple(own[ours].shape)}"
            for ours, (name, tensor) in given.items()
            if ours in own and tensor.shape != own[ours].shape
        ],
    )
    bad = _bad_values([(name, tensor, own[ours]) for ours, (name, tensor) in given.items() if ours in own])
    if bad and not problems:
        raise CheckpointError(
            f"these weights of {what} cannot be scored: {'; '.join(bad)}; the file is not as it was saved, or its "
            "training went wrong: use another one"
        )
    problems += bad
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
    state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in net.state_dict().items()}
    write_checkpoint(state, path, metadata)


def weights_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names and bytes of all tensors, on any device."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
