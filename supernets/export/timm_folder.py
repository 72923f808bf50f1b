"""A sub-network as a folder of the timm library: a registered model, its weights, and how its images are prepared.

Notable: timm builds a model from a name that it knows and from arguments in JSON, which block strings cannot be among.
So the folder has a Python file that registers a model, to be imported before `timm.create_model`.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from supernets.export.model_source import literal
from supernets.export.sub_network import SubNetwork
from supernets.images.preprocessing import Preprocessing
from supernets.network.plain import TimmNetwork

_MODULE = '''"""Sub-network {id} of the supernet {supernet} as a timm model. With this folder as the working folder:

    import {name}
    net = timm.create_model("local-dir:.", pretrained=True).eval()

Its images are RGB, normalised with the mean and deviation in config.json.
"""

from functools import partial

from timm.layers import get_act_layer
from timm.models import register_model
from timm.models._efficientnet_blocks import SqueezeExcite
from timm.models._efficientnet_builder import decode_arch_def, round_channels
from {module} import {factory}
from torch import nn

BLOCKS = {blocks}


@register_model
def {name}(pretrained=False, **kwargs):
    arguments = {arguments}
    arguments["block_args"] = decode_arch_def(BLOCKS)
    arguments["act_layer"] = get_act_layer("{activation}")
    arguments["norm_layer"] = partial(nn.BatchNorm2d, eps={eps})
    arguments["se_layer"] = partial(
        SqueezeExcite, gate_layer="hard_sigmoid", force_act_layer=nn.ReLU, rd_round_fn=round_channels
    )
    return {factory}("{name}", pretrained, **{{**arguments, **kwargs}})
'''


def write_timm_folder(network: SubNetwork, timm_network: TimmNetwork, folder: Path) -> None:
    """Write the module that registers the model, `config.json` and `model.safetensors`.

    Raises:
        OSError: they cannot be written.
    """
    import timm
    from timm.models._hub import save_config_for_hf

    folder.mkdir()
    (folder / f"{network.name}.py").write_text(_module_source(network, timm_network), encoding="utf-8")
    _register(network.name, folder)
    model = timm.create_model(network.name, pretrained_cfg=_pretrained_cfg(network))
    state = model.state_dict()
    tensors = list(network.state.values())
    assert [t.shape for t in state.values()] == [t.shape for t in tensors]
    (folder / "model.safetensors").write_bytes(save(dict(zip(state, tensors, strict=True)), {"format": "pt"}))
    names: dict[str, Any] = {"label_names": list(network.classes)} if network.classes else {}
    save_config_for_hf(model, str(folder / "config.json"), names)


def load_timm_folder(network: SubNetwork, folder: Path) -> nn.Module:
    """The model as timm loads it, on images of RGB from 0 to 1."""
    import timm

    _register(network.name, folder)
    model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    cfg = json.loads((folder / "config.json").read_text(encoding="utf-8"))["pretrained_cfg"]
    return nn.Sequential(_Normalise(cfg["mean"], cfg["std"]), model).eval()


class _Normalise(nn.Module):
    def __init__(self, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.mean, self.std = torch.tensor(mean).view(1, 3, 1, 1), torch.tensor(std).view(1, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


def _register(name: str, folder: Path) -> None:
    """Import the module of a folder, whatever the working folder is; timm may know the model already."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # timm looks a model's module up by its name.
    sys.modules[name] = module
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Overwriting")
            spec.loader.exec_module(module)
    finally:
        del sys.modules[name]


def _module_source(network: SubNetwork, timm_network: TimmNetwork) -> str:
    return _MODULE.format(
        id=network.architecture.id,
        supernet=network.supernet,
        name=network.name,
        module=timm_network.module,
        factory=timm_network.factory,
        blocks=literal(timm_network.blocks),
        arguments=literal(timm_network.arguments),
        activation=timm_network.activation,
        eps=timm_network.eps,
    )


def _pretrained_cfg(network: SubNetwork) -> dict[str, Any]:
    """How images are prepared, in timm's words."""
    preprocessing, side = network.preprocessing, network.side
    return {
        "architecture": network.name,
        "num_classes": len(network.classes),
        "input_size": (3, side, side),
        "crop_pct": _crop_pct(preprocessing, side),
        "crop_mode": "center",
        "interpolation": preprocessing.resampling if preprocessing.from_files else "bicubic",
        "mean": preprocessing.mean,
        "std": preprocessing.std,
        "first_conv": "conv_stem",
        "classifier": "classifier",
    }


def _crop_pct(preprocessing: Preprocessing, side: int) -> float:
    """The crop with which timm, which rounds down, resizes to the side that this program, which rounds up, does."""
    if math.floor(side / preprocessing.crop) == math.ceil(side / preprocessing.crop):
        return preprocessing.crop
    return side / (math.ceil(side / preprocessing.crop) + 0.5)
