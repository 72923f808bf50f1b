"""The confusion matrix: the place that a model gave to the networks of each decile. A diagonal is a perfect order.

Numbers are percent of the trials that were ranked.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from studies.ranking.ranking_results import RankingResults
from studies.ranking.trials import PLACES


def draw(results: RankingResults, title: str, path: Path) -> None:
    """Write the plot; the suffix of `path` selects the format."""
    shares = np.array(results.confusion) / max(1, len(results.taus))
    with mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(4, 4.2), layout="constrained")
        panel = figure.subplots()
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        ticks = range(PLACES)
        panel.set_xticks(ticks, [str(i + 1) for i in ticks])
        panel.set_yticks(ticks, [str(i + 1) for i in ticks])
        for (decile, place), share in np.ndenumerate(shares):
            if share:
                panel.text(
                    place, decile, f"{100 * share:.0f}", ha="center", va="center", fontsize=7,
                    color="white" if share > 0.5 else "black",
                )  # fmt: skip
        panel.set_xlabel("place given by the model (1: best)")
        panel.set_ylabel("decile of accuracy (1: best)")
        panel.set_title(title, fontsize=9)
        figure.savefig(path, dpi=160)
