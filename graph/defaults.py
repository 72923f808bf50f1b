"""Default settings of a search: command-line options, configuration files and scripts all take them from here.

Imports nothing of the program, so that help and shell completion need not import the configuration.
"""

from __future__ import annotations

from typing import Literal

STRATEGY = "collm"
SEED = 0
EVALUATIONS = 80
PER_ROUND = 16
"""Candidates that a strategy proposes per round."""
PROTOCOL = "held-out"
"""Split of ImageNet: search on images held out from training."""
FIDELITY: Literal["full", "race"] = "full"
RACE_ERROR = 0.01
NAVIGATOR_MEMORY = True
GENERATOR_MEMORY = False
