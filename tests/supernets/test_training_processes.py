from __future__ import annotations

import os

import pytest
import torch
from torch import nn

from common.errors import UserError
from supernets.training_processes import WorkerGroup, open_worker_group


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def add_gradients(group: WorkerGroup) -> list[torch.Tensor | None]:
    """Three parameters: with a gradient in every process, in the last one only, and in none."""
    parameters = [nn.Parameter(torch.zeros(2)) for _ in range(3)]
    parameters[0].grad = torch.full((2,), 1.0 + group.rank)
    if group.rank == group.size - 1:
        parameters[1].grad = torch.full((2,), 5.0)
    group.sum_gradients(parameters)
    return [p.grad for p in parameters]


def leave(group: WorkerGroup) -> None:
    raise UserError("the first process finds this, too")


def test_every_shard_has_one_process() -> None:
    groups = [WorkerGroup(rank, 3) for rank in range(3)]
    assert sorted(shard for group in groups for shard in group.shards(7)) == list(range(7))


def test_gradients_are_added_up_over_processes() -> None:
    with open_worker_group(2, add_gradients) as group:
        both, last, none = add_gradients(group)
    assert both is not None
    assert both.tolist() == [3, 3]
    assert last is not None
    assert last.tolist() == [5, 5]
    assert none is None


def test_one_process_keeps_its_gradients() -> None:
    with open_worker_group(1, leave) as group:
        both, last, none = add_gradients(group)
    assert both is not None
    assert both.tolist() == [1, 1]
    assert last is not None
    assert none is None


def test_a_process_that_ended_is_reported() -> None:
    with (
        pytest.raises(UserError, match="expected 2 worker processes, but at least one has ended"),
        open_worker_group(2, leave) as group,
    ):
        add_gradients(group)
