from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.evaluate.evaluator import standard_error
from supernets.evaluate.scoring_schedule import AllImages


@given(st.lists(st.booleans(), min_size=1))
def test_all_images_are_seen_in_their_order(hits: list[bool]) -> None:
    schedule, seen = AllImages(), np.array(hits)
    assert schedule.should_continue(seen)
    assert (schedule.stops, schedule.order) == (False, None)
    accuracy = schedule.score(seen)
    assert accuracy.top1 == pytest.approx(100 * sum(hits) / len(hits))
    assert accuracy.stderr == standard_error(accuracy.top1, len(hits))
    assert accuracy.hits is None
