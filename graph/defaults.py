"""Default settings of a search: command-line options, configuration files and scripts all take them from here.

Imports nothing heavy, so that help and shell completion need not import the configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from supernets.evaluate.request import EvaluatorRequest

RUNS = Path("runs")
"""Folder of run folders, below the working directory."""
RUNS_VARIABLE = "COLLM_RUNS"
"""Environment variable that names another."""
STRATEGY = "collm"
SEED = 0
EVALUATIONS = 80
PER_ROUND = 16
"""Candidates that a strategy proposes per round."""
PER_ROUND_OF_SWEEP = 8
"""The same where rounds take several limits in turn, so that each of them has its turn often enough."""
PROTOCOL = EvaluatorRequest.protocol
"""Split of ImageNet: search on images held out from training."""
FIDELITY: Literal["full", "race"] = "full"
RACE_ERROR = 0.01
NAVIGATOR_MEMORY = True
GENERATOR_MEMORY = False
