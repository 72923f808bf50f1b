"""Equal graphs have equal code, and the code is read back as the same graph."""

# ruff: noqa: E501 (texts of networks stay in one piece)
from __future__ import annotations

import pytest

from supernets.code.canonical_code import canonical_code
from supernets.code.interpreter import translate
from tests.supernets.code.test_interpreter import NETWORKS, TRANSLATED

_NET = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{init}    def forward(self, x):\n{forward}"


def net(init: str, forward: str) -> str:
    """A network from the lines of its methods, separated by semicolons."""
    lines = ["".join(f"        {line.strip()}\n" for line in part.split(";")) for part in (init, forward)]
    return _NET.format(init=lines[0], forward=lines[1])


@pytest.mark.parametrize("name", TRANSLATED)
def test_code_is_read_back(name: str) -> None:
    text, shape, _ = NETWORKS[name]
    program = translate(text, shape)
    code = canonical_code(program)
    again = translate(code, shape)
    assert again == program
    assert canonical_code(again) == code
    assert (again.macs, again.params) == (program.macs, program.params)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("self.a = nn.Linear(40, 10)", "return self.a(x).relu()"),
         ("self.act = nn.ReLU(inplace=True); self.fc = nn.Linear(in_features=40, out_features=10, bias=True)",
          "y = self.fc(x); return self.act(y)")),
        (("self.a = nn.Linear(40, 10); self.b = nn.Linear(40, 10, bias=False)", "return self.a(x) + self.b(x)"),
         ("self.b = nn.Linear(40, 10, bias=False); self.a = nn.Linear(40, 10)", "u = self.b(x); return u + self.a(x)")),
        (("self.a = nn.Linear(40, 10); self.unused = nn.Linear(40, 40)", "z = self.unused(x); return self.a(x)"),
         ("self.a = nn.Linear(40, 10)", "return self.a(x)")),
        (("self.a = nn.Linear(40, 10)", "return self.a(x.view(x.size(0), 1, 40).view(-1, 40))"),
         ("self.a = nn.Sequential(nn.Identity(), nn.Sequential(nn.Linear(40, 10)), nn.Dropout(0.0))", "return self.a(x)")),
        (("self.c = nn.Conv1d(1, 4, kernel_size=(3,), padding=1)", "return F.max_pool1d(self.c(x.unsqueeze(1)), 2, stride=2).mean(-1)"),
         ("self.c = nn.Conv1d(1, 4, 3, 1, 1); self.p = nn.MaxPool1d(2)", "return torch.mean(self.p(self.c(x[:, None])), dim=2)")),
        (("self.a = nn.Linear(40, 10)", "return (self.a(x) - 1) * 2 / 4"),
         ("self.a = nn.Linear(40, 10)", "return 2 * (self.a(x) + -1) / 4")),
    ],
)  # fmt: skip
def test_two_texts_of_one_graph_are_one_network(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert canonical_code(translate(net(*one), (40,))) == canonical_code(translate(net(*other), (40,)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("self.a = nn.Linear(40, 10)", "return self.a(x).relu()"), ("self.a = nn.Linear(40, 10)", "return self.a(x).tanh()")),
        (("self.a = nn.Linear(40, 40)", "return self.a(self.a(x))"),
         ("self.a = nn.Linear(40, 40); self.b = nn.Linear(40, 40)", "return self.a(self.b(x))")),
        (("self.a = nn.Linear(40, 10); self.b = nn.Linear(40, 10, bias=False)", "return self.a(x) - self.b(x)"),
         ("self.a = nn.Linear(40, 10); self.b = nn.Linear(40, 10, bias=False)", "return self.b(x) - self.a(x)")),
    ],
)  # fmt: skip
def test_different_graphs_are_different(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert canonical_code(translate(net(*one), (40,))) != canonical_code(translate(net(*other), (40,)))
