"""Reads the weights in a checkpoint file, however a program of the field wrapped them; code in it is never run.

Notable: the format is told by the content, not by the suffix. A wrapping with one meaning is taken off (an entry
`state_dict` or `model`, a prefix that all names share); where there are several sets of weights, or none, the error
says what was found and the line of Python that saves the right part.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core import multiarray
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from common.errors import UserError

_UNREADABLE = (
    SafetensorError, pickle.UnpicklingError, struct.error, OSError, EOFError, RuntimeError,
    ValueError, TypeError, LookupError, AttributeError, AssertionError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""Exceptions that libraries raise on damaged checkpoints."""
_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "module", "supernet", "weights", "params")
"""Entries with the weights, the surest first."""
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "supernet.", "state_dict.")
"""What wrapping modules put before every name."""
_CHECKSUM = "content_sha256"
"""Entry of the metadata of files that this program wrote."""
_DEPTH = 3
"""Maximum number of wrappers around each other."""
_OTHER_FILES = (
    (b"version https://git-lfs", "a pointer of Git LFS, not the weights; fetch them with `git lfs pull`"),
    (b"<!doctype", "a web page, not the weights; download the file itself"),
    (b"<html", "a web page, not the weights; download the file itself"),
    (b"\x1f\x8b", "a compressed archive; unpack it first"),
    (b"BZh", "a compressed archive; unpack it first"),
    (b"\xfd7zXZ", "a compressed archive; unpack it first"),
)
_SAVE = "`torch.save(net.state_dict(), 'weights.pth')`"
_GLOBAL = re.compile(r"(?:GLOBAL|global|class) ([\w.]+)")


class CheckpointError(UserError):
    """A checkpoint cannot be read, or belongs to another network."""


def read_checkpoint(path: Path, prefixes: bool = False) -> dict[str, Tensor]:
    """The tensors of a safetensors file or of a PyTorch checkpoint, without wrappers.

    Args:
        prefixes: keep what wrapping modules put before all names.

    Raises:
        CheckpointError: the file is missing or damaged, would run code, or does not hold one set of weights.
    """
    if not path.is_file():
        raise CheckpointError(
            f"weights {path}: expected a file, found {'a folder' if path.is_dir() else 'nothing'} there"
        )
    try:
        start = _start(path)
        loaded = load_file(path) if _is_safetensors(start) else _load_pickled(path)
    except CheckpointError:
        raise
    except _UNREADABLE as error:
        raise CheckpointError(f"weights {path}: expected a checkpoint of plain tensors, {_reason(error)}") from error
    weights = _weights(path, loaded)
    return weights if prefixes else _without_prefixes(weights)


def is_safetensors(path: Path) -> bool:
    """Whether the file is in the format of safetensors, by its content."""
    return path.is_file() and _is_safetensors(_start(path))


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        start = stream.read(64)
    if not start:
        raise CheckpointError(f"weights {path}: expected a checkpoint, found an empty file; copy it again")
    for first, found in _OTHER_FILES:
        if start.lower().startswith(first.lower()):
            raise CheckpointError(f"weights {path}: expected a checkpoint, found {found}")
    return start


def _is_safetensors(start: bytes) -> bool:
    """A length of 8 bytes comes first, then JSON."""
    return len(start) > 8 and start[8:9] == b"{"


def write_checkpoint(state: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str]) -> None:
    """Write tensors as safetensors, with a checksum by which `has_changed` notices a change of any bit."""
    whole = {name: tensor.contiguous() for name, tensor in state.items()}
    save_file(whole, path, metadata={**metadata, _CHECKSUM: _checksum(whole, metadata)})


def has_changed(path: Path) -> bool:
    """Whether a file that `write_checkpoint` wrote has other content now; False for files of other programs.

    Raises:
        CheckpointError: as `read_checkpoint`.
    """
    if not is_safetensors(path):
        return False
    state = read_checkpoint(path, prefixes=True)
    with safe_open(path, "pt") as opened:
        metadata = dict(opened.metadata() or {})
    expected = metadata.pop(_CHECKSUM, None)
    return expected is not None and expected != _checksum(state, metadata)


