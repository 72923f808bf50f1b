"""Numbered labels: taken for positions only in a list that somebody named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.images.decoding import ImageError
from supernets.images.numbered_labels import classes_by_number
from tests.supernets.images.packing import ALL, DESCRIBED


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=20, unique=True), st.booleans())
def test_the_names_that_a_set_lists_decide(listed: list[str], described: bool) -> None:
    names = [DESCRIBED[ALL.index(name)] for name in listed] if described else listed
    if described and "crane" in names:
        with pytest.raises(ImageError, match="crane"):
            classes_by_number("table x", range(len(names)), ALL, names)
    else:
        assert classes_by_number("table x", range(len(names)), ALL, names) == dict(enumerate(listed))


def test_all_thousand_numbers_are_the_classes_in_their_order() -> None:
    assert classes_by_number("table x", range(1000), ALL) == dict(enumerate(ALL))


def test_the_whole_list_is_known_in_other_words_too() -> None:
    words = [name if i % 50 else f"class {i}" for i, name in enumerate(DESCRIBED)]
    assert classes_by_number("table x", {0, 134, 517}, ALL, words) == dict(enumerate(ALL))


def test_a_list_in_another_order_is_read_by_its_names() -> None:
    backwards = ALL[::-1]
    assert classes_by_number("table x", {0, 999}, ALL, backwards) == {0: ALL[999], 999: ALL[0]}


@pytest.mark.parametrize("labels", [range(10), range(999), range(1, 1000), {0}, {3, 999}])
def test_numbers_of_a_subset_without_names_are_refused(labels: range | set[int]) -> None:
    with pytest.raises(ImageError, match=r"table x: expected a name for each label, got \d+ numbers without names"):
        classes_by_number("table x", labels, ALL)


@pytest.mark.parametrize(
    "names", [["cat", "dog"], [ALL[0], "dog"], ["Tench", ALL[1]], ["0", "1"], ["n00000000", ALL[0]]]
)
def test_names_that_are_no_classes_are_refused(names: list[str]) -> None:
    with pytest.raises(ImageError, match=r"expected labels named as the classes are \(n01440764, ...\), got"):
        classes_by_number("table x", {0, 1}, ALL, names)


@pytest.mark.parametrize("label", [-1, 2, 1000])
def test_labels_out_of_range_are_refused(label: int) -> None:
    with pytest.raises(ImageError, match=f"expected a label from 0 to 1, got {label}"):
        classes_by_number("table x", {0, label}, ALL, ALL[:2])
