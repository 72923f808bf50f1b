from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from supernets.space.architecture import Architecture, Dimension, InvalidArchitecture, acts, value_of

choices = st.one_of(st.integers(-300, 300), st.floats(allow_nan=False), st.text(max_size=5))
genes = st.one_of(choices, st.lists(choices, max_size=3).map(tuple))
architectures = st.builds(
    lambda *found: Architecture("toy", tuple(zip("abc", found, strict=True))), genes, genes, genes
)


@given(architectures)
def test_json_and_pickle_give_the_same_architecture(a: Architecture) -> None:
    assert Architecture.from_json(a.to_json()) == a
    copied = pickle.loads(pickle.dumps(a))
    assert (copied, hash(copied), copied.id) == (a, hash(a), a.id)
    assert b"_hash" not in pickle.dumps(a)  # another process has other hashes of texts


def test_the_id_does_not_change_between_versions() -> None:
    a = Architecture("toy", (("d", (2, 3)), ("r", 208)))
    assert a.to_json() == '{"space":"toy","d":[2,3],"r":208}'
    assert a.id == "5c1701b490b8"
    assert a != Architecture("other", a.genes)
    assert a["d"] == (2, 3)


def test_a_dimension_has_a_label_and_a_value() -> None:
    a = Architecture("toy", (("d", (2, 3)), ("r", 208)))
    r = Dimension(gene="r", index=None, choices=(208,), group="r", meaning="side")
    d = Dimension(gene="d", index=1, choices=(2, 3), group="d", meaning="depth")
    assert (r.label, value_of(a, r)) == ("r", 208)
    assert (d.label, value_of(a, d)) == ("d[1]", 3)


def test_a_dimension_acts_from_a_value_of_an_earlier_one() -> None:
    gated = Dimension(gene="ks", index=2, choices=(3, 5), group="ks", meaning="kernel", acts_from=("d[0]", 3))
    assert acts(gated, {"d[0]": 3})
    assert not acts(gated, {"d[0]": 2})


def test_an_invalid_architecture_names_every_problem() -> None:
    error = InvalidArchitecture(["r: expected 208", "d: expected a list"])
    assert str(error) == "not an architecture of this space: r: expected 208; d: expected a list"
    assert error.problems == ("r: expected 208", "d: expected a list")
