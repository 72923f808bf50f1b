"""A process of its own that fetches OFA into a cache with a narrow network: `python -m ... CACHE MIRROR`.

It prints each notice, and last whether it wrote the weights.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from supernets.families.base import SupernetFamily
from supernets.families.recipe import Scale
from supernets.fetch.download import RetryPolicy
from supernets.fetch.fetch import fetch

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet


def build(family: SupernetFamily) -> Supernet:
    return family.network(Scale(0.25, 4), 10)


def main(cache: Path, mirror: str) -> None:
    def say(line: str) -> None:
        print(line, flush=True)

    retries = RetryPolicy(silence=120)
    fetched = fetch("ofa", cache, lambda done, total: None, say, mirror=mirror, build=build, retries=retries)
    say("wrote" if fetched.new else "already there")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
