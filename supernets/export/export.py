"""Writing an export: its files, each scored again as written, then its model card. All of it is there, or nothing.

Notable: files are written to a folder beside the final one, which takes its name once everything in it agrees.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save
from torch import nn

from common.errors import UserError
from common.files import write_text
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.export.graph_files import load_onnx, load_pt2, require_onnx, trace, write_onnx, write_pt2
from supernets.export.model_card import CheckedFile, Provenance, hits, model_card
from supernets.export.model_source import load_model, model_source
from supernets.export.rescoring import (
    Rescored,
    Runtime,
    plain_inputs,
    require_recorded,
    require_same,
    rescore,
)
from supernets.export.sub_network import SubNetwork, extract_sub_network
from supernets.export.timm_folder import load_timm_folder, write_timm_folder
from supernets.families.base import SupernetFamily
from supernets.images.image_sets import Images


@dataclass(frozen=True)
class ExportFormats:
    """Files to write besides those of every export."""

    onnx: bool = False
    pt2: bool = False


@dataclass(frozen=True)
class Export:
    """A finished export."""

    folder: Path
    network: SubNetwork
    files: tuple[CheckedFile, ...]


def export_sub_network(
    family: SupernetFamily,
    evaluator: SupernetEvaluator,
    provenance: Provenance,
    out: Path,
    formats: ExportFormats,
    on_message: Callable[[str], None] = lambda message: None,
) -> Export:
    """Write the sub-network of `provenance`, with inherited weights, to the folder `out`, which must not exist.

    Args:
        evaluator: measures batch-norm statistics, and has the report images.
        on_message: called with what is done next.

    Raises:
        UserError: as `write_export` raises, or the family cannot be exported.
        ExportDiffers: a written file does not score as recorded; nothing is kept then.
    """
    require_free(out)
    if formats.onnx:
        require_onnx()
    on_message("measuring batch-norm statistics")
    network = extract_sub_network(family, evaluator, provenance.scores["report"].architecture)
    return write_export(network, evaluator.report_inputs.images, provenance, out, formats, on_message)


def write_export(
    network: SubNetwork,
    images: Images,
    provenance: Provenance,
    out: Path,
    formats: ExportFormats,
    on_message: Callable[[str], None] = lambda message: None,
) -> Export:
    """Write a sub-network to the folder `out`, which must not exist.

    Args:
        images: those on which the report score of `provenance` was taken.
        on_message: called with what is done next.

    Raises:
        UserError: `out` exists or cannot be written, or an optional package is missing.
        ExportDiffers: a written file does not score as recorded; nothing is kept then.
    """
    require_free(out)
    if formats.onnx:
        require_onnx()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            folder.chmod(0o755)
            files = tuple(_write(network, images, provenance, folder, formats, on_message))
            write_text(folder / "README.md", model_card(network, provenance, files))
            folder.rename(out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise UserError(
            f"cannot write the export to {out} ({error.strerror or error}): make room, or name another folder with "
            "--out DIR"
        ) from None
    return Export(out, network, files)


def require_free(out: Path) -> None:
    """
    Raises:
        UserError: something has this name already.
    """
    if out.exists():
        raise UserError(f"{out} exists already: remove it, or name another folder with --out DIR")


def _write(
    network: SubNetwork,
    images: Images,
    provenance: Provenance,
    folder: Path,
    formats: ExportFormats,
    on_message: Callable[[str], None],
) -> Iterator[CheckedFile]:
    check = _Check(network, images, provenance)
    _write_model(network, provenance, folder)
    on_message("scoring model.py again")
    net = load_model(folder / "model.py")
    yield check("model.py", "PyTorch", net)
    if network.timm is not None:
        on_message("writing the timm folder and scoring it again")
        write_timm_folder(network, network.timm, folder / "timm")
        yield check("timm/", "timm", load_timm_folder(network, folder / "timm"))
    if not (formats.onnx or formats.pt2):
        return
    on_message("tracing the network")
    program = trace(net, network.side)
    if formats.onnx:
        on_message("writing model.onnx and scoring it again")
        write_onnx(program, folder / "model.onnx")
        yield check("model.onnx", "ONNX Runtime", load_onnx(folder / "model.onnx"))
    if formats.pt2:
        on_message("writing model.pt2 and scoring it again")
        write_pt2(program, folder / "model.pt2")
        yield check("model.pt2", "torch.export", load_pt2(folder / "model.pt2"))


def _write_model(network: SubNetwork, provenance: Provenance, folder: Path) -> None:
    metadata = {
        "format": "pt",
        "supernet": network.supernet,
        "architecture": json.dumps(provenance.genotype),
        "protocol": provenance.protocol.id,
    }
    (folder / "model.safetensors").write_bytes(save(network.state, metadata))
    (folder / "model.py").write_text(model_source(network, provenance.genotype), encoding="utf-8")


class _Check:
    """Scores files again; the first one is what the others are compared with."""

    def __init__(self, network: SubNetwork, images: Images, provenance: Provenance) -> None:
        self._inputs = plain_inputs(images, network.preprocessing)
        self._resolution = network.side * network.preprocessing.divisor
        self._recorded = hits(provenance.scores["report"])
        self._format = provenance.protocol.dtype
        self._first: Rescored | None = None

    def __call__(self, name: str, runtime_name: str, runtime: Runtime | nn.Module) -> CheckedFile:
        found = rescore(runtime, self._inputs, self._resolution)
        require_recorded(name, found, self._recorded, self._format)
        self._first = self._first or found
        require_same(name, found, self._first)
        ties = int(found.near_ties(self._format).sum())
        return CheckedFile(name, runtime_name, found.hits, len(found.labels), ties)
