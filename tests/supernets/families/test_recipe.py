from __future__ import annotations

from supernets.families.recipe import Recipe, Scale


def test_epochs_are_those_of_all_phases() -> None:
    recipe = Recipe(seed_epochs=2, sandwich_epochs=3, random_epochs=4)
    assert recipe.epochs == 9


def test_the_default_scale_is_the_released_one() -> None:
    assert (Scale().width, Scale().divisor) == (None, 1)
