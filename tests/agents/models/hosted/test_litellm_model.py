"""The real litellm against a real HTTP server on loopback that misbehaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from agents.calls.transcript import MemoryTranscript, Reply
from agents.model_errors import CallError, ModelError
from agents.models.model_registry import chat_model
from agents.models.settings import ModelSettings, Price
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from common.errors import UserError
from tests.agents import chat_server as server
from tests.agents.chat_server import Behaviour, ChatServer, serving
from tests.agents.toy import STRATEGY, briefing, caller, check, genotype

KEY = "sk-test-51f0c0ffee51f0c0ffee"
ASK = [{"role": "user", "content": "hello"}]
SCHEMA = {"type": "object", "properties": {"architectures": {"type": "array"}}}


@pytest.fixture(scope="module")
def model() -> Iterator[BaseChatModel]:
    with pytest.MonkeyPatch.context() as patch, serving(server.says("warm")) as warm:
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv("OPENAI_API_BASE", warm.url)
        made = chat_model(ModelSettings(name="openai/pocket"), seed=7)
        # litellm imports more on its first call, which would count against the tests' short deadlines.
        made.invoke("hello")
        yield made


@pytest.fixture
def ask(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Reply, ChatServer]]:
    def run(*behaviours: Behaviour, deadline: float = 5.0, **changes: Any) -> tuple[Reply, ChatServer]:
        with serving(*behaviours) as chat:
            monkeypatch.setenv("OPENAI_API_BASE", chat.url)
            return caller(model, deadline=deadline, **changes).ask(ASK, 1, 1, SCHEMA), chat

    return run


Ask = Callable[..., tuple[Reply, ChatServer]]


def test_an_answer_comes_with_its_tokens_and_an_unknown_price(ask: Ask) -> None:
    reply, chat = ask(server.says("hello"))
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == ("hello", 11, 7)
    assert reply.cost_usd is None
    assert 0 < reply.seconds < 5
    (request,) = chat.requests
    assert (request["model"], request["temperature"], request["seed"]) == ("pocket", 0.6, 7)
    assert request["messages"] == ASK


def test_a_listed_model_has_a_price(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.says("hello")) as chat:
        monkeypatch.setenv("OPENAI_API_BASE", chat.url)
        reply = caller(chat_model(ModelSettings(name="openai/gpt-4o-mini"), seed=1)).ask(ASK, 1, 1)
    assert reply.cost_usd == pytest.approx(11 * 0.15e-6 + 7 * 0.6e-6)


@pytest.mark.parametrize(
    ("status", "advice"),
    [(400, "context length"), (401, "key in the environment"), (403, "key in the environment"), (404, "model's name")],
)
def test_lasting_faults_are_told_at_once(ask: Ask, status: int, advice: str) -> None:
    with pytest.raises(ModelError) as caught:
        ask(server.fails(status, message="sorry"))
    assert f"HTTP {status}): sorry" in str(caught.value)
    assert "(1 try)" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_passing_faults_are_tried_again(ask: Ask, status: int) -> None:
    reply, chat = ask(server.fails(status), server.says("hello"))
    assert reply.text == "hello"
    assert len(chat.requests) == 2


def test_faults_for_ever_end(ask: Ask) -> None:
    with pytest.raises(ModelError, match=r"sorry.*\(3 tries\). What to do: check that the server runs"):
        ask(server.fails(500, message="sorry"))


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(ask: Ask, form: str) -> None:
    pauses: list[float] = []
    value = "2.5" if form == "seconds" else formatdate(time.time() + 3, usegmt=True)
    reply, _ = ask(server.fails(429, {"retry-after": value}), server.says("hello"), sleep=pauses.append)
    assert reply.text == "hello"
    assert pauses == [pytest.approx(2.5, abs=1)]


def test_a_retry_after_beyond_the_deadline_ends_the_call(ask: Ask) -> None:
    with pytest.raises(ModelError, match="asks to wait 3600 s"):
        ask(server.fails(429, {"retry-after": "3600"}))


@pytest.mark.parametrize("behaviour", [server.hangs, server.drips])
def test_no_silence_and_no_dripping_outlasts_the_deadline(ask: Ask, behaviour: Behaviour) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"no complete answer within 0.3 s \(2 tries\)"):
        ask(behaviour, deadline=0.3, retries=1)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "behaviour",
    [
        server.cuts,
        server.sends(b""),
        server.sends(b"null"),
        server.sends(b"<html>Bad gateway</html>", "text/html"),
        server.sends(server.completion("abc").replace(b"abc", b"\xff\xfe\x80")),
        server.sends(b'{"choices": []}'),
        server.says(""),
    ],
    ids=["cut", "empty", "null", "html", "not utf-8", "no choices", "no text"],
)
def test_broken_answers_are_tried_again_and_then_told(ask: Ask, behaviour: Behaviour) -> None:
    with pytest.raises(ModelError, match=r"\([23] tries\). What to do: "):
        ask(behaviour)
    assert ask(behaviour, server.says("hello"))[0].text == "hello"


def test_a_refused_connection_is_told(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=r"Connection error.*\(3 tries\). What to do: check that the server runs"):
        caller(model).ask(ASK, 1, 1)


def test_surrogates_from_the_wire_are_cleaned(ask: Ask) -> None:
    reply, _ = ask(server.sends(server.completion("XX").replace(b'"XX"', b'"a\\ud800\\u001bb"')))
    assert reply.text == "ab"


@pytest.mark.parametrize(
    "behaviour",
    [server.fails(401), server.fails(500), server.sends(b"<html>" + KEY.encode() + b"</html>", "text/html")],
)
def test_the_key_is_in_no_error(ask: Ask, behaviour: Behaviour) -> None:
    with pytest.raises(ModelError) as caught:
        ask(behaviour)
    chain: list[BaseException] = [caught.value]
    while before := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(before)
    assert KEY[8:] not in repr([(error, vars(error)) for error in chain])
    assert {type(error) for error in chain} <= {ModelError, CallError}


def test_the_key_is_in_no_record_and_no_repr(model: BaseChatModel, ask: Ask) -> None:
    transcript = MemoryTranscript()
    ask(server.says(f"you sent {KEY}"), transcript=transcript)
    assert KEY not in repr(transcript)
    assert KEY not in repr(model) + str(model.model_dump())


def test_garbage_for_ever_ends_both_agents(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.says("lorem ipsum")) as chat:
        monkeypatch.setenv("OPENAI_API_BASE", chat.url)
        with pytest.raises(ModelError, match="sent 3 answers, none of them a strategy"):
            Navigator(caller=caller(model), briefing=briefing()).write_guidance([])
        proposals = Generator(caller=caller(model, "generator"), briefing=briefing()).propose(1, STRATEGY, 4, check)
    assert (proposals.genotypes, proposals.answers) == ([], 2)
    assert proposals.error
    assert len(chat.requests) == 5


def constrained(chat: ChatServer, monkeypatch: pytest.MonkeyPatch) -> BaseChatModel:
    monkeypatch.setenv("HOSTED_VLLM_API_BASE", chat.url)
    return chat_model(ModelSettings(name="hosted_vllm/pocket"), seed=1)


@pytest.mark.usefixtures("model")
def test_the_schema_is_sent_where_it_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.says('[{"r": 32, "k": [3, 5]}]')) as chat:
        asked = caller(constrained(chat, monkeypatch), "generator")
        proposals = Generator(caller=asked, briefing=briefing()).propose(1, STRATEGY, 4, check)
    # The server ignored the schema: a bare list came, and the strict parser read it.
    assert proposals.genotypes == [genotype()]
    sent = chat.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"]["properties"]["architectures"]["maxItems"] == 4


def forms(chat: ChatServer) -> list[str]:
    """How each request asked for its form."""
    return [next((form for form in ("response_format", "tools") if form in each), "") for each in chat.requests]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_provider_that_refuses_the_schema_is_asked_without_it(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with serving(server.fails(status), server.says("one"), server.says("two")) as chat:
        asked = caller(constrained(chat, monkeypatch))
        assert [asked.ask(ASK, n, 1, SCHEMA).text for n in (1, 2)] == ["one", "two"]
    assert forms(chat) == ["response_format", "", ""]


@pytest.mark.usefixtures("model")
def test_where_no_schema_is_taken_a_tool_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.calls_tool('{"architectures": []}'), server.fails(400), server.says("plain")) as chat:
        monkeypatch.setenv("OPENAI_API_BASE", chat.url)
        asked = caller(chat_model(ModelSettings(name="openai/gpt-4"), seed=1))
        assert [asked.ask(ASK, n, 1, SCHEMA).text for n in (1, 2)] == ['{"architectures": []}', "plain"]
    assert forms(chat) == ["tools", "tools", ""]
    assert chat.requests[0]["tools"][0]["function"]["parameters"] == SCHEMA


def test_when_every_form_is_refused_the_first_is_kept(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.fails(400, message="sorry"), server.fails(400, message="sorry"), server.says("well")) as chat:
        asked = caller(constrained(chat, monkeypatch))
        with pytest.raises(ModelError, match="sorry"):
            asked.ask(ASK, 1, 1, SCHEMA)
        assert asked.ask(ASK, 1, 1, SCHEMA).text == "well"
    assert forms(chat) == ["response_format", "", "response_format"]


@pytest.mark.usefixtures("model")
def test_a_context_that_is_too_long_is_no_matter_of_form(monkeypatch: pytest.MonkeyPatch) -> None:
    too_long = "This model's maximum context length is 4096 tokens"
    with serving(server.fails(400, message=too_long)) as chat:
        with pytest.raises(ModelError, match="maximum context length"):
            caller(constrained(chat, monkeypatch)).ask(ASK, 1, 1, SCHEMA)
        assert len(chat.requests) == 1


def test_a_server_that_counts_nothing_is_counted_for(ask: Ask) -> None:
    reply, _ = ask(server.sends(server.completion("hello", usage=False)))
    assert reply.prompt_tokens > 5
    assert reply.completion_tokens > 0


def test_a_refusal_is_told_in_its_words(ask: Ask) -> None:
    refused = server.completion("").replace(b'"content": ""', b'"content": null, "refusal": "I would rather not."')
    with pytest.raises(ModelError, match="the model refuses: I would rather not"):
        ask(server.sends(refused))


@pytest.mark.usefixtures("model")
def test_settings_reach_the_server() -> None:
    with serving(server.says("hello")) as chat:
        settings = ModelSettings(
            name="openai/pocket", api_base=chat.url, temperature=0.1, reasoning_effort="low", price=Price(1e-3, 1e-2)
        )
        reply = caller(chat_model(settings, seed=1)).ask(ASK, 1, 1)
    assert (chat.requests[0]["temperature"], chat.requests[0]["reasoning_effort"]) == (0.1, "low")
    assert reply.cost_usd == pytest.approx(11e-3 + 7e-2)


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("openai/gpt-4o-mini", "set OPENAI_API_KEY in the environment"),
        ("anthropic/claude-sonnet-4-5", "set ANTHROPIC_API_KEY"),
        ("hosted_vllm/pocket", "--api-base or HOSTED_VLLM_API_BASE, for example http://127.0.0.1:8000/v1"),
        ("nonsense", "unknown model 'nonsense'; expected `analyst`"),
        ("", "unknown model ''"),
    ],
)
def test_a_model_that_cannot_be_used_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "HOSTED_VLLM_API_BASE"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UserError) as caught:
        chat_model(ModelSettings(name=name), seed=1)
    assert told in str(caught.value)


CUT = server.sends(server.message('{"architectures": [{"r": 32', finish="length"))


@pytest.mark.usefixtures("model")
def test_after_two_answers_that_were_cut_the_next_form_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(CUT, server.says("one"), CUT, CUT, server.says("two")) as chat:
        asked = caller(constrained(chat, monkeypatch))
        for n in range(1, 6):
            asked.ask(ASK, n, 1, SCHEMA)
    assert forms(chat) == [*["response_format"] * 4, ""]


@pytest.mark.usefixtures("model")
def test_after_blanks_up_to_the_length_limit_the_next_form_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = server.sends(server.message("\n" * 20_000, finish="length"))
    with serving(blank, server.says("well")) as chat:
        assert caller(constrained(chat, monkeypatch)).ask(ASK, 1, 1, SCHEMA).text == "well"
    assert forms(chat) == ["response_format", ""]


def test_an_answer_that_was_cut_is_used_without_its_blanks_and_the_cause_is_named(ask: Ask) -> None:
    told: list[str] = []
    cut = server.sends(server.message("half" + " " * 20_000, finish="length"))
    assert ask(cut, on_message=told.append)[0].text == "half"
    assert len(told) == 1
    assert "An answer stopped at its length limit of 7 tokens" in told[0]
    assert "raise the server's limit" in told[0]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_a_complete_answer_among_the_reasoning_is_used_and_the_cure_is_named(ask: Ask, field: str) -> None:
    told: list[str] = []
    answer = '{"architectures": []}'
    behaviour = server.sends(server.message(None, **{field: answer}))
    reply, chat = ask(behaviour, on_message=told.append)
    assert (reply.text, reply.fits, len(chat.requests)) == (answer, True, 1)
    assert "without its reasoning parser" in told[0]


@pytest.mark.parametrize(
    "reasoning", ["I think.", '{"architectures": [', '{"architectures": 3}', 'So: {"architectures": []}']
)
def test_reasoning_that_is_no_complete_answer_is_not_used(ask: Ask, reasoning: str) -> None:
    with pytest.raises(
        ModelError, match=r"the answer is empty, and .* came as reasoning: .*\(2 tries\).*reasoning parser"
    ):
        ask(server.sends(server.message("", reasoning_content=reasoning)))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('{"architectures": []}', True),
        ('<think>hm</think>{"architectures": []}', True),
        ('```json\n{"architectures": []}\n```', False),
        ('{"architectures": {}}', False),
        ("[]", False),
        ("Sure!", False),
    ],
)
def test_whether_an_answer_fits_the_schema_is_recorded_with_its_form(ask: Ask, text: str, fits: bool) -> None:
    reply, _ = ask(server.says(text))
    assert (reply.form, reply.fits) == ("JSON schema", fits)


def test_without_a_schema_there_is_no_form(model: BaseChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(server.says("hello")) as chat:
        monkeypatch.setenv("OPENAI_API_BASE", chat.url)
        reply = caller(model).ask(ASK, 1, 1)
    assert (reply.form, reply.fits) == ("", None)


@pytest.mark.parametrize("arguments", ["", "{}", None, "null"])
def test_a_tool_call_without_arguments_does_not_hide_the_content(ask: Ask, arguments: str | None) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": arguments}}
    assert ask(server.sends(server.message("hello", finish="tool_calls", tool_calls=[call])))[0].text == "hello"


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 11}, (11, None)),
        ({"prompt_tokens": -11, "completion_tokens": -7}, (None, None)),
        ({"prompt_tokens": 10.5, "completion_tokens": 7}, (11, 7)),
        ({"prompt_tokens": "11", "completion_tokens": "7"}, (11, 7)),
        ({"prompt_tokens": "many", "completion_tokens": 7}, (None, 7)),
        ({"prompt_tokens": None, "completion_tokens": None}, (None, None)),
        ({"total_tokens": 18}, (None, None)),
    ],
)
def test_tokens_that_cannot_be_right_are_counted_and_marked(
    ask: Ask, usage: dict[str, Any], counts: tuple[int | None, int | None]
) -> None:
    reply, _ = ask(server.sends(server.message("hello", usage)))
    for found, reported in zip((reply.prompt_tokens, reply.completion_tokens), counts, strict=True):
        assert found == reported if reported else found > 0
    assert reply.estimated == (None in counts)


def test_a_withheld_answer_is_named(ask: Ask) -> None:
    with pytest.raises(ModelError, match=r"content filter withheld the answer \(2 tries\)"):
        ask(server.sends(server.message("", finish="content_filter")))


@pytest.mark.usefixtures("model")
def test_no_stream_is_requested_if_streams_are_off() -> None:
    with serving(server.says("hello")) as chat:
        off = chat_model(ModelSettings(name="openai/pocket", api_base=chat.url), seed=1, stream=False)
        caller(off).ask(ASK, 1, 1, on_text=lambda text: None)
    assert "stream" not in chat.requests[0]
