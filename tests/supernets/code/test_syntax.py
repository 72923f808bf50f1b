"""Hostile texts have no effect: they are refused, or translated into a network that lacks them; nothing is executed."""

# ruff: noqa: E501 (texts of networks stay in one piece)
from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from supernets.code.interpreter import translate
from supernets.code.refusal import Refused
from supernets.code.syntax import read_syntax
from tests.paths import ROOT
from tests.supernets.code.hostile import programs
from tests.supernets.code.test_interpreter import HEAD, NETWORKS

_HOOKED = """
import sys
from tests.supernets.code.hostile import programs
from tests.supernets.code.test_interpreter import NETWORKS
from supernets.code.interpreter import translate
from supernets.code.refusal import Refused

for text, shape, refusal in NETWORKS.values():  # torch loads what it needs
    if not refusal:
        translate(text, shape)
active, events = False, []

def hook(event, args):
    parsed = event == "compile" and args[1] == "<architecture>"  # to a tree; the event "exec" would tell code that runs
    quoted = event == "open" and args[0] == "<architecture>"  # the parser looks for the line of an error, in no file
    if active and not parsed and not quoted and event != "builtins.id":
        events.append((event, str(args)[:200]))

sys.addaudithook(hook)
for text in programs():
    active = True
    try:
        translate(text, (40,), (10,))
    except Refused:
        pass
    active = False
    assert not events, (text[:500], events)
print(len(programs()))
"""


def test_nothing_is_executed_imported_or_opened() -> None:
    done = subprocess.run([sys.executable, "-c", _HOOKED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 300


def test_hostile_texts_are_answered_at_once() -> None:
    refused = 0
    translate(NETWORKS["mlp"][0], (40,))
    for text in programs():
        took: list[float] = []
        for _ in range(3):  # the machine may be busy once
            begun = time.perf_counter()
            try:
                program = translate(text, (40,), (10,))
            except Refused as error:
                refused += bool(not took)
                told = str(error)
            else:
                assert [layer.kind for layer in program.layers] == ["Linear"], text
                told = "translated into a network without it"
            took.append(time.perf_counter() - begun)
            assert 10 < len(told) < 2000
            if took[-1] < 0.05:
                break
        assert min(took) < 0.05, text[:300]
    assert refused > 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os", r"line 1: not allowed: importing os as os; expected torch, torch.nn as nn"),
        ("\n\nx = lambda: 0", r"line 3: not allowed: a lambda"),
        ("x = self.__class__", r"not allowed: the name __class__, since names with two underscores"),
        ("def f(:", r"line 1: expected Python, found an error: "),
        ("x = 9" + "0" * 30, r"expected numbers up to 1,048,576"),
        ("a" * 20_001, r"expected at most 20,000 characters, found 20,001"),
        ("n\u0430 = 1", r"line 1: expected ASCII in names, found 'n\\u0430'"),
    ],
)
def test_refusals_tell_line_and_what_is_allowed(text: str, expected: str) -> None:
    with pytest.raises(Refused, match=expected):
        read_syntax(text)


def test_comments_and_texts_may_have_any_letters() -> None:
    text = f'{HEAD}# Gr\u00f6\u00dfe\nclass N(nn.Module):\n    """\u041d\u0435\u0442."""\n    def forward(self, x):\n        return x * 2\n'
    assert translate(text, (40,)).output_shape == (40,)


def _mutated(rng: random.Random) -> str:
    """A network with pieces cut, doubled, swapped with another's, or replaced by hostile ones."""
    text = rng.choice(list(NETWORKS.values()))[0]
    for _ in range(rng.randint(1, 4)):
        a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + rng.choice([1, 3, 10, 60]))
        other = rng.choice(list(NETWORKS.values()))[0]
        c = rng.randrange(len(other))
        piece = rng.choice(
            ["", text[a:b] * 2, other[c : c + 30], rng.choice("()[]{}:,.=+-*/@'\"\\\n\t#0123456789x"),
             rng.choice(["None", "True", "-1", "0", "1.5", "x", "self", "nn.", "F.", "torch.", "[]", "()", "''", "..."])]
        )  # fmt: skip
        text = text[:a] + piece + text[b:]
    return text


def fuzz(seconds: float, seed: int) -> int:
    """Number of texts that were tried; raises what is no refusal."""
    rng, ends, tried = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        text = _mutated(rng)
        try:
            translate(text, rng.choice([(40,), (3, 32, 32), (1, 28, 28)]))
        except Refused:
            pass
        except BaseException:
            print(text)
            raise
        tried += 1
    return tried


def test_changed_networks_are_translated_or_refused() -> None:
    assert fuzz(4, seed=0) > 50


@pytest.mark.slow
def test_two_minutes_of_changed_networks() -> None:
    assert fuzz(120, seed=time.time_ns()) > 1000
