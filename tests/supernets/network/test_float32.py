from __future__ import annotations

import torch

from supernets.network.float32 import exact_float32


def test_convolutions_keep_float32_inside_and_their_setting_afterwards() -> None:
    before = torch.backends.cudnn.allow_tf32
    with exact_float32():
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.enabled
    assert torch.backends.cudnn.allow_tf32 == before
