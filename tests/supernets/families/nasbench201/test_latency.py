from __future__ import annotations

from supernets.families.nasbench201.latency import DEVICES
from supernets.families.registry import get_space


def test_latencies_are_looked_up() -> None:
    cell = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    space = get_space("nasbench201", "cifar100", "1080ti_1")
    assert space.cost(space.parse({"cell": cell})).latency_ms == 10.75
    space = get_space("nasbench201", "cifar100", "pixel3")
    assert space.cost(space.parse({"cell": cell})).latency_ms == 3.61


def test_devices_were_measured_on_images_of_32_pixels_only() -> None:
    names = DEVICES.names(get_space("nasbench201", "cifar10"))
    assert len(names) == 27
    assert "pixel3" in names
    assert DEVICES.names(get_space("nasbench201", "imagenet16-120")) == ()


def test_every_latency_is_positive_and_within_the_bounds() -> None:
    space = get_space("nasbench201", None, "fpga")
    low, high = space.bounds()
    found = [space.cost(a).latency_ms for a in (space.smallest(), space.largest())]
    assert all(ms is not None and 0 < (low.latency_ms or 0) <= ms <= (high.latency_ms or 0) for ms in found)
