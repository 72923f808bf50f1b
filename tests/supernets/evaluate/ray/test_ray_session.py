from __future__ import annotations

import importlib.util

import pytest

from common.errors import UserError
from supernets.evaluate.ray.ray_session import session


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install -e '\.\[cluster\]'"), session(None):
        pass


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")
@pytest.mark.parametrize(
    ("address", "message"),
    [("127.0.0.1:9", "nothing answers there"), ("ray", r"expected HOST:PORT"), ("ray://h:x", r"expected HOST:PORT")],
)
def test_an_address_where_no_ray_is_fails_at_once(address: str, message: str) -> None:
    with pytest.raises(UserError, match=message), session(address):
        pass
