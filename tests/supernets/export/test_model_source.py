"""The text of `model.py`."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from supernets.export.model_source import literal, model_source
from supernets.export.sub_network import extract_sub_network
from supernets.families.registry import supernet_family
from tests.supernets.export.toy import toy_evaluator, toy_provenance


@pytest.mark.parametrize("name", ["ofa", "ofa-resnet50", "spos", "autoformer"])
def test_it_imports_torch_and_the_standard_library_and_stays_short(name: str) -> None:
    evaluator = toy_evaluator(name)
    provenance = toy_provenance(evaluator)
    network = extract_sub_network(supernet_family(name), evaluator, provenance.scores["report"].architecture)
    source = model_source(network, provenance.genotype)
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names == {"torch"}
    assert max(map(len, source.splitlines())) <= 120
    assert len(source.splitlines()) < 250
    assert "supernets" not in source


@pytest.mark.parametrize(
    "value",
    [{}, [], {"a": None, "b": [1, 2.5, True]}, [{"x": 'quote " and \\'}, {"y": {"z": []}}], {"deep": [[["a"], []]]}],
)
def test_a_literal_is_read_back(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value
