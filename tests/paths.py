"""Where the repository and its golden files are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDENS = ROOT / "tests" / "goldens"
