"""Genotypes as they lie about in files: read where they have one meaning, else the error says how to write them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cli.genotype_file import read_architecture
from common.errors import UserError
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

pytestmark = pytest.mark.usefixtures("own_place")

OFA = get_space("ofa")
A = OFA.sample(random.Random(3))
GENES: dict[str, Any] = OFA.genotype(A)


def read(content: bytes | str, space: str = "ofa") -> Architecture:
    path = Path("arch.json")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_architecture(path, get_space(space))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(GENES),
        json.dumps({"wid": None, **GENES}),
        json.dumps({**GENES, "r": [GENES["r"]]}),
        json.dumps({**GENES, "r": str(GENES["r"])}),
        json.dumps({"schema": 5, "architecture": GENES, "search_top1": 71.3}),
        json.dumps({"arch": GENES, "top1": 71.3}),
        json.dumps({"config": json.loads(json.dumps(GENES))}),
        b"\xef\xbb\xbf" + json.dumps(GENES).encode(),
        json.dumps(GENES).encode("utf-16"),
        str(GENES),
        str({**GENES, "wid": None}),
        str({name: tuple(value) if isinstance(value, list) else value for name, value in GENES.items()}),
        yaml.safe_dump(GENES),
        "# found by another program\n" + yaml.safe_dump(GENES, default_flow_style=False),
    ],
)
def test_one_meaning_in_many_forms(content: bytes | str) -> None:
    assert read(content) == A


@given(st.integers(0, 10_000), st.sampled_from(["null", "left out"]))
def test_entries_that_do_not_act_may_be_null_or_left_out(seed: int, form: str) -> None:
    a = OFA.sample(random.Random(seed))
    genotype, active = OFA.genotype(a), OFA.active(a)
    for gene in ("ks", "e"):
        values = [value if f"{gene}[{i}]" in active else None for i, value in enumerate(genotype[gene])]
        genotype[gene] = values if form == "null" else [value for value in values if value is not None]
    assert read(json.dumps(genotype)) == a


@pytest.mark.parametrize(
    ("space", "content"),
    [
        ("spos", "[0,0,3,1,1,1,0,0,2,0,2,1,1,0,2,0,2,1,3,2]"),
        ("spos", "(0,0,3,1,1,1,0,0,2,0,2,1,1,0,2,0,2,1,3,2)"),
        ("nasbench-macro", "[0, 1, 2, 0, 1, 2, 0, 1]"),
        ("nasbench201", "|skip_connect~0|+|avg_pool_3x3~0|none~1|+|nor_conv_1x1~0|none~1|nor_conv_3x3~2|"),
        ("nasbench201", '"|skip_connect~0|+|avg_pool_3x3~0|none~1|+|nor_conv_1x1~0|none~1|nor_conv_3x3~2|"'),
        (
            "nasbench201",
            "[[('skip_connect', 0)], [('avg_pool_3x3', 0), ('none', 1)], "
            "[('nor_conv_1x1', 0), ('none', 1), ('nor_conv_3x3', 2)]]",
        ),
    ],
)
def test_a_bare_value_is_that_of_the_only_gene(space: str, content: str) -> None:
    a = read(content, space)
    assert read(json.dumps(get_space(space).genotype(a)), space) == a


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "expected JSON, got nothing"),
        ("null", "expected JSON, got other text"),
        ("{[", r"expected JSON, got other text, which begins '\{\['"),
        (b"\x00\xff\xfe\x80", "expected text, got other bytes"),
        ("[1, 2, 3]", "expected the keys r, d, ks, e, got a list without names"),
        ("hello", "expected the keys r, d, ks, e, got 'hello'"),
        (json.dumps({"wid": 1.2, **GENES}), "unknown keys wid"),
        (json.dumps({"arch": GENES, "genotype": GENES}), "unknown keys arch, genotype"),
        (json.dumps({**GENES, "ks": [3, None] * 10}), r"ks\[1\]: expected one of 3, 5, 7; got nothing"),
        (json.dumps({**GENES, "ks": [3] * 7}), "ks: expected 20 entries, got 7"),
        (json.dumps({"name": "OFAMobileNetV3", "blocks": [{"name": "MobileInvertedResidualBlock"}]}), "unknown keys"),
    ],
)
def test_what_has_no_meaning_or_two_is_told_with_what_to_do(content: bytes | str, problem: str) -> None:
    with pytest.raises(UserError, match=problem) as error:
        read(content)
    assert 'json.dump({"r": ..., "d": ..., "ks": ..., "e": ...}, open(' in str(error.value)


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UserError, match=r"absent\.json: cannot be read"):
        read_architecture(Path("absent.json"), OFA)
