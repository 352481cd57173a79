"""Every number on the page is the answer's, in the right row and unit."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from sample_answer import sample_answer

from planner.domain.answer import Criterion, Role
from planner.domain.pictured import Basis
from planner.domain.plan import STATUS_SENTENCE
from planner.report import wording
from planner.report.page import Pictures
from planner.report.sections.pages import answer_page
from planner.report.text import parity_span, plus_minus, probability, samples, span
from planner.units import format_usd


def section(page: str, key: str) -> str:
    (found,) = re.findall(rf'<section id="{key}".*?</section>', page, re.DOTALL)
    return str(found)


def rows(html: str) -> dict[str, list[str]]:
    """Texts of the cells by the text of their row's heading; small print in brackets."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        marked = re.sub(r"<small>(.*?)</small>", r" [\1]", row, flags=re.DOTALL)
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", marked, re.DOTALL)
        texts = [" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in cells]
        found[texts[0]] = texts[1:]
    return found


def test_options_stand_side_by_side_with_their_intervals(page: str) -> None:
    found = rows(section(page, "options"))
    assert found["Accuracy"] == [
        "24.9% [21.8% to 28.1%]", "21.1% [18.1% to 24.1%]", "24.8% [21.6% to 28%]",
    ]  # fmt: skip
    assert found["Cost a day"] == [
        "$504 [$353 to $806]", "$288 [$202 to $461]", "$360 [$252 to $576]",
    ]  # fmt: skip
    assert found["GPUs, whole"] == [
        "7 × h100-sxm [5 to 11]", "4 × h100-sxm [2 to 8]", "5 × h100-sxm [3 to 9]",
    ]  # fmt: skip
    assert found["Cost a correct answer"] == ["$0.00202", "$0.00137", "$0.00145"]
    assert found["GPU time a query"][0] == "209 ms [126 ms to 356 ms]"
    assert found["Verifier&#39;s share of GPU time"][2] == "– [has no verifier]"
    assert found["95% answered within [in full batches]"] == ["15.2 s", "15.2 s", "19 s"]
    assert found["Why this option"][0].startswith("A ")
    assert found["Why this option"][2].startswith("B ")


def test_gpus_are_whole(page: str) -> None:
    assert all(re.match(r"\d+ ×", cell) for cell in rows(section(page, "options"))["GPUs, whole"])


def test_parities_carry_intervals_shares_and_reasons(page: str) -> None:
    found = rows(section(page, "parity"))
    assert found["in all"] == ["3.9 [2.0 to 8.0]", "100%", "2.2 [1.7 to 2.9]", "100%"]
    easy = found["level 1-3"]
    assert easy[0].startswith("2.9 [1.4 to 6.1; against one sample of Llemma 34B")
    hard = found["level 4-5"]
    assert hard[0].startswith("3.8 [1.1 to beyond what was measured; ")
    assert hard[2:] == ["– [not measured by this bucket]", "0%"]
    assert "n = 2.43 as papers count them" in section(page, "parity")


def test_measured_points_are_told_from_the_rest(page: str) -> None:
    text = section(page, "curves")
    measured = re.findall(r"<td>measured</td>|<td>beyond the data</td>", text)
    assert measured.count("<td>measured</td>") == 3 * 11
    assert measured.count("<td>beyond the data</td>") == 3


def test_costs_by_volume_are_those_of_the_answer(page: str) -> None:
    found = rows(section(page, "volume"))
    answer = sample_answer()
    point = next(p for p in answer.cost_by_volume if p.queries_per_day == 10**4)
    assert found["10k"][0].startswith(format_usd(next(iter(point.cost_usd_per_day.values()))))


def test_winners_by_mix_say_undecided_where_it_is(page: str) -> None:
    found = rows(section(page, "mix"))
    assert found["100% level 4-5"] == ["B Llemma 34B greedy", "B Llemma 34B greedy", "86%"]
    assert found["100% level 1-3"] == ["undecided", "B Llemma 34B greedy", "66%"]


def test_frontier_is_in_units_of_the_reference(page: str) -> None:
    found = rows(section(page, "flops"))
    assert found["A Llemma 7B majority vote @8"][:3] == ["1.65×", "56", "27%"]
    assert found["B Llemma 34B weighted vote @1024"][:3] == ["2,050×", "69.632k", "52.4%"]


def test_assumptions_show_range_source_date_and_flag(page: str) -> None:
    found = rows(section(page, "assumptions"))
    assert found["rent of one h100-sxm"] == [
        "3", "2.5 to 3.5", "$/GPU-hour", "median of 12 price cards", "2026-11-24", "--price",
    ]  # fmt: skip
    assert found["error correlation"][0] == "assumed"
    assert found["error correlation"][1] == "–"


def test_the_page_can_be_made_again(page: str) -> None:
    text = section(page, "sources")
    assert "9f" * 32 in text
    assert "planner ask &#34;7B+PRM or 34B greedy at 1M queries/day&#34;" in text


def test_the_strip_tells_prices_seed_and_draws() -> None:
    strip = dict(answer_page(sample_answer()).strip)
    assert strip == {
        "Volume": "1M queries a day", "Measured on": "MATH-500", "Prices as of": "2026-11-24",
        "Planner": "0.1.0", "Seed": "0", "Draws": "1,000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9996, "over 99%"), (1.0, "over 99%"), (0.94, "94%"), (0.0, "under 1%"), (0.99, "99%")],
)
def test_draws_never_make_a_certainty(share: float, text: str) -> None:
    assert probability(share) == text


def test_intervals_read_as_people_write_them() -> None:
    assert plus_minus(0.248, 0.216, 0.28) == "24.8 ± 3.2%"
    assert plus_minus(0.248, None, None) == "24.8%"
    assert parity_span(None, 8.04) == "under 1 to 8.0"
    assert parity_span(2.0, None) == "2.0 to beyond what was measured"
    assert span(1.0, 1.0, format_usd) is None
    assert [samples(n) for n in (3.94, 99.94, 151.2)] == ["3.9", "99.9", "151"]


def test_every_word_of_the_contract_has_words_for_people() -> None:
    assert set(wording.ROLE) == set(get_args(Role))
    assert set(wording.BASIS) == set(get_args(Basis))
    assert set(wording.CRITERION) == set(get_args(Criterion))
    assert set(wording.STATUS) == set(STATUS_SENTENCE)
    assert set(wording.TITLE) == set(wording.LEAD)
    assert set(wording.WARNING_SECTION.values()) <= set(wording.TITLE)


def test_sides_that_share_a_model_keep_a_colour_in_the_frontier() -> None:
    fields = sample_answer().to_json()
    fields["sides"] = [*fields["sides"], "Llemma 7B + ORM, weighted vote"]
    third = {**fields["options"][0], "side": 2, "label": "Llemma 7B + ORM, weighted vote @4"}
    fields["options"].append(third)
    made = answer_page(sample_answer(**fields))
    (flops,) = [s for s in made.sections if s.key == "flops"]
    (pictures,) = [block for block in flops.blocks if isinstance(block, Pictures)]
    assert all(row[0].side in {0, 1} for row in pictures.pictures[0].numbers.rows)
