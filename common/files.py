"""Where files lie that can be had again. Stands at the top, because models and images alike are kept there."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "collm-nas"
