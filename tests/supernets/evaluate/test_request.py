from __future__ import annotations

import pytest

from common.errors import UserError
from supernets.evaluate.request import Workers


@pytest.mark.parametrize("count", [0, -3])
def test_there_must_be_a_worker(count: int) -> None:
    with pytest.raises(UserError, match=f"--workers: expected 1 or more, got {count}"):
        Workers(count)


def test_the_number_of_workers_may_be_left_open() -> None:
    assert (Workers().count, Workers(1).count, Workers(None, "auto").address) == (None, 1, "auto")
