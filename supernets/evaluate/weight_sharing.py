"""Scores with inherited weights: extract a candidate, calibrate its batch norm, count its hits.

Notable: every candidate is a network of its own from the moment it is extracted, so nothing that is measured for one
can reach another, whatever the order. Plain and correct; no activation is shared between candidates.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import torch
from torch import nn

from errors import UserError
from supernets.evaluate.calibrate import RULES
from supernets.evaluate.evaluator import Evaluation, Evaluator, standard_error
from supernets.evaluate.inputs import Inputs
from supernets.evaluate.protocol import SupernetProtocol
from supernets.images import DECODER, Splits
from supernets.modules import Supernet
from supernets.preprocessing import Preprocessing
from supernets.registry import supernet_family
from supernets.space import Architecture
from supernets.weights import weights_hash


class SupernetEvaluator(Evaluator):
    """Top-1 of sub-networks with the supernet's weights, on CPU (float32) or CUDA (float16 autocast)."""

    protocol: SupernetProtocol

    def __init__(
        self,
        net: Supernet,
        splits: Splits,
        preprocessing: Preprocessing,
        device: str = "cpu",
        batch: int = 250,
    ) -> None:
        """
        Args:
            batch: images scored at once; halved, for good, when memory runs out.

        Raises:
            UserError: the images have more classes than the network, or fewer calibration images than asked for.
        """
        self._device = torch.device(device)
        self._net = net.to(self._device).eval()
        self._batch = batch
        self._calibration_inputs, self._search, self._report = (
            Inputs(images, preprocessing, self._device) for _, images in splits.named()
        )
        self._rule = rule = supernet_family(net.space.name).calibration(preprocessing.divisor)
        self._calibration_images = min(rule.images, len(splits.calibrate)) if rule else 0
        self._mixed = self._device.type == "cuda"
        self.protocol = SupernetProtocol(
            supernet=net.space.name,
            weights=weights_hash(net),
            images=splits.search.name,
            image_hashes=(splits.calibrate.hash, splits.search.hash, splits.report.hash),
            calibrate_images=self._calibration_images,
            search_images=len(splits.search),
            report_images=len(splits.report),
            resolution="r" if preprocessing.divisor == 1 else f"r / {preprocessing.divisor}",
            crop=preprocessing.crop,
            interpolation=preprocessing.interpolation,
            decoder=DECODER,
            channels=preprocessing.channels,
            mean=preprocessing.mean,
            std=preprocessing.std,
            dtype="float16 autocast" if self._mixed else "float32",
            device=self._device.type,
            calibration="none" if rule is None else f"{rule.rule} batch statistics, batches of {rule.batch}",
        )

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return (self._score(a, self._search) for a in archs)

    def report(self, a: Architecture) -> Evaluation:
        return self._score(a, self._report)

    def _score(self, a: Architecture, inputs: Inputs) -> Evaluation:
        started = time.perf_counter()
        resolution = self._net.space.resolution(a)
        subnet = self._net.extract(a).to(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.float16, enabled=self._mixed):
            self._calibrate(subnet, resolution)
            hits = self._count_hits(subnet, inputs, resolution)
        images = len(inputs.images)
        top1 = 100 * hits / images
        seconds = time.perf_counter() - started
        return Evaluation(a, top1, standard_error(top1, images), images, seconds, self.protocol.id)

    def _calibrate(self, subnet: nn.Module, resolution: int) -> None:
        if self._rule is None:
            return
        batches = self._calibration_inputs.batches(resolution, self._rule.batch, self._calibration_images)
        RULES[self._rule.rule](subnet, (x for x, _ in batches))

    def _count_hits(self, subnet: nn.Module, inputs: Inputs, resolution: int) -> int:
        while True:
            try:
                hits = torch.zeros((), dtype=torch.int64, device=self._device)
                with torch.inference_mode():
                    for x, labels in inputs.batches(resolution, self._batch):
                        hits += (subnet(x).argmax(1) == labels).sum()
                return int(hits)
            except torch.OutOfMemoryError:
                if self._batch == 1:
                    raise UserError(
                        f"out of memory on {self._device} with a batch of one image; choose another --device"
                    ) from None
                self._batch //= 2
                torch.cuda.empty_cache()
