from __future__ import annotations

import pytest

from supernets.families.registry import supernet_names
from supernets.fetch.releases import find_release


@pytest.mark.parametrize("name", supernet_names())
def test_every_supernet_that_was_released_has_an_address_or_a_folder(name: str) -> None:
    release = find_release(name)
    url = release.url()
    assert release.folder.startswith("https://")
    assert url is None or (url.startswith("https://") and url.endswith(release.file))


def test_supernets_of_one_release_share_its_weights() -> None:
    assert find_release("autoformer-base-wide") == find_release("autoformer-base")
    assert find_release("autoformer-base-wide").supernet == "autoformer-base"


def test_a_mirror_takes_the_place_of_scheme_and_host() -> None:
    release = find_release("autoformer-small")
    path = "/silent-chen/AutoFormer-model-zoo/releases/download/v1.0/supernet-small.pth"
    assert release.url("http://mirror:8080/copy") == f"http://mirror:8080/copy{path}"
