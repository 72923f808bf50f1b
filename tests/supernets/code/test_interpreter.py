"""Everyday networks are translated, and compute what torch computes from the same text; others are told what to do."""

# ruff: noqa: E501 (texts of networks stay in one piece)
from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from supernets.code.canonical_code import canonical_code
from supernets.code.code_network import CodeNetwork
from supernets.code.interpreter import translate
from supernets.code.refusal import Refused

HEAD = "import math\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def _networks() -> dict[str, tuple[str, tuple[int, ...], str]]:
    """Name to text, input shape, and what a refusal says where one is expected."""
    found = {}
    for part in (Path(__file__).parent / "everyday.txt").read_text(encoding="utf-8").split("### ")[1:]:
        title, text = part.split("\n", 1)
        name, shape, *refusal = (each.strip() for each in title.split("|"))
        found[name] = text, tuple(map(int, shape.split(","))), refusal[0] if refusal else ""
    return found


NETWORKS = _networks()
TRANSLATED = [name for name, (_, _, refusal) in NETWORKS.items() if not refusal]


def run_by_torch(text: str) -> nn.Module:
    """The network of a text of these tests, as torch runs it, with statistics as after some training."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional, "math": math}
    before = set(names)
    exec(text, names)  # a text of these tests
    classes = [each for each in names if each not in before and isinstance(names[each], type)]
    net: nn.Module = names[classes[-1]]()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
    return net.eval()


def test_there_are_sixty() -> None:
    assert len(NETWORKS) >= 60
    assert len(TRANSLATED) >= 50


@pytest.mark.parametrize("name", TRANSLATED)
def test_translated_networks_compute_what_torch_computes(name: str) -> None:
    text, shape, _ = NETWORKS[name]
    torch.manual_seed(0)
    original = run_by_torch(text)
    program = translate(text, shape, (10,))
    ours = CodeNetwork(program).eval()
    ours.load_named(original.state_dict())
    x = torch.randn(3, *shape)
    with torch.no_grad():
        assert (ours(x) - original(x)).abs().max() < 1e-6
    assert program.params == sum(p.numel() for p in original.parameters() if p.requires_grad)
    again = run_by_torch(canonical_code(program))
    again.load_state_dict(ours.state_dict())
    with torch.no_grad():
        assert torch.equal(again(x), ours(x))


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in TRANSLATED])
def test_other_networks_are_told_what_to_write(name: str) -> None:
    text, shape, refusal = NETWORKS[name]
    run_by_torch(text)  # they are networks
    with pytest.raises(Refused, match=r"line \d+: ") as caught:
        translate(text, shape, (10,))
    assert refusal in str(caught.value)


def test_the_output_has_the_asked_shape() -> None:
    text, shape, _ = NETWORKS["mlp"]
    with pytest.raises(Refused, match=r"expected forward to return \(7,\) numbers .* found \(10,\)"):
        translate(text, shape, (7,))


FORWARDS = {
    "x.flatten()": "dimension 0 is that of the examples",
    "x.mean(0)": "dimension 0 is that of the examples",
    "x.mean()": "argument dim is missing",
    "torch.softmax(x, 0)": "dimension 0 is that of the examples",
    "torch.cat([x, x])": "dimension 0 is that of the examples",
    "x.view(-1)": "reshape: expected the number of examples",
    "x.view(2, 20, -1)": r"expected x.size\(0\) first",
    "x.view(x.size(0) * 2, 20)": "no arithmetic with the number of examples",
    "x.view(x.size(0), 3, 3)": "expected 40 numbers for each example",
    "x.view(-1, 20)": "expected 40 numbers for each example",
    "x @ x.transpose(0, 1)": "dimension 0 is that of the examples",
    "x @ x": "a matrix product needs",
    "x[0]": "dimension 0 is that of the examples",
    "x[1:]": "dimension 0 is that of the examples",
    "x[:, 40]": "expected an index from 0 to 39, found 40",
    "x + x.unsqueeze(1)": "as many dimensions on both sides",
    "F.dropout(x, 0.5)": "argument training is missing",
    "F.max_pool2d(x, 2)": "expected 4 dimensions with that of the examples, found",
    "nn.Linear(40, 10)(x)": "layers are made in __init__",
    "self.missing(x)": "has no attribute missing",
    "x if x > 0 else -x": "expected numbers to compare, found a tensor",
    "torch.zeros(3)": "expected forward to return a tensor",
    "x": "forward returns its input unchanged",
    "x / 0": "expected",
    "F.max_pool1d(x.unsqueeze(1), 0)": "kernel_size: expected one number|a whole number from 1",
    "x.unsqueeze(1).repeat(1, 2, 1)": "a tensor has no attribute repeat here",
}


@pytest.mark.parametrize("expression", FORWARDS)
def test_what_mixes_examples_or_means_nothing_is_refused(expression: str) -> None:
    text = f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n    def forward(self, x):\n        return {expression}\n"
    with pytest.raises(Refused, match=FORWARDS[expression]):
        translate(text, (40,))


def test_a_score_of_an_example_does_not_depend_on_the_others() -> None:
    for name in TRANSLATED:
        text, shape, _ = NETWORKS[name]
        torch.manual_seed(0)
        net, x = CodeNetwork(translate(text, shape)).eval(), torch.randn(5, *shape)
        with torch.no_grad():
            assert (net(x)[:2] - net(x[:2])).abs().max() < 1e-4, name
