"""Scores with inherited weights: candidates become one tree, are calibrated together, and run on the same batches.

Notable: every step of the tree is extracted as an independent module, and its statistics depend only on the steps
before it, so the result of a candidate does not depend on the candidates that are scored with it or on their order.
Statistics are measured in float32, on CUDA too, where convolutions would otherwise round to TF32; then batch norm is
folded and the precision lowered. `tests/` has a plain evaluator with the same results.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.evaluate.activation_budget import ACTIVATION_BYTES, images_within, translate_oom
from supernets.evaluate.calibrate import measuring
from supernets.evaluate.evaluator import GROUP, Evaluation, Evaluator, OutOfMemory
from supernets.evaluate.fusion import fold, fuse_on_cpu, fuse_on_cuda, keep_constants, make_inplace
from supernets.evaluate.input_batches import Inputs
from supernets.evaluate.parallel_batches import ParallelBatches
from supernets.evaluate.prefix_tree import PrefixTree
from supernets.evaluate.protocol import Calibration, SupernetProtocol
from supernets.evaluate.race import RaceEvaluator
from supernets.evaluate.scoring_schedule import AllImages, Hits, ScoringSchedule
from supernets.images.decoding import DECODER
from supernets.images.image_sets import Splits
from supernets.images.preprocessing import Preprocessing
from supernets.network.checkpoint import weights_hash
from supernets.network.float32 import exact_float32
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture


def default_precision(device: torch.device) -> torch.dtype:
    """Half precision if the device computes in it, else float32; the protocol records the precision."""
    if device.type == "cuda":
        return torch.float16
    native = torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if native else torch.float32


def describe_device(device: torch.device) -> str:
    """The device as the protocol names it: on CUDA, cards and versions of its libraries round differently."""
    if device.type != "cuda":
        return device.type
    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return f"{torch.cuda.get_device_name(device)}, PyTorch {torch.__version__}, cuDNN {cudnn}"


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
            calibration: how batch-norm statistics are measured; None for a network without batch norm.
            batch: maximum number of images in a scoring batch; fewer if their activations would exceed the budget.
            precision: number format of scoring; None for the device's `default_precision`.
            group: maximum number of candidates that are scored together. When memory runs out, `batch` is halved
                permanently, and `group` if that does not help, as in calibration.
        """
        self._device = torch.device(device)
        self.net = net.to(self._device).eval()
        self._batch = batch
        self._precision = precision or default_precision(self._device)
        self._group = group
        self._parallel = ParallelBatches(torch.get_num_threads() if self._device.type == "cpu" else 1)
        self.preprocessing = preprocessing
        self.calibration_inputs, self.search_inputs, self.report_inputs = (
            Inputs(images, preprocessing, self._device) for _, images in splits.named()
        )
        self._within_budget: dict[int, int] = {}
        self._rule = rule = calibration
        self._calibration_images = min(rule.images, len(splits.calibrate)) if rule else 0
        self.protocol = SupernetProtocol(
            supernet=net.space.name,
            weights=weights_hash(net.state_dict()),
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
            device=describe_device(self._device),
            calibration="none" if rule is None else f"{rule.rule} batch statistics, batches of {rule.batch}",
        )

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return self.scores(archs, AllImages())

    def racing(self, complete: Sequence[bytes], error: float) -> Evaluator:
        return RaceEvaluator(self, complete, error)

    def scores(self, archs: Sequence[Architecture], schedule: ScoringSchedule) -> Iterator[Evaluation]:
        """Scores on the search split; `schedule` decides how many images each candidate sees."""
        waiting = list(archs)
        while waiting:
            group, waiting = waiting[: self._group], waiting[self._group :]
            yield from self._score(group, self.search_inputs, schedule)

    def report(self, a: Architecture) -> Evaluation:
        (evaluation,) = self._score([a], self.report_inputs, AllImages())
        return evaluation

    def _score(self, archs: Sequence[Architecture], inputs: Inputs, schedule: ScoringSchedule) -> list[Evaluation]:
        """Scores of candidates that are computed together; each takes an equal share of the time."""
        started = time.perf_counter()
        by_resolution: dict[int, list[int]] = {}
        for index, a in enumerate(archs):
            by_resolution.setdefault(self.net.space.resolution(a), []).append(index)
        hits: dict[int, Hits] = {}
        with exact_float32():
            for resolution, indices in by_resolution.items():
                found = self._hits(resolution, [archs[index] for index in indices], inputs, schedule)
                hits |= zip(indices, found, strict=True)
        seconds = (time.perf_counter() - started) / len(archs)
        return [self._evaluation(a, hits[index], schedule, seconds) for index, a in enumerate(archs)]

    def _hits(
        self, resolution: int, archs: Sequence[Architecture], inputs: Inputs, schedule: ScoringSchedule
    ) -> list[Hits]:
        """Hits of candidates of one resolution, computed together if they fit into memory.

        Raises:
            OutOfMemory: a single candidate does not fit.
        """
        try:
            with translate_oom(self._device):
                tree = self._calibrated(archs, resolution)
                return self._hits_within_memory(tree, archs, inputs, resolution, schedule)
        except OutOfMemory:
            if len(archs) == 1:
                raise
            self._group = len(archs) // 2
        # After the handler, whose exception keeps the allocated memory alive.
        first, second = archs[: self._group], archs[self._group :]
        return [hits for part in (first, second) for hits in self._hits(resolution, part, inputs, schedule)]

    def _calibrated(self, archs: Sequence[Architecture], resolution: int) -> PrefixTree:
        """The candidates as one tree, ready to score."""
        tree = self._measured(archs, resolution)
        tree.replace(self._optimised)
        return tree

    def calibrated_steps(self, a: Architecture) -> list[nn.Module]:
        """The steps of `a` in float32, each an independent module, with the statistics that its scores are taken with.

        Their batch norms are not folded, and they stay on the evaluator's device.
        """
        with exact_float32():
            return self._measured([a], self.net.space.resolution(a)).modules()

    def _measured(self, archs: Sequence[Architecture], resolution: int) -> PrefixTree:
        """The candidates as one tree, with their batch-norm statistics."""
        tree = PrefixTree([self.net.path(a) for a in archs])
        tree.replace(lambda module: make_inplace(module).to(memory_format=torch.channels_last))
        if self._rule:
            batches = self.calibration_inputs.batches(resolution, self._rule.batch, self._calibration_images)
            with measuring(tree.modules(), self._rule.rule):
                for x, _ in batches:
                    for _ in tree.walk(x):
                        pass
        return tree

    def _optimised(self, module: nn.Module) -> nn.Module:
        module = keep_constants(fold(module).to(self._precision).to(memory_format=torch.channels_last))
        if self._device.type == "cuda":
            return fuse_on_cuda(module)
        return fuse_on_cpu(module) if self._precision == torch.bfloat16 else module

    def _hits_within_memory(
        self,
        tree: PrefixTree,
        archs: Sequence[Architecture],
        inputs: Inputs,
        resolution: int,
        schedule: ScoringSchedule,
    ) -> list[Hits]:
        within = self._images_within_budget(resolution)
        while True:
            batch = min(self._batch, within)
            try:
                with translate_oom(self._device):
                    batches = inputs.batches(resolution, batch, order=schedule.order)
                    return self._hits_in_batches(tree, archs, len(inputs.images), batches, schedule)
            except OutOfMemory:
                if batch == 1:
                    raise
                self._batch = batch // 2

    def _hits_in_batches(
        self,
        tree: PrefixTree,
        archs: Sequence[Architecture],
        images: int,
        batches: Iterator[tuple[Tensor, Tensor]],
        schedule: ScoringSchedule,
    ) -> list[Hits]:
        """Hits of each candidate on the images seen; waits for the device at the end, in a race after each batch.

        Raises:
            UserError: a candidate's logits are not finite, so that its largest logit means nothing.
        """
        candidates = len(archs)
        hits = torch.zeros(candidates, images, dtype=torch.bool, device=self._device)
        finite = torch.ones(candidates, dtype=torch.bool, device=self._device)
        ends, end = [images] * candidates, 0
        for together in self._parallel.groups(batches):
            for found, count in self._parallel.map(partial(self._correct, tree), together):
                start, end = end, end + count
                self.on_images(end, images)
                for indices, correct, usable in found:
                    # One by one, because sending a list of indices to the device would wait for it.
                    for index in indices:
                        hits[index, start:end] = correct
                        finite[index] &= usable
                if schedule.stops:
                    known = hits[:, :end].cpu().numpy()
                    stopped = {
                        i for i in range(candidates) if ends[i] == images and not schedule.should_continue(known[i])
                    }
                    ends = [end if i in stopped else before for i, before in enumerate(ends)]
                    tree = tree.without(stopped)
            if max(ends) < images:
                break
        _require_finite(archs, finite.cpu().tolist())
        return [row[:end] for row, end in zip(hits.cpu().numpy(), ends, strict=True)]

    def _correct(
        self, tree: PrefixTree, batch: tuple[Tensor, Tensor]
    ) -> tuple[list[tuple[list[int], Tensor, Tensor]], int]:
        """For groups of paths of a tree: their indices, hits and whether all logits are finite; the batch's size."""
        x, labels = batch
        with torch.inference_mode():
            found = [
                (indices, logits.argmax(1) == labels, logits.isfinite().all())
                for indices, logits in tree.walk(x.to(self._precision))
            ]
        return found, len(x)

    def _images_within_budget(self, resolution: int) -> int:
        if resolution not in self._within_budget:
            path, side = self.net.path(self.net.space.largest()), resolution // self.preprocessing.divisor
            budget = ACTIVATION_BYTES[self._device.type]
            self._within_budget[resolution] = images_within(budget, path, side, self._precision.itemsize)
        return self._within_budget[resolution]

    def _evaluation(self, a: Architecture, hits: Hits, schedule: ScoringSchedule, seconds: float) -> Evaluation:
        score = schedule.score(hits)
        return Evaluation(a, score.top1, score.stderr, len(hits), seconds, self.protocol.id, score.hits)


def _require_finite(archs: Sequence[Architecture], finite: Sequence[bool]) -> None:
    broken = [a.id for a, good in zip(archs, finite, strict=True) if not good]
    if broken:
        raise UserError(
            f"the logits of {', '.join(broken)} are not finite (NaN or infinity), so there is no score: the weights "
            "overflow in this sub-network; check the file of --weights, or how it was trained"
        )
