from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.text.proposals import parse_answer

A, B, C = {"r": 208, "d": [2, 3]}, {"r": 160, "d": [4, 4]}, {"r": 224, "d": [3, 3]}


def text_of(*genotypes: object) -> str:
    return json.dumps({"architectures": genotypes})


@pytest.mark.parametrize(
    "text",
    [
        text_of(A, B),
        json.dumps([A, B]),
        json.dumps({"architectures": [A, B]}, indent=4),
        f"Here they are:\n```json\n{text_of(A, B)}\n```\nI hope they help [1].",
        f"<think>maybe {text_of(C)}</think>{text_of(A, B)}",
        f"<think>only thoughts {text_of(A, B)}",
        f"A draft: {text_of(C)} and then the answer: {text_of(A, B)}",
        f"The form begins with `[{{` as asked. {text_of(A, B)}",
        f'{{"reasoning": "wide", "architectures": {json.dumps([A, B])}, "count": 2}}',
        repr({"architectures": [A, B]}),
        text_of(A, B).replace('"', "“", 1).replace('"', "”", 1),
        f"[ // the first\n{json.dumps(A)}, # the second\n{json.dumps(B)}, /* no more */]",
        text_of(A, B).replace("]}", ",],}"),
        json.dumps(text_of(A, B)),
        f"```json\n{json.dumps(json.dumps([A, B], indent=1))}\n```",
        text_of(A, B).replace('"', '\\"'),
        json.dumps({"architectures": json.dumps([A, B])}),
        text_of(json.dumps(A), json.dumps(B)),
        json.dumps({"architectures": {"1": A, "2": B}}),
        json.dumps({"arch_1": A, "arch_2": B}),
        json.dumps({"1": {"architecture": A, "why": "wide"}, "2": {"architecture": B, "why": "deep"}}),
        f"{json.dumps(A)}\n{json.dumps(B)}",
        f"1. {json.dumps(A)}\n2. {json.dumps(B)}\nDone.",
        f"First:\n```json\n{json.dumps(A)}\n```\nSecond:\n```json\n{json.dumps(B)}\n```",
        f"| architecture | macs_m |\n|---|---|\n| {json.dumps(A)} | 300 |\n| {json.dumps(B)} | 200 |",
        "| # | r | d | rationale |\n|--|--|--|--|\n| 1 | 208 | [2,3] | wide |\n| 2 | 160 | `[4, 4]` | small |",
        text_of(A | {"id": 1, "rationale": "wide"}, {"id": 2, "genotype": B, "expected_top1": 76.1}),
        f'The form is {{"architectures": [...]}}. Mine: {json.dumps([A, B])}',
        f"[THINK]{text_of(C)}[/THINK]{text_of(A, B)}",
    ],
)
def test_the_list_is_found_wherever_it_stands(text: str) -> None:
    answer = parse_answer(text)
    assert answer.candidates == (A, B)
    assert answer.rejected == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the answer is empty"),
        ("I cannot do that.", "no JSON list of architectures found"),
        ("[208, 3, 5]", "no JSON list of architectures found"),
        (json.dumps(A), "no JSON list of architectures found"),
        (text_of(), "the list of architectures is empty"),
    ],
)
def test_without_architectures_the_reason_is_given(text: str, problem: str) -> None:
    answer = parse_answer(text)
    assert answer.candidates == ()
    assert problem in answer.rejected[0].problem


@pytest.mark.parametrize(
    ("piece", "problem"),
    [
        ("7", "expected an architecture as a JSON object, got int"),
        ("null", "got NoneType"),
        ("...", "not JSON"),
        ("wide_one", "not JSON"),
        ('"large"', "got str"),
        ("{r: 208}", "not JSON: expected a key in quotes, got r (character 2 of this architecture)"),
        ('{"r": 208, "d": [2, ...]}', "... is not a value"),
        ('{"r": NaN}', "NaN is not a value"),
        ('{"r": 1e999}', "1e999 is not a number"),
        ('{"r": 208, "r": 160}', "the key r stands twice"),
        ('{"r": "\\ud800"}', "lone surrogates"),
        ('{"r": ' + "[" * 3000 + "]" * 3000 + "}", "nested more than 8 deep"),
        ('{"r": ' + "9" * 5000 + "}", "a number of 5000 characters"),
    ],
)
def test_a_bad_piece_is_rejected_alone_and_nothing_is_guessed(piece: str, problem: str) -> None:
    answer = parse_answer(f'{{"architectures": [{json.dumps(A)}, {piece}, {json.dumps(B)}]}}')
    assert answer.candidates == (A, B)
    (rejected,) = answer.rejected
    assert problem in rejected.problem
    assert rejected.text[:4] == piece[:4]


