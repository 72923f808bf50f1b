from __future__ import annotations

from pathlib import Path

import pytest
import torch

from common.errors import UserError
from supernets.evaluate.request import EvaluatorRequest, Workers
from supernets.families.registry import get_family, supernet_family


@pytest.mark.parametrize(("available", "device", "reason"), [(True, "cuda", "is available"), (False, "cpu", "no CUDA")])
def test_the_fastest_device_is_chosen_and_the_reason_named(
    monkeypatch: pytest.MonkeyPatch, available: bool, device: str, reason: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    chosen, why = supernet_family("spos").device(None)
    assert chosen == device
    assert reason in why
    assert supernet_family("spos").device("cpu") == ("cpu", "")


def test_a_device_that_is_unknown_or_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="--device cuda: no CUDA device is available; leave the option out"):
        supernet_family("spos").device("cuda")
    with pytest.raises(UserError, match="--device: expected cpu or cuda, got 'tpu'"):
        supernet_family("spos").device("tpu")


def test_a_table_runs_no_network() -> None:
    assert get_family("nasbench201").device(None) == (None, "")
    with pytest.raises(UserError, match="--device: nasbench201 scores without running networks"):
        get_family("nasbench201").device("cpu")


def test_options_of_no_use_to_a_table_are_listed_together() -> None:
    request = EvaluatorRequest(
        supernet="nasbench201", cache=Path(), predictor=Path("p"), imagenet=Path("i"), workers=Workers()
    )
    with pytest.raises(UserError, match="nothing is computed: leave out --imagenet, --predictor, --workers or --ray"):
        get_family("nasbench201").open(request)  # type: ignore[attr-defined]


def test_a_network_has_the_size_that_was_asked_for_and_takes_its_own_weights() -> None:
    family = supernet_family("ofa")
    net, other = family.network(family.pocket, 3), family.network(family.pocket, 3)
    family.load(other, net.state_dict())
    x, a = torch.zeros(1, 3, 40, 40), net.space.smallest()
    with torch.no_grad():
        assert torch.equal(net(x, a), other(x, a))
    assert net(x, a).shape == (1, 3)
