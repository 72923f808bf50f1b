"""Workers side by side: `python -m benchmarks.cluster`; `python -m benchmarks.cluster nodes` kills one of three nodes.

The first scores a round of 16 candidates of the bundled `ofa`, mutants of parents below the default limit, with one
worker that is held to one thread, with two of them, and in this process: candidates per second, warm. The second is a
search as a user sees it on a Ray cluster, three nodes on this machine, one of which is killed in round 2.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

import torch

from benchmarks.machine import in_turns
from common.files import cache_folder
from supernets.evaluate.evaluator import Evaluator
from supernets.evaluate.ray.placement import Placement
from supernets.evaluate.ray.ray_evaluator import ClusterEvaluator
from supernets.evaluate.ray.ray_session import prepare, session
from supernets.evaluate.ray.worker_pool import Pool
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

LIMIT, ROUND, PARENTS, RATE, REPEATS = 350, 16, 4, 0.1, 1
ROOT = Path(__file__).parent.parent


def throughput() -> None:
    archs, request = _round(), EvaluatorRequest(supernet="ofa", cache=cache_folder())
    here = open_evaluator(request).evaluator
    with session(None) as nodes:
        pool = Pool([Placement(nodes[0], 1, 0)] * 2, request, open_evaluator)
        workers = ClusterEvaluator(pool=pool, protocol=here.protocol, space=get_space("ofa"), end=lambda: None)
        members, scores = pool.members, dict[str, list[float]]()

        def score(label: str, evaluator: Evaluator, count: int) -> None:
            pool.members = members[:count]
            scores[label] = [each.top1 for each in evaluator.evaluate(archs)]

        ways = {
            "one worker, one thread": (workers, 1),
            "two workers, one thread each": (workers, 2),
            f"no workers, {torch.get_num_threads()} threads": (here, 0),
        }
        took = in_turns({label: partial(score, label, *way) for label, way in ways.items()}, REPEATS)
    slowest = max(took.values())
    for label, seconds in took.items():
        print(f"{label:30} {ROUND / seconds:6.2f} candidates/s  {slowest / seconds:5.2f}")
    one, two, _ = scores.values()
    print("one worker and two give the same scores:", one == two)


def _round() -> list[Architecture]:
    space, rng = get_space("ofa"), random.Random(0)

    def within(draw: partial[Architecture]) -> Architecture:
        return next(a for a in iter(draw, None) if space.cost(a).macs_m <= LIMIT)

    parents = [within(partial(space.sample, rng)) for _ in range(PARENTS)]
    return [within(partial(space.mutate, rng.choice(parents), rng, RATE)) for _ in range(ROUND)]


def nodes() -> None:
    prepare(own=True)
    # As if the program were installed on each node.
    os.environ["PYTHONPATH"] = str(ROOT)
    from ray.cluster_utils import Cluster

    lent = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**lent, "include_dashboard": False})
    victim, _ = (cluster.add_node(**lent) for _ in range(2))
    command = [sys.executable, str(ROOT / "main.py"), "--supernet", "ofa", "--ray", cluster.address]
    print("$ python main.py", *command[2:], flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([*command, "--evaluations", "40"], cwd=folder, stdout=subprocess.PIPE, text=True) as search,
    ):
        assert search.stdout is not None
        for line in search.stdout:
            print(line, end="", flush=True)
            if line.startswith("round 2 "):
                threading.Timer(3, cluster.remove_node, (victim, False)).start()
    cluster.shutdown()


if __name__ == "__main__":
    nodes() if sys.argv[1:] == ["nodes"] else throughput()