def test_a_cut_answer_yields_what_was_complete() -> None:
    answer = parse_answer(text_of(A, B, C)[:-9])
    assert answer.candidates == (A, B)
    assert [rejected.problem for rejected in answer.rejected] == ["the answer was cut off here"]


def test_an_endless_piece_ends_the_list() -> None:
    answer = parse_answer(f'{{"architectures": [{json.dumps(A)}, {{"r": "{"x" * 10_000}"}}, {json.dumps(B)}]}}')
    assert answer.candidates == (A,)
    assert [rejected.problem for rejected in answer.rejected] == ["longer than 10,000 characters"]


def test_a_list_that_only_lacks_its_end_is_reported_as_cut() -> None:
    answer = parse_answer(text_of(A, B)[:-2])
    assert answer.candidates == (A, B)
    assert len(answer.rejected) == 1


def test_after_a_missing_comma_nothing_is_taken() -> None:
    answer = parse_answer(f'{{"architectures": [{json.dumps(A)} {json.dumps(B)}]}}')
    assert answer.candidates == (A,)
    assert answer.rejected[0].problem == "expected , or ] after an architecture"


def test_brackets_that_do_not_match_end_the_list() -> None:
    answer = parse_answer(f'{{"architectures": [{json.dumps(A)}, {{"r": 208, "d": [2}}, {json.dumps(B)}]}}')
    assert answer.candidates == (A,)
    assert answer.rejected[0].problem == "not JSON: expected , or ], got } (character 19 of this architecture)"


def test_a_complete_list_beats_a_later_beginning() -> None:
    assert parse_answer(f"{text_of(A)} and more: [{{").candidates == (A,)


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        (f"{text_of(A, B)}\n\nNote: [{json.dumps(C)}] would be the smallest.", (A, B)),
        (f"{text_of(A, B)}\nE.g. {text_of(C)[:-2]}", (A, B)),
        (f"{text_of(A)}\nOn reflection: {text_of(B)}\nNot {json.dumps([C])}", (B,)),
        (f"{text_of(A, B)[:-2]}\nor [{json.dumps(C)}]", (A, B)),
        (f"{json.dumps([A, B])}, or [{json.dumps(C)}, ", (A, B)),
    ],
)
def test_a_list_that_was_passed_over_is_reported(text: str, candidates: tuple[object, ...]) -> None:
    answer = parse_answer(text)
    assert answer.candidates == candidates
    assert answer.rejected[-1].problem == "1 in a list after the one that was read: not taken"
    assert json.loads(answer.rejected[-1].text) == C


@pytest.mark.parametrize(
    "draft", ["[THINK]{}[/THINK]", "<thought>{}</thought>", "<|channel|>analysis<|message|>{}<|end|>"]
)
def test_a_cut_list_counts_before_a_draft_in_the_reasoning(draft: str) -> None:
    assert parse_answer(draft.format(text_of(C)) + text_of(A, B)[:-9]).candidates == (A,)


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(A)}\n{json.dumps({'error': 'no more'})}",
        json.dumps({"wide": A, "deep": B}),
        "| gene | meaning |\n| r | resolution |",
        "{} {}",
        json.dumps("no list"),
        json.dumps({"architectures": "as above"}),
    ],
)
def test_what_could_mean_several_things_is_refused_with_the_form(text: str) -> None:
    answer = parse_answer(text)
    assert answer.candidates == ()
    assert 'expected {"architectures": [...]}' in answer.rejected[0].problem


