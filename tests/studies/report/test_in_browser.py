"""The report in a real browser: Chromium, without a network, and axe-core's rules of accessibility.

Needs Chromium, `pip install playwright`, and npm, which fetches axe-core once.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import collm_nas
from studies.report.report import write_report
from tests.studies.report.runs import fruitless_run, planted_run

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path"),
    pytest.mark.usefixtures("own_place"),
]
SIDES = [(360, 740), (390, 844), (1280, 900), (1920, 1080)]
SECTIONS = ("result", "scatter", "progress", "rounds", "choices", "effort", "table", "setting")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("no npm on the path")
    folder = tmp_path_factory.mktemp("axe")
    subprocess.run(["npm", "pack", "axe-core"], cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob("axe-core-*.tgz")
    with tarfile.open(archive) as opened:
        opened.extract("package/axe.min.js", folder, filter="data")
    return folder / "package" / "axe.min.js"


class Page:
    """A report in a window, with what the browser said and asked for."""

    def __init__(self, browser: Any, file: Path, size: tuple[int, int] = (1280, 900), **options: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, offline=True, bypass_csp=options.pop("bypass_csp", False),
            **options,
        )  # fmt: skip
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.failed: list[str] = []
        self.page.on("requestfailed", lambda request: self.failed.append(f"{request.url} {request.failure}"))
        started = time.perf_counter()
        self.page.goto(file.absolute().as_uri())
        self.seconds = time.perf_counter() - started

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))


def report(*runs: collm_nas.Run) -> Path:
    return write_report(runs, Path("page.html"))


@pytest.mark.parametrize("size", SIDES, ids=lambda size: f"{size[0]} px")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_there_and_nothing_is_asked_for(
    browser: Any, axe: Path, size: tuple[int, int], scheme: str
) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", evaluations=24, per_round=8)
    page = Page(browser, report(run), size, color_scheme=scheme, bypass_csp=True)
    assert page.said == []
    assert page.asked == [Path("page.html").absolute().as_uri()]
    for section in SECTIONS:
        assert page.page.locator(f"#{section} .body > *").count() > 0, section
    assert page.page.locator("#scatter .point").count() == 24
    assert page.page.locator("#scatter .error").count() == 24
    assert page.page.locator("#table tbody tr").count() == len(run.candidates)
    assert page.page.locator("#rounds details").count() == 3
    assert page.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.page.add_script_tag(path=str(axe))
    found = page.page.evaluate("axe.run()")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []
    page.context.close()


def test_the_policy_holds(browser: Any) -> None:
    page = Page(browser, report(collm_nas.search("nasbench201", evaluations=3)))
    page.page.evaluate("fetch('https://example.com/').catch(() => 0)")
    page.page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}))")
    page.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    page.page.wait_for_timeout(200)
    assert page.page.evaluate("window.ran") is None
    assert len([text for text in page.said if "Content Security Policy" in text]) >= 3
    # The browser names what it would have asked for, and that its policy forbade it.
    assert page.failed == ["https://example.com/x.png csp"]
    page.context.close()


def test_what_models_write_is_text(browser: Any, tmp_path: Path) -> None:
    page = Page(browser, report(planted_run(tmp_path)))
    assert page.said == []
    assert page.page.title() != "owned"
    assert page.page.locator("img, iframe, #main script").count() == 0
    assert "<img src=x onerror=" in page.text("#rounds")
    assert "{{ 7 * 7 }}" in page.text("#rounds")
    for row in page.page.locator("#table tbody button").all():
        row.click()
        assert page.page.locator("#candidate img").count() == 0
    assert page.said == []
    page.context.close()


def test_a_point_a_row_and_the_keyboard_show_a_candidate(browser: Any) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", evaluations=16, per_round=8)
    page = Page(browser, report(run))
    last = run.evaluations[-1].architecture
    page.page.locator("#scatter .point").nth(15).click(force=True)
    assert last.id in page.text("#candidate")
    assert page.page.locator("#table tr.chosen").count() == 1
    page.page.locator("#filter").fill(run.evaluations[2].architecture.id)
    assert page.page.locator("#table tbody tr").count() == 1
    page.page.locator("#table tbody button").focus()
    page.page.keyboard.press("Enter")
    assert run.evaluations[2].architecture.id in page.text("#candidate")
    assert page.page.locator("#scatter .selected").count() == 1
    page.page.locator("#filter").fill("")
    page.page.get_by_role("button", name="top-1 %").click()
    assert page.page.locator("#table th[aria-sort=descending]").inner_text().startswith("top-1 %")
    first = page.page.locator("#table tbody tr").first.inner_text()
    assert run.best is not None
    assert run.best.architecture.id in first
    page.context.close()


def test_several_runs_are_drawn_over_each_other_and_read_one_by_one(browser: Any) -> None:
    runs = [collm_nas.search("nasbench201", evaluations=8, seed=seed) for seed in (0, 1, 2)]
    page = Page(browser, report(*runs))
    assert page.page.locator("#scatter .front").count() >= 3
    page.page.locator("#run").select_option("2")
    assert runs[2].best is not None
    assert runs[2].best.architecture.id in page.text("#result")
    assert page.said == []
    page.context.close()


def test_several_limits_and_niches_are_drawn(browser: Any, axe: Path) -> None:
    swept = collm_nas.search("ofa-w1.0-predicted", evaluations=24, limits={"macs_m": [300, 350, 400]})
    page = Page(browser, report(swept), bypass_csp=True)
    assert page.page.locator("#scatter svg line.limit").count() == 3
    assert page.page.locator("#result tbody tr").first.inner_text().startswith("MACs <= 300 M")
    assert page.page.locator("#niches").is_hidden()
    page.context.close()
    filled = collm_nas.search("ofa-w1.0-predicted", evaluations=24, strategy="llmatic", llm="random-edits")
    page = Page(browser, report(filled), size=(390, 844), bypass_csp=True)
    cells = page.page.locator("#niches .filled")
    assert cells.count() >= 2
    assert page.page.locator("#niches polygon").count() == 6
    cells.first.click()
    assert page.page.locator("#candidate pre").count() == 1
    page.page.add_script_tag(path=str(axe))
    found = page.page.evaluate("axe.run()")["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    assert page.said == []
    page.context.close()


def test_scores_far_below_the_others_are_counted_and_not_drawn(browser: Any) -> None:
    search = collm_nas.AskTell.start(
        "spos", how="by hand", search_images=1000, report_images=10, evaluations=12, limits={}
    )
    for i in range(12):
        search.tell(search.ask(1)[0], 10 if i == 4 else 70 + i / 10)
    page = Page(browser, report(search.run()))
    for section in ("scatter", "progress"):
        assert page.page.locator(f"#{section} .point").count() == 11
        assert "1 score below" in page.text(f"#{section}")
    assert page.page.locator("#table tbody tr").count() >= 12
    page.context.close()


def test_runs_without_a_result_have_a_page(browser: Any) -> None:
    search = collm_nas.AskTell.start("ofa", how="by hand", search_images=10, report_images=10, evaluations=9)
    search.ask()
    for run, text in ((fruitless_run(), "No candidate within the limits"), (search.run(), "has not ended")):
        page = Page(browser, report(run))
        assert page.said == []
        assert text in page.text("#result")
        assert "Nothing is scored yet." in page.text("#scatter")
        page.context.close()


def test_a_thousand_candidates_are_there_within_a_second(browser: Any) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", strategy="random", evaluations=1000)
    page = Page(browser, report(run))
    assert page.page.locator("#table tbody tr").count() == len(run.candidates)
    assert page.seconds < 1
    page.context.close()


def test_it_is_printed_with_all_rounds_open(browser: Any) -> None:
    page = Page(browser, report(collm_nas.search("nasbench201", evaluations=24, per_round=8)))
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.page.emulate_media(media="print")
    assert page.page.locator("#rounds details[open]").count() == 3
    assert not page.page.locator("#filter").is_visible()
    assert page.page.pdf()[:5] == b"%PDF-"
    page.context.close()
