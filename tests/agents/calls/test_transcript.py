from __future__ import annotations

from agents.calls.transcript import Call, MemoryTranscript, Reply, Request


def test_a_request_keeps_its_first_reply() -> None:
    transcript = MemoryTranscript()
    request = Request("navigator", 1, 1, "toy", ({"role": "user", "content": "?"},))
    transcript.record(Call(request, Reply("one", 1, 2, None, 0.1)))
    transcript.record(Call(request, Reply("two", 1, 2, None, 0.1)))
    found = transcript.find(request)
    assert found is not None
    assert found.text == "one"
    assert transcript.find(Request("navigator", 1, 1, "toy", ())) is None