HOSTILE = (
    "[{",
    '[{"a":',
    '{"a":',
    '{"architectures": [',
    '[{"',
    "[{},",
    '[{"a":1},',
    '[{"a":"\\"},',
    "[{x},",
    "[[[[",
    "\\",
    '[{"\\',
    "[{'\\'",
    "[{/*",
    "[//",
    "[ # \n",
    "<think>",
    "“architectures”: [“",
    '{"architectures": {',
    '{"architectures": "',
    '\\"[{',
    '{"1": {',
    "{} ",
    '{"a": 1} ',
    "{'",
    "| a | b |\n|--|--|\n",
    "| {",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_bounded_time(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    start = time.process_time()
    parse_answer(text)
    parse_answer(f'{{"architectures": [{json.dumps(A)}, {text}')
    assert time.process_time() - start < 3


SCRAPS = [
    '{"architectures": [',
    "[{",
    "]}",
    "]",
    "}",
    ",",
    '"',
    "\\",
    json.dumps(A),
    "...",
    "```\n",
    "<think>",
    "</think>",
]


@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=5), max_size=30).map("".join))
@example("[" * 100_000)
def test_no_text_breaks_the_parser(text: str) -> None:
    answer = parse_answer(text)
    assert answer.candidates or answer.rejected
    for candidate in answer.candidates:
        json.dumps(candidate, ensure_ascii=False, allow_nan=False).encode()


WORDS = st.text('abz9é "\\[{,', max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS


@given(st.lists(st.dictionaries(WORDS, SCALARS | st.lists(SCALARS, max_size=3), max_size=3), min_size=1, max_size=4))
def test_what_is_well_formed_comes_back_unchanged(genotypes: list[dict[str, object]]) -> None:
    answer = parse_answer(f"Sure.\n{text_of(*genotypes)}\nDone.")
    assert list(answer.candidates) == genotypes


GENES = st.dictionaries(st.sampled_from(["r", "d", "ks", "cell"]), st.lists(st.integers()), min_size=2, max_size=4)


def test_a_bracket_in_a_remark_hides_no_numbered_architectures() -> None:
    items = [{"r": 32, "d": 2, "id": "[{"}, {"r": 48, "d": 3, "id": "[{"}]
    text = json.dumps({"architectures": {str(i): item for i, item in enumerate(items)}})
    assert list(parse_answer(text).candidates) == [{"r": 32, "d": 2}, {"r": 48, "d": 3}]


@given(
    st.lists(GENES, min_size=2, max_size=4),
    st.sampled_from(["list", "numbered", "strings"]),
    st.dictionaries(st.sampled_from(["id", "rationale", "Name", "predicted_top1"]), SCALARS),
)
def test_every_form_of_the_same_list_is_read_alike(
    genotypes: list[dict[str, object]], form: str, remarks: dict[str, object]
) -> None:
    items: list[object] = [genotype | remarks for genotype in genotypes]
    texts = {
        "list": text_of(*items),
        "numbered": json.dumps({"architectures": {str(i): item for i, item in enumerate(items)}}),
        "strings": text_of(*map(json.dumps, items)),
    }
    assert list(parse_answer(texts[form]).candidates) == genotypes


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize("fenced", [True, False])
def test_many_lists_of_one_are_one_answer_and_two_are_a_draft_and_its_end(count: int, fenced: bool) -> None:
    lists = [json.dumps({"architectures": [{"x": i}]}) for i in range(count)]
    pieces = [f"Candidate {i}:\n```json\n{piece}\n```" if fenced else piece for i, piece in enumerate(lists)]
    read = parse_answer("\n".join(pieces)).candidates
    assert read == tuple({"x": i} for i in (range(count) if count >= 3 else [count - 1]))


def test_lists_of_several_are_drafts_as_before() -> None:
    drafts = [json.dumps({"architectures": [{"x": i}, {"x": i + 1}]}) for i in (1, 5, 9)]
    assert parse_answer("\n".join(drafts)).candidates == ({"x": 9}, {"x": 10})
