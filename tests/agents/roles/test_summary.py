from __future__ import annotations

from agents.roles.briefing import RoundBriefing
from agents.roles.summary import SHOWN, RoundsSummarizer
from agents.text.architecture_table import ArchitectureRow
from tests.agents.toy import SPACE, row


def finished(*rows: ArchitectureRow) -> RoundBriefing:
    return RoundBriefing(number=1, guidance="", rows=rows, remarks="", evaluations=len(rows), budget=100)


def test_the_best_and_the_worst_are_told_apart_and_do_not_overlap() -> None:
    rows = [row(60.0 + n) for n in range(SHOWN + 3)]
    summary = RoundsSummarizer(SPACE).summarize([finished(*rows, row(verdict="over limit"))])
    assert summary.scored == SHOWN + 3
    assert [r.top1 for r in summary.best] == [70.0 - n for n in range(SHOWN)]
    assert [r.top1 for r in summary.worst] == [60.0, 61.0, 62.0]


def test_a_choice_has_its_mean_its_error_and_its_count() -> None:
    rows = [row(70.0, k=[3, 5]), row(72.0, k=[3, 5]), row(80.0, k=[7, 5])]
    choices = RoundsSummarizer(SPACE).summarize([finished(*rows)]).choices
    assert "k[0]: 3 71.00 (2), 5 none, 7 80.00 (1)" in choices.splitlines()


def test_a_growing_list_gives_the_same_as_the_whole_at_once() -> None:
    rounds = [finished(row(70.0 + n, r=32 + 16 * (n % 2)), row(60.0 - n)) for n in range(6)]
    growing = RoundsSummarizer(SPACE)
    for count in range(1, 7):
        last = growing.summarize(rounds[:count])
    assert last == RoundsSummarizer(SPACE).summarize(rounds)


def test_genes_whose_choices_do_not_differ_clearly_are_only_named() -> None:
    rows = [row(70.0 + n % 3, r=32 + 16 * (n % 2), k=[3 + 4 * (n % 4 > 1), 5]) for n in range(12)]
    choices = RoundsSummarizer(SPACE).summarize([finished(*rows)]).choices
    assert choices == "No clear difference: r k[0] k[1]"


def test_pairs_that_differ_in_one_gene_are_told_with_the_larger_difference_first() -> None:
    rows = [row(70.0, id="1.1"), row(71.0, id="1.2", r=48), row(75.0, id="1.3", r=48, k=[7, 5]), row(60.0, k=[7, 7])]
    pairs = RoundsSummarizer(SPACE).summarize([finished(*rows)]).pairs
    assert pairs.splitlines() == ["k[0] 3 to 7: +4.00 (1.2 to 1.3)", "r 32 to 48: +1.00 (1.1 to 1.2)"]


def test_pairs_of_earlier_rounds_are_not_told_again() -> None:
    earlier = finished(row(70.0, id="1.1"), row(71.0, id="1.2", r=48))
    later = finished(row(74.0, id="2.1", k=[7, 5]))
    pairs = RoundsSummarizer(SPACE).summarize([earlier, later]).pairs
    assert pairs == "k[0] 3 to 7: +4.00 (1.1 to 2.1)"


def test_genotypes_of_another_space_count_as_scored_but_for_no_choice() -> None:
    summary = RoundsSummarizer(SPACE).summarize([finished(row(70.0, r=99))])
    assert summary.scored == 1
    assert summary.choices == "No clear difference: r k[0] k[1]"
