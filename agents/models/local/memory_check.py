"""Checks that a model file fits into the free memory."""

from __future__ import annotations

from pathlib import Path

from common.errors import UserError

_BESIDE_THE_FILE = 250_000_000
"""Bytes for a short context, for llama.cpp and for Python; 195 MB were measured with the model of `local`."""
_BESIDE_THE_FILE_FULL = 1_200_000_000
"""The same with two conversations of 16,384 tokens: a model of 1.5 billion weights takes 28 kB a token, 940 MB."""


def check_memory(file: Path, *, full: bool = False, meminfo: Path = Path("/proc/meminfo")) -> None:
    """Check the free memory, on systems that report it; `full` for whole prompts.

    Raises:
        UserError: less memory is free than the model needs.
    """
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        free = 1024 * int(lines["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError):
        return
    needed = file.stat().st_size + (_BESIDE_THE_FILE_FULL if full else _BESIDE_THE_FILE)
    if free < needed:
        raise UserError(
            f"{file.name} needs about {needed / 1e6:,.0f} MB of memory, {free / 1e6:,.0f} MB are free: close other "
            "programs, use a smaller file with --llm local:FILE, or another model; `analyst` needs none"
        )
