"""How many images fit a budget of activations, for any sub-network of a space.

Notable: the answer depends on the space, the input side and the precision, never on which sub-networks are scored
together: convolutions may sum in another order for another number of images, and a score must not depend on company.
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
"""Budget for the activations of one scoring batch. On the CPU it keeps most results below 32 MiB: larger ones are
fetched from the system and given back at every layer, which can cost more than the layer."""

_SHORTAGE = ("can't allocate memory", "not enough memory", "ALLOC_FAILED", "could not create")
"""In messages of PyTorch's allocator on the CPU, of CUDA's libraries and of oneDNN, which say it in errors of no class
of their own."""


@contextmanager
def translate_oom(device: torch.device) -> Iterator[None]:
    """Raises:
    OutOfMemory: what is done inside ran out of memory, whichever error it gave.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if not known and not any(words in str(error) for words in _SHORTAGE):
            raise
        said = (str(error).splitlines() or ["no more"])[0]
        raise OutOfMemory(
            f"out of memory on {device} even for one candidate and one image at a time ({said}); "
            "end other programs that use it, or choose another --device"
        ) from None


def images_within(budget: int, path: Sequence[Step], side: int, bytes_per_value: int) -> int:
    """Images whose activations take `budget` bytes, at least 1.

    Counted are one output of each step of `path`, as if the tree branched everywhere, and the input and output of the
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
