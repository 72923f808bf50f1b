from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from supernets.images.chunk_log import ChunkLog


def test_records_are_read_again_and_the_later_one_holds(tmp_path: Path) -> None:
    log = ChunkLog(tmp_path / "log")
    log.add(0, {"a": 1})
    log.add(3, {"a": 2})
    log.add(0, {"a": 3})
    assert ChunkLog(tmp_path / "log").records == log.records == {0: {"a": 3}, 3: {"a": 2}}


@given(st.data())
def test_a_log_that_was_cut_anywhere_has_a_prefix_of_its_records_and_takes_more(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        log = ChunkLog(path)
        for i in range(3):
            log.add(i, {"checksum": "ä" * i})
        content = path.read_bytes()
        kept = data.draw(st.integers(0, len(content)))
        path.write_bytes(content[:kept])
        cut = ChunkLog(path)
        assert list(cut.records.items()) == list(log.records.items())[: len(cut.records)]
        assert len(cut.records) == content[:kept].count(b"}]")
        cut.add(7, {"checksum": "new"})
        assert ChunkLog(path).records == cut.records
