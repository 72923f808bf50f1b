from __future__ import annotations

from dataclasses import replace

from agents import Call, MemoryTranscript, Reply


def test_a_key_keeps_its_first_reply() -> None:
    transcript = MemoryTranscript()
    call = Call("k", "navigator", 1, 1, "toy", ({"role": "user", "content": "?"},), Reply("one", 1, 2, None, 0.1))
    transcript.record(call)
    transcript.record(replace(call, reply=Reply("two", 1, 2, None, 0.1)))
    found = transcript.find("k")
    assert found is not None
    assert found.text == "one"
    assert transcript.find("other") is None
