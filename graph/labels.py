"""Labels: scores that a language model predicted for architectures, in a file that a search can read.

`predict --distill` writes it, and `--strategy hs-nas --labels FILE` fits its predictor to it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import files
from common.errors import UserError
from supernets.space.architecture import Architecture, InvalidArchitecture
from supernets.space.space import SearchSpace

SCHEMA = 1
FEWEST = 8
"""Labels below which nothing can be fitted."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    supernet: str
    """Name of the search space."""
    model: str
    """Who gave the labels."""
    scores: Mapping[Architecture, float]
    """Predicted top-1 in percent."""

    def to_json(self) -> str:
        labels = [{"architecture": a.to_dict(), "score": score} for a, score in self.scores.items()]
        values = {"schema": SCHEMA, "supernet": self.supernet, "model": self.model, "labels": labels}
        return json.dumps(values, indent=1) + "\n"

    @property
    def hash(self) -> str:
        """SHA-256 of what the file says."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def write(self, path: Path) -> None:
        """Replace the file in one step."""
        temporary = path.with_name(f"{path.name}.tmp")
        temporary.write_text(self.to_json())
        files.replace(temporary, path)

    @classmethod
    def read(cls, path: Path, space: SearchSpace) -> Labels:
        """The labels in a file.

        Raises:
            UserError: it is no such file, or one for another search space.
        """
        wrong = f"--labels {path}: expected labels as `predict RUN --llm NAME --distill N` writes them"
        try:
            values = json.loads(path.read_text())
            if values["schema"] != SCHEMA:
                raise UserError(f"{wrong}, of schema {SCHEMA}; got schema {values['schema']}")
            supernet, model = str(values["supernet"]), str(values["model"])
            rows = [(row["architecture"], row["score"]) for row in values["labels"]]
        except OSError as error:
            raise UserError(f"{wrong}, got nothing that can be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{wrong}, got another file ({type(error).__name__}: {error})") from None
        if supernet != space.name:
            raise UserError(f"{wrong} for {space.name}, got those of {supernet}")
        scores = dict(_label(wrong, number, row, space) for number, row in enumerate(rows, 1))
        if len(scores) < FEWEST:
            raise UserError(f"{wrong}, at least {FEWEST}, got {len(scores)}: ask for more with --distill N")
        return cls(supernet=supernet, model=model, scores=scores)


def _label(wrong: str, number: int, row: tuple[Any, Any], space: SearchSpace) -> tuple[Architecture, float]:
    genotype, score = row
    try:
        a = space.parse(genotype)
    except InvalidArchitecture as error:
        raise UserError(f"{wrong}; label {number}: {'; '.join(error.problems)}") from None
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise UserError(f"{wrong}; label {number}: expected a number, got {score!r:.40}")
    return a, float(score)
