"""`model.py` of an export: one readable file that needs torch alone, written from the plain network of a family."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from torch import nn

from supernets.export.safetensors_reader import read_safetensors
from supernets.export.sub_network import SubNetwork
from supernets.images.preprocessing import Preprocessing

_HEADER = '''"""Sub-network {id} of the supernet {supernet}. Needs torch alone.

    from model import load

    net = load()  # with the weights in model.safetensors, beside this file
    logits = net(images)  # (N, {classes}), of images (N, 3, {side}, {side}), RGB from 0 to 1

{genotype}
"""

from __future__ import annotations

'''

_MODEL = '''
class Model(Network):
    """Logits `(N, {classes})` of images `(N, 3, {side}, {side})`, RGB with values from 0 to 1."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__(**ARGUMENTS)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
{forward}


def load(path: Path | str = Path(__file__).with_name("model.safetensors")) -> Model:
    """The network with the weights of a file, in inference mode."""
    model = Model()
    model.load_state_dict(read_safetensors(Path(path)))
    return model.eval()
'''

_STEP = "    "
_RGB = "        return super().forward((images - self.mean) / self.std)"
_BGR = """        # The weights were trained on images with the blue channel first.
        return super().forward((images.flip(1) - self.mean) / self.std)"""


def model_source(network: SubNetwork, genotype: Any) -> str:
    """The text of `model.py`."""
    template = ast.parse(_source_of(network.plain.module))
    values = {"classes": len(network.classes), "side": network.side}
    header = _HEADER.format(
        id=network.architecture.id,
        supernet=network.supernet,
        genotype=fill(f"Genotype: {json.dumps(genotype)}", 118),
        **values,
    )
    forward = _BGR if network.preprocessing.channels == "BGR" else _RGB
    parts = [
        header + "\n".join(_imports(template)),
        _constants(network.preprocessing, network.plain.arguments),
        _body(network.plain.module, template),
        "\n" + inspect.getsource(read_safetensors).rstrip(),
        _MODEL.format(forward=forward, **values).rstrip(),
    ]
    return "\n\n".join(parts) + "\n"


def load_model(path: Path) -> nn.Module:
    """The network in a written `model.py`, with the weights beside it, as anybody would load it."""
    spec = importlib.util.spec_from_file_location(f"exported_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net: nn.Module = module.load()
    return net


def _source_of(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


def _imports(template: ast.Module) -> Iterable[str]:
    """What the template, the reader and the model import, standard library first."""
    own = [ast.unparse(node) for node in template.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = {*own, "import json", "from pathlib import Path", "import torch", "from torch import Tensor, nn"}
    lines.discard("from __future__ import annotations")
    standard = sorted((line for line in lines if "torch" not in line), key=_import_order)
    return [*standard, "", *sorted((line for line in lines if "torch" in line), key=_import_order)]


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _constants(preprocessing: Preprocessing, arguments: Any) -> str:
    return f"MEAN = {preprocessing.mean}\nSTD = {preprocessing.std}\nARGUMENTS = {literal(arguments)}"


def literal(value: Any, indent: str = "") -> str:
    """Python source of JSON types; what holds other dictionaries or lists has a line for each item."""
    if isinstance(value, Mapping):
        items, brackets = [f"{literal(k)}: {literal(v, indent + _STEP)}" for k, v in value.items()], "{}"
        nested = any(isinstance(v, Mapping | Sequence) and not isinstance(v, str) for v in value.values())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items, brackets = [literal(v, indent + _STEP) for v in value], "[]"
        nested = any(isinstance(v, Mapping | Sequence) and not isinstance(v, str) for v in value)
    else:
        return json.dumps(value) if isinstance(value, str) else repr(value)
    if not nested:
        return brackets[0] + ", ".join(items) + brackets[1]
    lines = "".join(f"{indent}{_STEP}{item},\n" for item in items)
    return f"{brackets[0]}\n{lines}{indent}{brackets[1]}"


def _body(module: str, template: ast.Module) -> str:
    """The source of the template after its imports, as it was written."""
    imports = [node.end_lineno or 0 for node in template.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(_source_of(module).splitlines()[max(imports) :]).strip("\n")
