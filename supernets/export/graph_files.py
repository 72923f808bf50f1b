"""A sub-network as one graph for other runtimes: ONNX, and the `.pt2` of `torch.export`. Batches may have any size."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.export.rescoring import Runtime

ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")


def require_onnx() -> None:
    """
    Raises:
        UserError: packages of the optional extra are missing.
    """
    if missing := [name for name in ONNX_PACKAGES if find_spec(name) is None]:
        raise UserError(f"--onnx needs {', '.join(missing)}: install with pip install 'collm-nas[export]'")


def trace(net: nn.Module, side: int) -> torch.export.ExportedProgram:
    """The graph of a network on images `(N, 3, side, side)` with any N."""
    # Two: a batch of one would be taken for a constant.
    example = torch.zeros(2, 3, side, side)
    batch = torch.export.Dim("batch")
    with _quiet():
        return torch.export.export(net, (example,), dynamic_shapes={"images": {0: batch}})


def write_onnx(program: torch.export.ExportedProgram, path: Path) -> None:
    """Write one file, with input `images` and output `logits`, after checking it.

    Raises:
        OSError: it cannot be written.
    """
    import onnx

    with _quiet():
        exported = torch.onnx.export(
            program, (), dynamo=True, input_names=["images"], output_names=["logits"], verbose=False
        )
    assert exported is not None
    model = exported.model_proto
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def load_onnx(path: Path) -> Runtime:
    """A written ONNX file in ONNX Runtime, on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Batches are scored side by side.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(images: Tensor) -> Tensor:
        return torch.from_numpy(session.run(["logits"], {"images": images.contiguous().numpy()})[0])

    return run


def write_pt2(program: torch.export.ExportedProgram, path: Path) -> None:
    """
    Raises:
        OSError: it cannot be written.
    """
    content = BytesIO()
    torch.export.save(program, content)
    path.write_bytes(content.getvalue())


def load_pt2(path: Path) -> Runtime:
    """A written `.pt2` file."""
    return cast(Runtime, torch.export.load(path).module())


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what exporters say of their own progress and of packages that are not needed."""
    loggers: list[Any] = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "torch.export")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
