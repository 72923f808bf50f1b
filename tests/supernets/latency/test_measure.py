from __future__ import annotations

import pytest
import torch

from common.errors import UserError
from supernets.families.recipe import Scale
from supernets.families.registry import supernet_family
from supernets.latency.measure import WARM_UP, Conditions, PassTimes, measure
from supernets.space.architecture import Architecture


def test_passes_are_counted_after_the_warm_up_and_settings_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    net = supernet_family("ofa").network(Scale(0.1), 3)
    batches: list[int] = []
    extract = net.extract

    def watched(a: Architecture) -> torch.nn.Sequential:
        subnet = extract(a)
        subnet.register_forward_pre_hook(lambda module, inputs: batches.append(len(inputs[0])))
        return subnet

    monkeypatch.setattr(net, "extract", watched)
    before = torch.get_num_threads()
    found = measure(net, net.space.smallest(), Conditions("cpu", 2, 1), passes=4)
    assert batches == [2] * (WARM_UP + 4)
    assert len(found.passes) == 4
    assert all(ms > 0 for ms in found.passes)
    assert torch.get_num_threads() == before


def test_quartiles() -> None:
    assert PassTimes((4.0, 1.0, 3.0, 2.0, 5.0)).quartiles == (2.0, 3.0, 4.0)


@pytest.mark.parametrize(("batch", "threads", "option"), [(0, 1, "--batch"), (1, 0, "--threads")])
def test_conditions_that_make_no_sense_are_refused(batch: int, threads: int, option: str) -> None:
    with pytest.raises(UserError, match=f"{option}: expected 1 or more, got 0"):
        Conditions("cpu", batch, threads)


def test_conditions_are_described() -> None:
    text = str(Conditions("cpu", 1, 2))
    assert "2 threads, PyTorch" in text
    assert text.endswith("float32")
    assert "1 thread," in str(Conditions("cpu", 1, 1))
