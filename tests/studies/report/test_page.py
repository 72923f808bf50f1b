"""The page's policy, and that data cannot leave the element they are in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

from studies.report.page import render
from tests.studies.report.runs import PLANTED


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag if tag in self.texts else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside].append(data)


PAGE = render(PLANTED, [{"id": PLANTED, "deep": [{PLANTED: PLANTED + "\u2028"}]}])
ELEMENTS = Elements(PAGE)


def test_data_are_read_as_they_were_and_are_no_markup() -> None:
    data, script = ELEMENTS.texts["script"]
    assert json.loads(data) == {"runs": [{"id": PLANTED, "deep": [{PLANTED: PLANTED + "\u2028"}]}]}
    assert "use strict" in script
    assert not {"img", "iframe", "link", "object", "base"} & {tag for tag, _ in ELEMENTS.found}
    assert [tag for tag, _ in ELEMENTS.found].count("script") == 2
    assert "<script>document" not in PAGE


def test_the_policy_allows_the_own_style_and_script_and_nothing_else() -> None:
    (policy,) = (
        str(attributes["content"])
        for tag, attributes in ELEMENTS.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def of(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'", "style-src": of(ELEMENTS.texts["style"][0]),
        "script-src": of(ELEMENTS.texts["script"][1]), "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_nothing_is_named_that_a_browser_would_load() -> None:
    for tag, attributes in ELEMENTS.found:
        for name, value in attributes.items():
            assert name not in ("src", "srcset", "style", "action", "data"), (tag, name)
            assert not name.startswith("on"), (tag, name)
            assert name != "href" or str(value).startswith("#")
    without = PAGE.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import", without)


def test_a_page_of_a_run_that_goes_on_is_read_again() -> None:
    assert 'http-equiv="refresh" content="5"' in render("", [], 5)
    assert "refresh" not in render("", []).partition("<style>")[0]
