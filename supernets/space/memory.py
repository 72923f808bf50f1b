"""Peak activation memory of one image in 8-bit integers: the most bytes of tensors that must be alive at once.

The deployed network runs operator by operator, in the order of the extracted network's own code:

- An operator writes one new tensor, of one byte a value. While it runs, the tensors that it reads and the one that it
  writes are alive. A tensor stays alive until the last operator that reads it; the image is a tensor like any other.
- So the input of a residual block is alive until the addition, which holds both summands and the sum, and a gated
  tensor is alive beside its gate and the product.
- Batch norm is folded into the convolutions. Activations, softmax and multiplication by a number write over their
  input. A reshaped tensor and a part of a tensor (channel split, token slice) are views, not tensors: the whole tensor
  stays alive while a part is needed. Concatenation writes a new tensor.
- Not counted: weights, whatever else does not depend on the image, and scratch memory inside an operator.

Between two blocks only one tensor is alive, so a network's peak is the greatest peak of its blocks, each counted from
its input to its output. Each family's `cost.py` lists the operators of its blocks. Knows no family.
"""

from __future__ import annotations


class Execution:
    """The operators of one block in the order in which they run.

    A tensor is named by a number: `INPUT` is the block's input, and `run` returns the number of what it writes.
    """

    INPUT = 0

    def __init__(self, values: int) -> None:
        """
        Args:
            values: size of the block's input, in values, hence in bytes.
        """
        self._sizes = [values]
        self._last_read = [0]
        """Of each tensor, the last operator that reads it, or its writer if none does. Operator n writes tensor n."""

    def run(self, values: int, *read: int) -> int:
        """Run an operator that reads tensors and writes one of `values` values."""
        written = len(self._sizes)
        self._sizes.append(values)
        self._last_read.append(written)
        for tensor in read:
            self._last_read[tensor] = written
        return written

    def peak(self) -> int:
        """The most bytes that are alive while one of the operators runs."""
        tensors = list(zip(self._sizes, self._last_read, strict=True))
        return max(
            sum(size for size, last_read in tensors[: operator + 1] if last_read >= operator)
            for operator in range(len(tensors))
        )
