"""Networks on a Ray cluster of three nodes on this machine."""

from __future__ import annotations

import importlib.util
import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supernets.evaluate.ray.ray_session import prepare
from supernets.evaluate.request import EvaluatorRequest, Workers
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from tests.command_line import command
from tests.paths import ROOT

pytestmark = [
    pytest.mark.usefixtures("own_place"),
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed"),
]
SPACE = get_space("ofa")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    prepare(own=True)
    from ray.cluster_utils import Cluster

    # As if the program were installed on each node.
    environment = pytest.MonkeyPatch()
    environment.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    node = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    made = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    for _ in range(2):
        made.add_node(**node)
    yield made
    made.shutdown()
    environment.undo()


def scores(out: str) -> list[tuple[Any, ...]]:
    events = [json.loads(line) for line in out.splitlines()]
    return [(e["id"], e["top1"], e["best_top1"]) for e in events if e["event"] == "evaluated"]


def test_a_search_on_three_nodes_is_the_search_on_one_device(
    cluster: Any,
    images: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    search = ("--supernet", "ofa", "--images", images, "--evaluations", 40, "--json")
    code, alone, _ = command(*search, capsys=capsys)
    assert code == 0
    code, together, err = command(*search, "--ray", cluster.address, capsys=capsys)
    assert err == ""
    assert code == 0
    assert scores(together) == scores(alone)
    assert len(scores(alone)) == 40
    assert (
        json.loads(together.splitlines()[-1])["result"]["protocol"]
        == (json.loads(alone.splitlines()[-1])["result"]["protocol"])
    )
    (first, _) = sorted(Path("runs").iterdir())
    code, out, _ = command("--resume", first, "--ray", cluster.address, "--workers", 1, "--json", capsys=capsys)
    assert code == 0
    assert json.loads(out.splitlines()[-1])["result"] == json.loads(alone.splitlines()[-1])["result"]


def test_when_a_node_dies_the_others_do_its_work(cluster: Any, images: Path, tmp_path: Path) -> None:
    archs = [SPACE.sample(random.Random(seed)) for seed in range(60)]
    request = EvaluatorRequest(supernet="ofa", cache=tmp_path, images=images)
    alone = open_evaluator(request).evaluator
    evaluator = open_evaluator(replace(request, workers=Workers(None, cluster.address))).evaluator
    info: list[str] = []
    evaluator.on_message = info.append
    coming = evaluator.evaluate(archs)
    found = [next(coming)]
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    found += coming
    evaluator.close()
    assert [(e.architecture, e.top1) for e in found] == [(e.architecture, e.top1) for e in alone.evaluate(archs)]
    assert 1 <= len(info) <= 2
    assert "was lost" in info[0]
