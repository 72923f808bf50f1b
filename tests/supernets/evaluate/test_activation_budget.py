from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from supernets.evaluate.activation_budget import images_within, translate_oom
from supernets.evaluate.evaluator import OutOfMemory
from supernets.families.registry import build_supernet

CPU = torch.device("cpu")


def test_activations_of_as_many_images_stay_within_the_budget() -> None:
    net = build_supernet("ofa")
    path = net.path(net.space.largest())
    stem = 24 * 112 * 112
    most = images_within(2**27, path, 224, 4)
    assert 1 < most < 2**27 / (4 * 2 * stem)
    assert most <= images_within(2**27, path, 224, 2) // 2 <= most + 1
    assert images_within(1, path, 224, 4) == 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried"),
        *map(
            RuntimeError,
            [
                "CUDNN_STATUS_ALLOC_FAILED",
                "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
                "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
                "GET was unable to find an engine to execute this computation",
                "CUDA error: out of memory",
                "CUDA ran out of memory outside PyTorch's allocator",
            ],
        ),
    ],
    ids=str,
)
def test_every_error_of_a_full_memory_is_one(error: Exception) -> None:
    with pytest.raises(OutOfMemory, match=r"out of memory on cpu.*another --device"), translate_oom(CPU):
        raise error


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shapes"), translate_oom(CPU):
        raise RuntimeError("shapes do not match")


SMALL_MACHINE = """
import random, resource
from pathlib import Path
import torch
from supernets.evaluate.weight_sharing import SupernetEvaluator
from tests.supernets.evaluate.toy import network, prepared, random_splits

torch.set_num_threads(1)
net = network("ofa")
evaluator = SupernetEvaluator(net, random_splits(), **prepared("ofa"))
list(evaluator.evaluate([net.space.smallest()]))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**20, used + 2**20))
try:
    list(evaluator.evaluate([net.space.largest()] * 2))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process as Linux does")
def test_a_machine_with_too_little_memory_is_told_so() -> None:
    done = subprocess.run([sys.executable, "-c", SMALL_MACHINE], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("OutOfMemory out of memory on cpu even for one candidate"), done.stderr
