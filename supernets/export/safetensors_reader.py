"""Reading a safetensors file with torch alone.

`model_source.py` copies this function into the `model.py` of an export.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name. It holds the length of its header in 8 bytes, the header in JSON, and the data."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    dtypes = {"F32": torch.float32, "I64": torch.int64}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, end = entry["data_offsets"]
            data = content[start + first : start + end]
            tensors[name] = torch.frombuffer(data, dtype=dtypes[entry["dtype"]]).reshape(entry["shape"])
    return tensors
