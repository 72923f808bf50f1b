from __future__ import annotations

import threading

import pytest
import torch

from supernets.evaluate.parallel_batches import ParallelBatches


def test_items_are_shared_out_and_their_results_come_in_order() -> None:
    lanes = ParallelBatches(3)
    assert list(lanes.groups(range(7))) == [[0, 1, 2], [3, 4, 5], [6]]
    together = threading.Barrier(3, timeout=30)

    def work(item: int) -> tuple[int, int]:
        together.wait()
        return item, torch.get_num_threads()

    assert lanes.map(work, [5, 3, 4]) == [(5, 1), (3, 1), (4, 1)]


def test_one_lane_is_the_thread_that_asks() -> None:
    assert ParallelBatches(1).map(lambda item: threading.current_thread(), [0]) == [threading.current_thread()]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_is_raised_where_the_work_was_given(count: int) -> None:
    with pytest.raises(ZeroDivisionError):
        ParallelBatches(count).map(lambda item: 1 // item, [1, 0])