def _checksum(state: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """SHA-256 over metadata, names, types, shapes and bytes of all tensors."""
    digest = hashlib.sha256(json.dumps(sorted(metadata.items())).encode())
    for name, tensor in sorted(state.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _require_checksums(path: Path) -> None:
    """Compare the entries of a zip archive with their checksums, which torch does not.

    Raises:
        CheckpointError: an entry has changed since it was saved.
    """
    with zipfile.ZipFile(path) as archive:
        # Torch can be told to save none, which leaves zeros.
        if any(entry.CRC for entry in archive.infolist()) and (changed := archive.testzip()):
            raise CheckpointError(
                f"weights {path}: expected the content whose checksums the file holds, but {changed} has changed since "
                "it was saved; copy or download it again"
            )


def _load_pickled(path: Path) -> Any:
    if zipfile.is_zipfile(path):
        _require_checksums(path)
    plain: list[Any] = [
        # AutoFormer's checkpoints also hold the options of the training, others a score beside the weights.
        argparse.Namespace, np.dtype, *(type(np.dtype(kind)) for kind in "bBhHiIlLqQefd?"),
        *((multiarray.scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    ]  # fmt: skip
    with warnings.catch_warnings(), torch.serialization.safe_globals(plain):
        warnings.simplefilter("ignore")  # Of old protocols, which are read all the same.
        with path.open("rb") as stream:  # Of a path, torch would look at the suffix.
            return torch.load(stream, map_location="cpu", weights_only=True)


def _weights(path: Path, loaded: Any) -> dict[str, Tensor]:
    """The one set of tensors in what a file holds.

    Raises:
        CheckpointError: there is none, or more than one.
    """
    for _ in range(_DEPTH + 1):
        if not isinstance(loaded, Mapping):
            break
        tensors = {str(name): value for name, value in loaded.items() if isinstance(value, Tensor)}
        if tensors and not any(isinstance(value, Mapping) for value in loaded.values()):
            return tensors  # Numbers and texts beside weights are about the training.
        inner = {str(name): value for name, value in loaded.items() if _holds_tensors(value)}
        named = [name for name in _WRAPPERS if name in inner]
        if not named and len(inner) != 1:
            break
        loaded = inner[named[0] if named else next(iter(inner))]
    raise CheckpointError(f"weights {path}: expected names and their tensors, found {_found(loaded)}")


def _holds_tensors(value: Any, depth: int = _DEPTH) -> bool:
    """Whether the value, or a mapping in it, has tensors by names, as the state of an optimiser has not."""
    if not depth or not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        return False
    return any(isinstance(each, Tensor) or _holds_tensors(each, depth - 1) for each in value.values())


def _found(loaded: Any) -> str:
    if not isinstance(loaded, Mapping):
        return f"one {type(loaded).__name__}; save the weights with {_SAVE}"
    several = [str(name) for name, value in loaded.items() if _holds_tensors(value)]
    if several:
        return (
            f"several sets: {', '.join(several[:6])}; save one of them with `torch.save(torch.load(FILE)"
            f"[{several[0]!r}], 'weights.pth')`"
        )
    names = ", ".join(map(str, list(loaded)[:6])) or "nothing"
    return f"{len(loaded)} entries without tensors ({names}); save the weights with {_SAVE}"


def _without_prefixes(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the prefixes that all names share."""
    while prefix := next((each for each in _PREFIXES if all(name.startswith(each) for name in state)), ""):
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _reason(error: Exception) -> str:
    """The error in one clause; the libraries' texts are long, and one of them advises to load the file unsafely."""
    text = str(error)
    if "TorchScript" in text:
        return "found a TorchScript archive; save the weights with `torch.save(torch.jit.load(FILE).state_dict(), ...)`"
    if isinstance(error, pickle.UnpicklingError) and (found := list(_globals(text))):
        return (
            f"found Python objects besides ({found[0]}); code in a checkpoint is never run. Save the weights alone, in "
            f"a program that trusts the file: {_SAVE}"
        )
    sentence = text.strip().split(". ")[0].partition("\n")[0]
    kind = "damaged" if isinstance(error, pickle.UnpicklingError) else "truncated, or not a checkpoint"
    return f"but it cannot be read; it is {kind} ({sentence or type(error).__name__}); copy or download it again"


def _globals(text: str) -> Iterator[str]:
    """Names of objects that a pickle would call."""
    yield from (match for match in _GLOBAL.findall(text) if "." in match)
