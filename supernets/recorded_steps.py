"""Passes of training on CUDA, recorded once for each sub-network and replayed.

Launching the kernels of a small network takes the host several times as long as their work takes the device. A recorded
pass, forward and backward, is launched as a whole. Sub-networks that occur once are not recorded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

KEPT = 200
"""Maximum number of recorded passes; the one that was used longest ago is given up."""


class GradientSums:
    """Gradients of several sub-networks, summed in memory that stays in place.

    Args:
        share: factor of the gradients.
    """

    def __init__(self, net: Supernet, share: float) -> None:
        self._net, self._share = net, share
        self._parameters = list(net.parameters())
        self._sums = [torch.zeros_like(p) for p in self._parameters]
        self._used: set[int] = set()

    def learn(self, a: Architecture, x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Add the gradients of a sub-network's cross entropy; returns the loss and the logits.

        Args:
            targets: a probability of each class, `(N, classes)`.
        """
        used, loss, logits = self._run(a, x, targets)
        self._used.update(used)
        return loss, logits

    def hand_over(self) -> None:
        """Give every parameter that was used since the last `clear` its gradient, and the others none."""
        for index, (p, total) in enumerate(zip(self._parameters, self._sums, strict=True)):
            p.grad = total if index in self._used else None

    def clear(self) -> None:
        """Begin new sums, after the optimiser has read the last ones."""
        if self._used:
            torch._foreach_zero_([self._sums[index] for index in sorted(self._used)])
        self._used.clear()

    def _run(self, a: Architecture, x: Tensor, targets: Tensor) -> tuple[list[int], Tensor, Tensor]:
        """The indices of the parameters that `a` uses, its loss and its logits."""
        logits = self._net(x, a)
        loss = nn.functional.cross_entropy(logits, targets)
        gradients = torch.autograd.grad(loss * self._share, self._parameters, allow_unused=True)
        found = [(index, gradient) for index, gradient in enumerate(gradients) if gradient is not None]
        torch._foreach_add_([self._sums[index] for index, _ in found], [gradient for _, gradient in found])
        return [index for index, _ in found], loss.detach(), logits.detach()


class RecordedSteps(GradientSums):
    """The same on CUDA; from the second time on, a sub-network's pass is a recorded one.

    Everything runs on a stream of its own, since the default stream cannot be recorded.
    """

    def __init__(self, net: Supernet, share: float) -> None:
        super().__init__(net, share)
        self._inputs: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}
        self._passes: OrderedDict[tuple[str, tuple[int, ...]], _Pass | None] = OrderedDict()
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def _run(self, a: Architecture, x: Tensor, targets: Tensor) -> tuple[list[int], Tensor, Tensor]:
        key = (a.id, tuple(x.shape))
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            if key in self._passes:
                recorded = self._passes[key] or self._record(a, x, targets)
                self._passes[key] = recorded
                result = recorded.replay(x, targets)
            else:
                self._passes[key] = None
                result = super()._run(a, x, targets)
        torch.cuda.current_stream().wait_stream(self._stream)
        self._passes.move_to_end(key)
        if len(self._passes) > KEPT:
            self._passes.popitem(last=False)
        return result

    def _record(self, a: Architecture, x: Tensor, targets: Tensor) -> _Pass:
        shape = tuple(x.shape)
        if shape not in self._inputs:
            self._inputs[shape] = torch.empty_like(x), torch.empty_like(targets)
        inputs = self._inputs[shape]
        loss, logits = torch.zeros((), device=x.device), torch.zeros_like(targets)
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        # All passes share memory, as no two of them run at the same time and nothing in it is read afterwards.
        graph.capture_begin(pool=self._pool)
        try:
            used, its_loss, its_logits = super()._run(a, *inputs)
            loss.copy_(its_loss)
            logits.copy_(its_logits)
        finally:
            graph.capture_end()
        return _Pass(graph, inputs, used, loss, logits)


@dataclass
class _Pass:
    """A recorded pass, where it reads its inputs and leaves its results, and the parameters that it uses, by index."""

    graph: torch.cuda.CUDAGraph
    inputs: tuple[Tensor, Tensor]
    used: list[int]
    loss: Tensor
    logits: Tensor

    def replay(self, x: Tensor, targets: Tensor) -> tuple[list[int], Tensor, Tensor]:
        self.inputs[0].copy_(x)
        self.inputs[1].copy_(targets)
        self.graph.replay()
        return self.used, self.loss.clone(), self.logits.clone()


def recorded_steps(net: Supernet, share: float) -> RecordedSteps | None:
    """Recorded steps for a network on CUDA; None on other devices."""
    on_cuda = next(net.parameters()).device.type == "cuda"
    return RecordedSteps(net, share) if on_cuda else None
