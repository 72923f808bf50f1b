"""Scores with inherited weights: candidates become one tree, are calibrated together, and their hits are noted.

Notable: every step of the tree is a module of its own from the moment it is extracted, and its statistics depend on
the steps before it alone, so nothing that is measured for one candidate can reach another, whatever the order and
whoever is scored with it. Statistics are measured in float32; then batch norm is folded and the precision lowered.
`plain.py` does the same without any of this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from supernets.evaluate.activation_budget import ACTIVATION_BYTES, images_within, noticing_shortage
from supernets.evaluate.calibrate import measuring
from supernets.evaluate.evaluator import GROUP, Evaluation, Evaluator, OutOfMemory
from supernets.evaluate.fusion import fold, fuse, overwrite
from supernets.evaluate.input_batches import Inputs
from supernets.evaluate.parallel_batches import Lanes
from supernets.evaluate.prefix_tree import Trie
from supernets.evaluate.protocol import Calibration, SupernetProtocol
from supernets.evaluate.race import RaceEvaluator
from supernets.evaluate.scoring_schedule import Course, Hits, Whole
from supernets.images.decoding import DECODER
from supernets.images.image_sets import Splits
from supernets.images.preprocessing import Preprocessing
from supernets.network.checkpoint import weights_hash
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture


def default_precision(device: torch.device) -> torch.dtype:
    """Half precision where the device computes in it, float32 elsewhere; the protocol names what was used."""
    if device.type == "cuda":
        return torch.float16
    native = torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if native else torch.float32


class SupernetEvaluator(Evaluator):
    """Top-1 of sub-networks with the supernet's weights, on CPU or CUDA."""

    protocol: SupernetProtocol

    def __init__(
        self,
        net: Supernet,
        splits: Splits,
        *,
        preprocessing: Preprocessing,
        calibration: Calibration | None,
        device: str = "cpu",
        batch: int = 250,
        precision: torch.dtype | None = None,
        group: int = GROUP,
    ) -> None:
        """
        Args:
            calibration: how batch-norm statistics are measured; None where the network has none.
            batch: most images that are scored at once; fewer where their activations would exceed the budget.
            precision: number format of scoring; the device's `default_precision` if None.
            group: most candidates that are scored together. When memory runs out, `batch` is halved for good, and
                where that is no help, as in calibration, `group`.
        """
        self._device = torch.device(device)
        self._net = net.to(self._device).eval()
        self._batch = batch
        self._precision = precision or default_precision(self._device)
        self._group = group
        self._lanes = Lanes(torch.get_num_threads() if self._device.type == "cpu" else 1)
        self._divisor = preprocessing.divisor
        self.calibration_inputs, self.search_inputs, self.report_inputs = (
            Inputs(images, preprocessing, self._device) for _, images in splits.named()
        )
        self._rule = rule = calibration
        self._calibration_images = min(rule.images, len(splits.calibrate)) if rule else 0
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
            dtype=str(self._precision).removeprefix("torch."),
            device=self._device.type,
            calibration="none" if rule is None else f"{rule.rule} batch statistics, batches of {rule.batch}",
        )

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return self.scores(archs, Whole())

    def against(self, complete: Sequence[bytes], error: float) -> Evaluator:
        return RaceEvaluator(self, complete, error)

    def scores(self, archs: Sequence[Architecture], course: Course) -> Iterator[Evaluation]:
        """Scores on the search split, as far as the candidates go on `course`."""
        waiting = list(archs)
        while waiting:
            group, waiting = waiting[: self._group], waiting[self._group :]
            yield from self._score(group, self.search_inputs, course)

    def report(self, a: Architecture) -> Evaluation:
        (evaluation,) = self._score([a], self.report_inputs, Whole())
        return evaluation

    def _score(self, archs: Sequence[Architecture], inputs: Inputs, course: Course) -> list[Evaluation]:
        """Scores of candidates that are known at once; each took its share of the time."""
        started = time.perf_counter()
        by_resolution: dict[int, list[int]] = {}
        for index, a in enumerate(archs):
            by_resolution.setdefault(self._net.space.resolution(a), []).append(index)
        hits: dict[int, Hits] = {}
        for resolution, indices in by_resolution.items():
            found = self._hits(resolution, [archs[index] for index in indices], inputs, course)
            hits |= zip(indices, found, strict=True)
        seconds = (time.perf_counter() - started) / len(archs)
        return [self._evaluation(a, hits[index], course, seconds) for index, a in enumerate(archs)]

    def _hits(self, resolution: int, archs: Sequence[Architecture], inputs: Inputs, course: Course) -> list[Hits]:
        """Hits of candidates of one resolution, together if memory holds them.

        Raises:
            OutOfMemory: memory does not hold one of them.
        """
        try:
            with noticing_shortage(self._device):
                trie = self._calibrated(archs, resolution)
                return self._hits_within_memory(trie, len(archs), inputs, resolution, course)
        except OutOfMemory:
            if len(archs) == 1:
                raise
            self._group = len(archs) // 2
        # Out of the handler, which keeps alive whatever filled the memory.
        first, second = archs[: self._group], archs[self._group :]
        return [hits for part in (first, second) for hits in self._hits(resolution, part, inputs, course)]

    def _calibrated(self, archs: Sequence[Architecture], resolution: int) -> Trie:
        """The candidates as one tree, ready to score."""
        trie = Trie([self._net.path(a) for a in archs])
        trie.replace(lambda module: overwrite(module).to(memory_format=torch.channels_last))
        if self._rule:
            batches = self.calibration_inputs.batches(resolution, self._rule.batch, self._calibration_images)
            with measuring(trie.modules(), self._rule.rule):
                for x, _ in batches:
                    for _ in trie.walk(x):
                        pass
        trie.replace(self._quickened)
        return trie

    def _quickened(self, module: nn.Module) -> nn.Module:
        module = fold(module).to(self._precision).to(memory_format=torch.channels_last)
        on_cpu_in_half = self._device.type == "cpu" and self._precision == torch.bfloat16
        return fuse(module) if on_cpu_in_half else module

    def _hits_within_memory(
        self, trie: Trie, candidates: int, inputs: Inputs, resolution: int, course: Course
    ) -> list[Hits]:
        within = self._images_within_budget(resolution)
        while True:
            batch = min(self._batch, within)
            try:
                with noticing_shortage(self._device):
                    batches = inputs.batches(resolution, batch, order=course.order)
                    return self._hits_in_batches(trie, candidates, len(inputs.images), batches, course)
            except OutOfMemory:
                if batch == 1:
                    raise
                self._batch = batch // 2

    def _hits_in_batches(
        self, trie: Trie, candidates: int, images: int, batches: Iterator[tuple[Tensor, Tensor]], course: Course
    ) -> list[Hits]:
        """Hits of each candidate as far as it went; the device is waited for at the end, in a race after each batch."""
        hits = torch.zeros(candidates, images, dtype=torch.bool, device=self._device)
        ends, end = [images] * candidates, 0
        for together in self._lanes.share(batches):
            for found, count in self._lanes.map(partial(self._correct, trie), together):
                start, end = end, end + count
                for indices, correct in found:
                    # One by one: a list of indices would be sent to the device, which would wait for it.
                    for index in indices:
                        hits[index, start:end] = correct
                if course.stops:
                    known = hits[:, :end].cpu().numpy()
                    stopped = {i for i in range(candidates) if ends[i] == images and not course.goes_on(known[i])}
                    ends = [end if i in stopped else before for i, before in enumerate(ends)]
                    trie = trie.without(stopped)
            if max(ends) < images:
                break
        return [row[:end] for row, end in zip(hits.cpu().numpy(), ends, strict=True)]

    def _correct(self, trie: Trie, batch: tuple[Tensor, Tensor]) -> tuple[list[tuple[list[int], Tensor]], int]:
        """For the paths of a tree, by their indices, which images of a batch were right; and how many there are."""
        x, labels = batch
        with torch.inference_mode():
            found = [(indices, logits.argmax(1) == labels) for indices, logits in trie.walk(x.to(self._precision))]
        return found, len(x)

    def _images_within_budget(self, resolution: int) -> int:
        path = self._net.path(self._net.space.largest())
        budget = ACTIVATION_BYTES[self._device.type]
        return images_within(budget, path, resolution // self._divisor, self._precision.itemsize)

    def _evaluation(self, a: Architecture, hits: Hits, course: Course, seconds: float) -> Evaluation:
        score = course.score(hits)
        return Evaluation(a, score.top1, score.stderr, len(hits), seconds, self.protocol.id, score.hits)
