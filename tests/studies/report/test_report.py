"""Reports on disk, and served while a run goes on."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import collm_nas
from collm_nas import AskTell, UserError
from studies.report.report import WatchServer, write_report
from supernets.evaluate.protocol import ProtocolMismatch

pytestmark = pytest.mark.usefixtures("own_place")


def test_a_report_is_one_file_and_a_search_writes_its_own() -> None:
    run = collm_nas.search("nasbench201", evaluations=4)
    own = (run.folder / "report.html").read_text()
    assert run.best is not None
    assert run.best.architecture.id in own
    assert write_report([run], Path("again.html")).read_text() == own
    with pytest.raises(UserError, match=r"cannot write .*absent/x\.html.*name another file"):
        write_report([run], Path("absent/x.html"))


def test_several_runs_are_in_one_file_if_their_scores_can_be_compared() -> None:
    runs = [collm_nas.search("nasbench201", evaluations=3, seed=seed) for seed in (0, 1)]
    text = write_report(runs, Path("both.html")).read_text()
    assert "nasbench201: 2 runs" in text
    assert all(run.id in text for run in runs)
    other = collm_nas.search("nasbench201", dataset="cifar100", evaluations=2)
    with pytest.raises(ProtocolMismatch, match="dataset"):
        write_report([runs[0], other], Path("all.html"))
    assert not Path("all.html").exists()


@contextmanager
def watching(*runs: str) -> Iterator[WatchServer]:
    with WatchServer(runs) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def get(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return str(answer.read().decode())


def test_a_run_that_goes_on_is_served_as_it_is_now() -> None:
    search = AskTell.start("ofa", how="by hand", search_images=10, report_images=10, evaluations=3, per_round=3)
    with watching(str(search.folder)) as server:
        with pytest.raises(urllib.error.HTTPError, match="503"):  # nothing is recorded yet
            get(server.url)
        search.ask()
        first = get(server.url)
        assert 'http-equiv="refresh"' in first
        while architectures := search.ask():
            for a in architectures:
                search.tell(a, 50)
        last = get(server.url)
        assert 'http-equiv="refresh"' not in last
        assert "budget of 3 evaluations spent" in last


def test_only_the_page_is_served_and_only_to_this_machine() -> None:
    run = collm_nas.search("nasbench201", evaluations=2)
    with watching(str(run.folder)) as server:
        assert server.server_address[0] == "127.0.0.1"
        for path in ("config.json", "../config.json", "archive.sqlite"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(server.url + path)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(server.url, host="attacker.example")
