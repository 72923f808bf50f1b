from __future__ import annotations

import pytest

from agents.roles.options import RoleOptions


@pytest.mark.parametrize(
    ("options", "navigator", "generator"),
    [
        (RoleOptions(), ("navigator",), ()),
        (RoleOptions(navigator_memory=False), (), ()),
        (RoleOptions(generator_memory=True), ("navigator",), ("generator",)),
        (RoleOptions(single=True), ("navigator", "generator"), ("navigator", "generator")),
    ],
)
def test_each_role_remembers_its_own_and_a_single_model_remembers_both(
    options: RoleOptions, navigator: tuple[str, ...], generator: tuple[str, ...]
) -> None:
    assert options.remembers("navigator") == navigator
    assert options.remembers("generator") == generator
