"""The file of labels: written, read, and refused where it is not what it should be."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.labels import Labels
from supernets.families.registry import get_space

SPACE = get_space("spos")


def labels(count: int = 10) -> Labels:
    rng = random.Random(0)
    return Labels(supernet="spos", model="m", scores={SPACE.sample(rng): 50.0 + i for i in range(count)})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = labels()
    written.write(tmp_path / "labels.json")
    found = Labels.read(tmp_path / "labels.json", SPACE)
    assert found == written
    assert found.hash == written.hash != labels(11).hash


def test_it_is_for_one_space(tmp_path: Path) -> None:
    labels().write(tmp_path / "labels.json")
    with pytest.raises(UserError, match=r"expected labels as .* for ofa, got those of spos"):
        Labels.read(tmp_path / "labels.json", get_space("ofa"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.update(schema=2), "of schema 1; got schema 2"),
        (lambda v: v.pop("labels"), "got another file"),
        (lambda v: v.update(labels=v["labels"][:7]), "at least 8, got 7: ask for more with --distill N"),
        (lambda v: v["labels"][3].update(score="60"), "label 4: expected a number, got '60'"),
        (lambda v: v["labels"][3].update(score=float("nan")), "label 4: expected a number, got nan"),
        (lambda v: v["labels"][1].update(score=True), "label 2: expected a number, got True"),
        (lambda v: v["labels"][0].update(architecture={"blocks": [9] * 20}), "label 1: "),
        (lambda v: v["labels"][0].pop("score"), "got another file"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, change: Any, message: str) -> None:
    values = json.loads(labels().to_json())
    change(values)
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(values))
    with pytest.raises(UserError, match=message):
        Labels.read(path, SPACE)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"3", b"{}"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"--labels .*expected labels"):
        Labels.read(path, SPACE)
    with pytest.raises(UserError, match="got nothing that can be read"):
        Labels.read(tmp_path / "absent.json", SPACE)
