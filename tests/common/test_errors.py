from __future__ import annotations

from common.errors import unknown_name


def test_the_nearest_name_is_suggested_where_one_is_near() -> None:
    assert (
        unknown_name("key", "sed", ("seed", "usd"))
        == "unknown key 'sed' (did you mean seed?): expected one of seed, usd"
    )
    assert unknown_name("key", "colour", ("seed", "usd")) == "unknown key 'colour': expected one of seed, usd"
