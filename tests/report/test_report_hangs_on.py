"""What a result hangs on, who wins elsewhere, and what to measure: sections of a page."""

from __future__ import annotations

import pytest
from sample_answer import sample_answer

from planner.domain.plan import PlanAnswer
from planner.domain.plan_next import NextRow, PlanNext
from planner.domain.tornado import TornadoBar, TornadoOf, WinnerMap
from planner.report.page import Command, Pictures, Section, Table
from planner.report.sections import next_plan, over_time, tornado
from planner.report.sections.pages import answer_page, plan_page

OF = TornadoOf(value=0.4, unit="accuracy", what="accuracy of the best plan")


def bar(name: str, low: float | None, high: float | None, changes: bool = False) -> TornadoBar:
    return TornadoBar(
        input=name, kind="engine", low=0.3, high=0.8, unit="share", value_low=low, value_high=high,
        winner_low="x", winner_high="y" if changes else "x", changes_winner=changes,
    )  # fmt: skip


def tables(section: Section | None) -> list[Table]:
    assert section is not None
    drawn = [p.numbers for b in section.blocks if isinstance(b, Pictures) for p in b.pictures]
    return [*drawn, *(block for block in section.blocks if isinstance(block, Table))]


def picture(section: Section | None) -> str:
    assert section is not None
    (block,) = (block for block in section.blocks if isinstance(block, Pictures))
    return block.pictures[0].svg


def test_a_bar_too_short_to_see_stands_in_the_table_alone() -> None:
    found = tornado.section(OF, [bar("wide", 0.3, 0.5, True), bar("thin", 0.4, 0.40001)])
    assert [row[0].text for row in tables(found)[0].rows] == ["wide", "thin"]
    assert ">wide<" in picture(found)
    assert ">thin<" not in picture(found)


def test_the_words_name_what_changes_the_winner_and_nothing_else() -> None:
    found = tornado.section(OF, [bar("wide", 0.3, 0.5), bar("price", 0.38, 0.41, True)])
    assert found is not None
    assert "changes with: price." in found.lead
    steady = tornado.section(OF, [bar("wide", 0.3, 0.5)])
    assert steady is not None
    assert "At none of these ends" in steady.lead


def test_an_end_at_which_nothing_is_possible_is_said_and_not_drawn_as_a_number() -> None:
    found = tornado.section(OF, [bar("limit", None, 0.5)])
    (row,) = tables(found)[0].rows
    assert [cell.text for cell in row][2] == "impossible"
    assert tornado.section(OF, []) is None
    assert tornado.section(None, [bar("wide", 0.3, 0.5)]) is None


def test_a_long_outcome_is_told_above_the_bars_and_not_cut_beneath_them() -> None:
    long = OF.model_copy(update={"what": "cost of one side over that of the other, " * 2})
    found = tornado.section(long, [bar("wide", 0.3, 0.5)])
    assert long.what not in picture(found)
    assert "named above" in picture(found)


@pytest.fixture
def winners() -> WinnerMap:
    return WinnerMap(
        volumes_per_day=(1e5, 1e6),
        price_factors=(1.0, 2.0),
        winners=("small", "stranger"),
        winner=((0, 1), (-1, 0)),
        probability=((0.9, None), (None, 0.7)),
    )


def test_the_map_gives_each_winner_one_letter_and_nobody_a_dash(winners: WinnerMap) -> None:
    found = tornado.winners_section(winners, {"small": 0}.get)
    (table,) = tables(found)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["100k", "small", "stranger"],
        ["1M", "–", "small"],
    ]
    assert table.rows[0][1].detail == "90%"
    drawn = picture(found)
    # Small is side A of the question; a stranger has a letter that is neither A nor B.
    assert drawn.count(">A<") == 2
    assert drawn.count(">C<") == 1
    assert drawn.count(">–<") == 1


def test_there_is_no_map_without_winners(winners: WinnerMap) -> None:
    assert tornado.winners_section(None, {}.get) is None
    assert tornado.winners_section(winners.model_copy(update={"winners": ()}), {}.get) is None


def test_a_plan_s_page_tells_how_to_know_what_changes_it(planned: PlanAnswer) -> None:
    hangs = planned.model_copy(update={"tornado": (bar("engine", 0.3, 0.5, True),)})
    (table,) = tables(next_plan.section(hangs))
    assert [cell.text for cell in table.rows[0]] == [
        "engine",
        "time your engine once: planner calibrate",
    ]


def test_measurements_that_were_asked_for_stand_with_their_chance_and_cost(
    planned: PlanAnswer,
) -> None:
    row = NextRow(what="time it", why="an hour", buy=True, probability_changes_decision=0.42,
                  cost_usd=2.5)  # fmt: skip
    told = planned.model_copy(update={"next": PlanNext(advice="Time it first.", rows=(row,))})
    found = next_plan.section(told)
    assert found is not None
    assert found.lead == "Time it first."
    (table,) = tables(found)
    assert [cell.text for cell in table.rows[0]] == ["time it", "–", "42%", "$2.50"]
    assert table.rows[0][0].detail == "worth its cost; an hour"
    commands = [block.text for block in found.blocks if isinstance(block, Command)]
    assert [text.split()[:2] for text in commands] == [["planner", "next"]]
    assert "--draws=100" in commands[0]


def test_a_plan_that_does_not_exist_is_not_measured_for(planned: PlanAnswer) -> None:
    assert next_plan.section(planned.model_copy(update={"status": "infeasible"})) is None


def test_an_answer_s_page_has_the_title_and_the_sections_that_were_chosen() -> None:
    answer = sample_answer().model_copy(
        update={"title": "For the board", "sections": ("checks", "frontier", "answer")}
    )
    page = answer_page(answer)
    assert page.title == "For the board"
    assert page.strip[0] == ("Question", answer.question)
    # An answer has no frontier in dollars: what is not there is left out.
    assert [section.key for section in page.sections] == ["checks", "answer"]


def test_an_unsure_plan_has_an_open_headline(planned: PlanAnswer) -> None:
    for chance, tone in ((0.7, "open"), (0.9, "good")):
        found = planned.model_copy(update={"probability_beats_baseline": chance})
        assert plan_page(found).tone == tone


def test_a_sentence_about_the_plan_begins_with_a_capital() -> None:
    assert over_time.begun("the plan costs less.") == "The plan costs less."
    assert over_time.begun("llemma-7b costs less.") == "llemma-7b costs less."
