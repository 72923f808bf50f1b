"""The plain evaluator: one candidate at a time, as it is written in the papers. What the fast one is checked against.

Notable: it shares neither activations nor the code that measures statistics or counts hits.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.input_batches import Inputs
from supernets.evaluate.scoring_schedule import AllImages, Hits
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.network.float32 import exact_float32
from supernets.space.architecture import Architecture


class PlainEvaluator(SupernetEvaluator):
    """Scores in float32 with unfolded batch norms. `batch`: images scored at once, 250 unless told."""

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return (self._score_alone(a, self.search_inputs) for a in archs)

    def report(self, a: Architecture) -> Evaluation:
        return self._score_alone(a, self.report_inputs)

    def _score_alone(self, a: Architecture, inputs: Inputs) -> Evaluation:
        started = time.perf_counter()
        resolution = self.net.space.resolution(a)
        subnet = self.net.extract(a).to(memory_format=torch.channels_last)
        hits: list[Hits] = []
        with torch.inference_mode(), exact_float32():
            if self._rule:
                images = self.calibration_inputs.batches(resolution, self._rule.batch, self._calibration_images)
                _RULES[self._rule.rule](subnet, [x for x, _ in images])
            for x, labels in inputs.batches(resolution, self._batch):
                hits.append((subnet(x).argmax(1) == labels).cpu().numpy())
        return self._evaluation(a, np.concatenate(hits), AllImages(), time.perf_counter() - started)


def _average(subnet: nn.Module, batches: Iterable[Tensor]) -> None:
    meters = [_Meter(bn) for bn in _batch_norms(subnet)]
    hooks = [meter.bn.register_forward_pre_hook(meter) for meter in meters]
    for batch in batches:
        subnet(batch)
    for meter, hook in zip(meters, hooks, strict=True):
        meter.finish()
        hook.remove()


def _running(subnet: nn.Module, batches: Iterable[Tensor]) -> None:
    for bn in _batch_norms(subnet):
        bn.reset_running_stats()
        bn.momentum = 0.1
        bn.train()
    for batch in batches:
        subnet(batch)
    subnet.eval()


_RULES: Mapping[str, Any] = {"average": _average, "running": _running}


def _batch_norms(subnet: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in subnet.modules() if isinstance(module, nn.BatchNorm2d)]


class _Meter:
    """Sets a layer's statistics to each batch's own as it comes, and to the average at the end."""

    def __init__(self, bn: nn.BatchNorm2d) -> None:
        assert bn.running_mean is not None
        assert bn.running_var is not None
        self.bn, self.mean, self.var = bn, bn.running_mean, bn.running_var
        self._sum_mean = torch.zeros_like(self.mean)
        self._sum_var = torch.zeros_like(self.var)
        self._images = 0

    def __call__(self, module: nn.Module, inputs: Any) -> None:
        (x,) = inputs
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        self.mean.copy_(mean)
        self.var.copy_(var)
        self._sum_mean += mean * len(x)
        self._sum_var += var * len(x)
        self._images += len(x)

    def finish(self) -> None:
        self.mean.copy_(self._sum_mean / self._images)
        self.var.copy_(self._sum_var / self._images)
