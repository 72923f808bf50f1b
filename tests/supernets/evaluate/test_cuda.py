"""The whole of scoring on pretended CUDA tensors: one device, and nothing that waits for it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from supernets.evaluate.weight_sharing import SupernetEvaluator
from tests.supernets.evaluate.pretended_cuda import pretended_cuda
from tests.supernets.evaluate.toy import generation, network, prepared, random_splits

NAMES = [
    "ofa",
    "spos",
    "autoformer",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("ofa-proxyless", "ofa-resnet50")),
]


def by_file(lines: Counter[str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line, count in lines.items():
        counted[line.partition(":")[0]] += count
    return counted


@pytest.mark.parametrize("name", NAMES)
def test_scoring_waits_only_to_send_images_once_and_to_read_results(name: str) -> None:
    net = network(name)
    archs = generation(net, 2)
    resolutions = len({net.space.resolution(a) for a in archs})
    with pretended_cuda(net, archs) as waits:
        evaluator = SupernetEvaluator(net, random_splits(), **prepared(name), device="cuda", batch=16)
        waits.lines.clear()
        scored = list(evaluator.evaluate(archs))
        files = by_file(waits.lines)
    assert [e.images for e in scored] == [60] * 2
    assert evaluator.protocol.dtype == "float16"
    assert evaluator.protocol.device.startswith("no card, PyTorch ")
    assert files.pop("preprocessing.py", 0) <= 2  # mean and deviation, once in a process
    # Images of two splits; hits, and whether logits are finite, of all candidates of one resolution.
    assert files.pop("input_batches.py") <= 2 * resolutions, waits.lines
    assert files == {"weight_sharing.py": 2 * resolutions}, waits.lines


def test_a_race_waits_once_for_each_batch() -> None:
    net = network("spos")
    archs = generation(net, 1)
    complete = [np.packbits(np.arange(60) % 3 > 0).tobytes()] * 3
    with pretended_cuda(net, archs) as waits:
        evaluator = SupernetEvaluator(net, random_splits(), **prepared("spos"), device="cuda", batch=16)
        waits.lines.clear()
        list(evaluator.racing(complete, 0.01).evaluate(archs))
        files = by_file(waits.lines)
    assert files.pop("preprocessing.py", 0) <= 2
    assert files.pop("input_batches.py") <= 2, waits.lines
    assert files.keys() == {"weight_sharing.py"}, waits.lines
    assert files.total() <= 2 + 60 // 16 + 1, waits.lines
