"""The reader that exports carry, against the safetensors library."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from supernets.export.safetensors_reader import read_safetensors


def test_it_reads_what_the_library_writes(tmp_path: Path) -> None:
    tensors = {"a.weight": torch.randn(3, 2, 1), "b": torch.tensor(7), "c": torch.randn(5)}
    save_file(tensors, tmp_path / "x.safetensors", metadata={"format": "pt"})
    read = read_safetensors(tmp_path / "x.safetensors")
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype
        assert torch.equal(read[name], tensor)
