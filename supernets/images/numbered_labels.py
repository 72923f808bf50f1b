"""The classes that the numbered labels of a table or an archive stand for.

A number is an index only into a list that somebody named: that of the table itself, else ImageNet's 1,000 classes in
their order where all 1,000 numbers occur. The numbers of a subset may count the subset, so they are refused. Knows no
file format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from supernets.images.decoding import ImageError


def classes_by_number(
    where: str, labels: Collection[int], numbered: Sequence[str], listed: Sequence[str] | None = None
) -> dict[int, str]:
    """The class of each label.

    Args:
        where: what has the labels, for errors.
        numbered: the names of all classes in their usual order.
        listed: the names that `where` gives its labels, by number; wnids, or their descriptions in words.

    Raises:
        ImageError: a label is out of range, or what it stands for is not known.
    """
    names = numbered if listed is None else listed
    strange = next((label for label in labels if label not in range(len(names))), None)
    if strange is not None:
        raise ImageError(f"{where}: expected a label from 0 to {len(names) - 1}, got {strange!r}")
    if listed is not None:
        return _listed_classes(where, labels, numbered, listed)
    if len(set(labels)) == len(numbered):
        return dict(enumerate(numbered))
    raise ImageError(
        f"{where}: expected a name for each label, got {len(set(labels)):,} numbers without names; they may count all "
        f"{len(numbered):,} classes or only those that are here. Sort the images into folders named after their "
        "classes, or use a table that lists its class names (ClassLabel of the datasets library)"
    )


def _listed_classes(
    where: str, labels: Collection[int], numbered: Sequence[str], listed: Sequence[str]
) -> dict[int, str]:
    known = {name: name for name in numbered} | _by_description(tuple(numbered))
    found = [known.get(name) for name in listed]
    agree = sum(one == other for one, other in zip(found, numbered, strict=False))
    if len(listed) == len(numbered) and agree > 0.9 * len(numbered) and not _contradicts(found, numbered):
        # The whole list in its usual order; some of its descriptions are in other words, or belong to two classes.
        return dict(enumerate(numbered))
    unknown = [listed[label] for label in sorted(set(labels)) if found[label] is None]
    if unknown:
        raise ImageError(
            f"{where}: expected labels named as the classes are ({numbered[0]}, ...), got {len(unknown):,} other names "
            f"({', '.join(unknown[:3])}); sort the images into folders named after their classes"
        )
    return {label: found[label] or "" for label in set(labels)}


def _contradicts(found: Sequence[str | None], numbered: Sequence[str]) -> bool:
    return any(one is not None and one != other for one, other in zip(found, numbered, strict=True))


@cache
def _by_description(numbered: tuple[str, ...]) -> dict[str, str]:
    """The wnid of each description in words that belongs to one class only; the descriptions are timm's."""
    from timm.data.imagenet_info import ImageNetInfo

    info = ImageNetInfo()
    known = set(info.label_names())  # type: ignore[no-untyped-call]
    described = {name: info.label_name_to_description(name) for name in numbered if name in known}
    counts = Counter(described.values())
    return {text: name for name, text in described.items() if counts[text] == 1}
