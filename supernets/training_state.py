"""The file beside a training's output from which the same training continues."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from common import files
from common.errors import UserError

_PARTS = ("identity", "net", "optimiser", "schedule", "epochs", "seconds")


def write_state(path: Path, state: Mapping[str, Any]) -> None:
    """Replace the file in one step."""
    temporary = path.with_name(f"{path.name}.tmp")
    torch.save(dict(state), temporary)
    files.replace(temporary, path)


def read_state(path: Path, identity: Mapping[str, Any]) -> dict[str, Any] | None:
    """The state in the file; None if there is none.

    Args:
        identity: everything that decides the result of the training, by name.

    Raises:
        UserError: the file is damaged, or belongs to a training with another identity.
    """
    if not path.exists():
        return None
    choice = f"name another --out, or delete {path.name} to start again"
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        known = all(part in state for part in _PARTS) and isinstance(state["identity"], dict)
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise UserError(
            f"{path}: expected the state of an unfinished training, which would continue; the file is damaged "
            f"({type(error).__name__}); {choice}"
        ) from error
    if not known:
        raise UserError(f"{path}: expected the state of an unfinished training, found another file; {choice}")
    differences = _differences(state["identity"], identity)
    if differences:
        raise UserError(
            f"{path}: the training beside --out has other settings: {'; '.join(differences)}. Repeat it with its own "
            f"settings to continue it; {choice}"
        )
    return dict(state)


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Each setting that differs, as `width: 0.35 there, 0.5 now`."""
    names = [*here, *(name for name in there if name not in here)]
    return [
        f"{name}: {_shown(there.get(name, 'not recorded'))} there, {_shown(here.get(name, 'not recorded'))} now"
        for name in names
        if there.get(name, "not recorded") != here.get(name, "not recorded")
    ]


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:12]}..."
