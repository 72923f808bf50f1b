"""What every command that scores shows: a bar while images are decoded, and drawings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supernets import SearchSpace


def loading(silent: bool) -> AbstractContextManager[Callable[[int, int], None]]:
    from graph.trace import decoding_bar, open_console

    return decoding_bar(open_console(sys.stderr), silent)


def drawer(space: SearchSpace, width: int, ascii_only: bool) -> Callable[[Any], str]:
    from graph.drawing import draw

    return lambda a: draw(space.graph(a), width, ascii_only)
