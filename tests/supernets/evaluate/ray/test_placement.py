from __future__ import annotations

import pytest

from common.errors import UserError
from supernets.evaluate.ray.placement import ClusterNode, place_workers

HEAD, SMALL, LARGE = (
    ClusterNode(id="h", address="10.0.0.1", cpus=0, gpus=0),
    ClusterNode(id="s", address="10.0.0.2", cpus=4, gpus=0),
    ClusterNode(id="l", address="10.0.0.3", cpus=16, gpus=0),
)
ONE_GPU, FOUR_GPUS = (
    ClusterNode(id="g", address="10.0.0.4", cpus=8, gpus=1),
    ClusterNode(id="q", address="10.0.0.5", cpus=32, gpus=4),
)


def planned(
    nodes: list[ClusterNode], workers: int | None = None, device: str | None = None
) -> list[tuple[str, int, int]]:
    return [(place.node.id, place.threads, place.gpus) for place in place_workers(nodes, workers, device)]


def test_without_a_number_there_is_one_on_each_gpu_or_each_node() -> None:
    assert planned([HEAD, SMALL, LARGE]) == [("s", 4, 0), ("l", 4, 0)]
    assert planned([SMALL, ONE_GPU, FOUR_GPUS]) == [("g", 8, 1), *[("q", 8, 1)] * 4]
    assert planned([ONE_GPU, SMALL], device="cpu") == [("g", 4, 0), ("s", 4, 0)]


def test_a_number_of_workers_goes_where_most_is_left_for_each() -> None:
    assert planned([HEAD, SMALL, LARGE], 3) == [("l", 5, 0)] * 3
    assert sorted(planned([SMALL, LARGE], 6)) == [*[("l", 3, 0)] * 5, ("s", 3, 0)]
    assert planned([ONE_GPU, FOUR_GPUS], 2) == [("q", 16, 1)] * 2


@pytest.mark.parametrize(
    ("nodes", "workers", "device", "message"),
    [
        ([SMALL], 5, None, "at most one for each of the 4 CPUs, got 5"),
        ([FOUR_GPUS], 5, None, "at most one for each of the 4 GPUs, got 5"),
        ([SMALL], None, "cuda", "no node has a GPU"),
        ([HEAD], None, None, "offers no CPUs"),
    ],
)
def test_where_there_is_no_room_it_says_so(
    nodes: list[ClusterNode], workers: int | None, device: str | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        place_workers(nodes, workers, device)
