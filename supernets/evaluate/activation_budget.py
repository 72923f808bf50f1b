"""How many images fit into a memory budget for activations, for any sub-network of a space.

Notable: the number depends on the space, the input side and the precision, never on which sub-networks are scored
together: convolutions may sum in a different order for a different number of images, which would change scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from supernets.evaluate.evaluator import OutOfMemory
from supernets.network.supernet import Step

ACTIVATION_BYTES = {"cpu": 2**27, "cuda": 2**32}
"""Budget for the activations of one scoring batch. On the CPU it keeps most results below 32 MiB: the system allocates
and frees larger ones at every layer, which can take longer than the layer."""

_SHORTAGE = (
    "can't allocate memory",
    "not enough memory",
    "could not create",
    "ALLOC_FAILED",
    "ALLOCATION_FAILED",
    "CUBLAS_STATUS_NOT_INITIALIZED",
    "unable to find an engine",
    "CUDA error: out of memory",
    "ran out of memory",
)
"""Parts of messages on missing memory, from PyTorch's CPU allocator, oneDNN, cuBLAS, cuDNN and the CUDA driver, which
raise it in errors without a class of their own. cuDNN finds no engine where no workspace fits, or where it has none."""


@contextmanager
def translate_oom(device: torch.device) -> Iterator[None]:
    """Turn every kind of error about missing memory into one.

    Raises:
        OutOfMemory: the code inside ran out of memory.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if not known and not any(words in str(error) for words in _SHORTAGE):
            raise
        said = (str(error).splitlines() or ["no more"])[0]
        raise OutOfMemory(
            f"out of memory on {device} even for one candidate and the smallest batch ({said}); "
            "end other programs that use it, or choose another --device"
        ) from None


def images_within(budget: int, path: Sequence[Step], side: int, bytes_per_value: int) -> int:
    """The number of images whose activations fit into `budget` bytes, at least 1.

    It counts one output of each step of `path`, as if the tree branched everywhere, and the input and output of the
    largest layer. `path` should be that of the largest sub-network.
    """
    x = torch.empty(1, 3, side, side, device="meta")
    waiting, largest = 0, 0

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            nonlocal largest
            made = func(*args, **(kwargs or {}))
            if isinstance(made, Tensor):
                largest = max(largest, made.numel())
            return made

    with torch.inference_mode(), Watch():  # type: ignore[no-untyped-call]
        for step in path:
            x = step.template.eval()(x)
            waiting += x.numel()
    return max(1, budget // ((waiting + 2 * largest) * bytes_per_value))
