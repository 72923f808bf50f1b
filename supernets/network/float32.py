"""Single precision on CUDA, whose convolutions by default round their inputs to the 10 bits of TF32."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def exact_float32() -> AbstractContextManager[None]:
    """Inside, convolutions of float32 compute in float32 on every device."""
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
