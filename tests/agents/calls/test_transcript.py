from __future__ import annotations

from agents.calls.transcript import Call, MemoryTranscript, Reply, Request


def test_a_request_keeps_its_first_reply() -> None:
    transcript = MemoryTranscript()
    request = Request(role="navigator", round=1, attempt=1, model="toy", messages=({"role": "user", "content": "?"},))
    transcript.record(
        Call(request, Reply(text="one", prompt_tokens=1, completion_tokens=2, cost_usd=None, seconds=0.1))
    )
    transcript.record(
        Call(request, Reply(text="two", prompt_tokens=1, completion_tokens=2, cost_usd=None, seconds=0.1))
    )
    found = transcript.find(request)
    assert found is not None
    assert found.text == "one"
    assert transcript.find(Request(role="navigator", round=1, attempt=1, model="toy", messages=())) is None
