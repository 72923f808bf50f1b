from __future__ import annotations

import torch

from supernets.families.spos.checkpoint_names import translate
from tests.supernets.families import golden


def test_every_released_name_has_its_place_in_both_spellings() -> None:
    released = [key for key, _, _ in golden.read("spos", "manifest")["entries"]]
    with torch.device("meta"):
        from supernets.families.registry import build_supernet

        ours = sorted(build_supernet("spos").state_dict())
    for prefix in ("", "module."):
        assert sorted(translate(prefix + key) for key in released) == ours
    assert sorted(map(translate, ours)) == ours
