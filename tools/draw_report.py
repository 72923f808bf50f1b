"""Draw `docs/report.png` and `docs/front.png` from real runs: `python -m tools.draw_report`. Needs Chromium.

The report is that of the search in `docs/trace.svg`, as a browser shows it; the front is that of a search for limits.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

import collm_nas
from studies.front_plot import draw_front
from studies.report.report import write_report

DOCS = Path(__file__).parents[1] / "docs"
WIDTH, HEIGHT, COLOURS = 1100, 1420, 255
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LIMITS = [200, 250, 300, 350]


def main() -> None:
    assert CHROMIUM is not None, "expected Chromium on the path, found none; install it"
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        run = collm_nas.search(
            "ofa", limits={"macs_m": 350}, evaluations=48, seed=1, device="cpu", runs=runs, name="ofa"
        )
        screenshot(write_report([run], runs / "report.html"), DOCS / "report.png")
        limits = {"macs_m": LIMITS}
        swept = collm_nas.search("ofa", limits=limits, evaluations=120, device="cpu", runs=runs, name="swept")
        draw_front(swept.points("macs_m"), "MACs (M)", DOCS / "front.png", (), swept.reported("macs_m"))


def screenshot(page: Path, out: Path) -> None:
    """The top of a page in the light theme, in few colours."""
    subprocess.run(
        [str(CHROMIUM), "--headless=new", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=3000",
         f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={out}", page.as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip
    with Image.open(out) as picture:
        picture.convert("RGB").quantize(COLOURS).save(out, optimize=True)


if __name__ == "__main__":
    main()
