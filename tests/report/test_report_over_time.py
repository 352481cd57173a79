"""CAPEX against OPEX on the page and in the terminal: every number is the answer's."""

from __future__ import annotations

import pytest
from sample_answer import LARGE, SMALL, sample_answer, sample_fields
from test_report_numbers import rows, section

from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.report import terminal
from planner.report.page import Cell, Pictures, Table
from planner.report.sections.over_time import section as over_time_section
from planner.report.sections.pages import answer_page, plan_page
from planner.units import format_usd


def tables(answer: Answer) -> list[Table]:
    made = over_time_section(answer.over_time)
    assert made is not None
    return [block for block in made.blocks if isinstance(block, Table)]


def test_capital_and_running_costs_stand_apart_and_add_up(page: str) -> None:
    found = rows(section(page, "over_time"))
    told = sample_answer().over_time
    assert told is not None
    assert found["Training, paid up front"] == ["$40,000", "$0"]
    for i, path in enumerate(told.paths):
        assert found["In all"][i] == format_usd(path.total_usd)
        low, high = path.present_usd_low, path.present_usd_high
        assert low is not None
        assert high is not None
        between = f"[{format_usd(low)} to {format_usd(high)}]"
        assert found["In all, worth today"][i] == f"{format_usd(path.present_usd)} {between}"


def test_a_break_even_shows_its_interval_its_draws_and_how_often_it_turns(page: str) -> None:
    found = rows(section(page, "over_time"))
    assert found["at a volume, queries a day"] == [
        "810k [300k to 4M; 3 times, first at 620k]", "90%", SMALL,
    ]  # fmt: skip
    assert found["after so many months, discounted"][0] == "18 [11 to beyond what was searched]"
    assert "at a rent, $ a GPU-hour" not in found
    assert section(page, "over_time").count("Both sides pay the rent of the same GPUs.") == 1


def test_months_show_what_is_paid_on_how_many_gpus(page: str) -> None:
    told = sample_answer().over_time
    assert told is not None
    first = told.by_month[0]
    found = rows(section(page, "over_time"))[first.begins]
    assert found[1].startswith(f"{format_usd(first.usd[0])} [{first.gpus[0]} GPUs; ")
    assert found[2].endswith(f"{format_usd(first.present_usd_so_far[1])} so far]")


def test_what_is_sunk_and_what_people_would_do_is_said(page: str) -> None:
    text = section(page, "over_time")
    assert "Taken as spent in any case and left out" in text
    assert "a tutor answers 95% correctly" in text


def test_every_picture_says_how_it_is_read_and_has_its_numbers() -> None:
    made = over_time_section(sample_answer().over_time)
    assert made is not None
    pictures = next(block for block in made.blocks if isinstance(block, Pictures))
    assert len(pictures.pictures) == 2
    for picture in pictures.pictures:
        assert picture.how_to_read
        assert SMALL in picture.alt
        assert LARGE in picture.alt
        assert picture.numbers.rows


def test_a_volume_that_stays_with_nothing_up_front_is_drawn_once() -> None:
    fields = sample_fields()["over_time"]
    for path in fields["paths"]:
        path["training_usd"] = 0.0
    for month in fields["by_month"]:
        month["queries_per_day"] = 1e6
    made = over_time_section(sample_answer(over_time=fields).over_time)
    assert made is not None
    pictures = next(block for block in made.blocks if isinstance(block, Pictures))
    assert [p.key for p in pictures.pictures] == ["chart-over-time"]


def test_an_answer_saved_before_costs_were_told_over_time_has_no_such_section() -> None:
    made = answer_page(sample_answer(over_time=None))
    assert "over_time" not in {s.key for s in made.sections}
    assert "volume" in {s.key for s in made.sections}


def test_the_section_stands_after_that_of_the_volume() -> None:
    keys = [s.key for s in answer_page(sample_answer()).sections]
    assert keys[keys.index("volume") + 1] == "over_time"


def test_the_page_of_a_plan_has_its_costs_over_time_too() -> None:
    fields = sample_fields()
    plan = PlanAnswer.model_validate(
        fields["best_plan"] | {"over_time": fields["over_time"], "human": fields["human"]}
    )
    keys = [s.key for s in plan_page(plan).sections]
    assert "over_time" in keys


def test_windows_are_told_in_words_beside_the_parities(page: str) -> None:
    assert f"No n at which {SMALL} wins on both." in section(page, "parity")
    assert "On level 1-3 alone: no n at which it wins." in section(page, "parity")


def test_the_last_points_of_an_option_have_a_price_or_a_reason() -> None:
    fields = sample_fields()
    fields["options"][0] |= {"last_point_usd_per_day": 31.0, "last_point_from_n": 2}
    fields["options"][1] |= {"last_point_from_n": 1}
    made = answer_page(sample_answer(**fields))
    (options,) = [s for s in made.sections if s.key == "options"]
    (table,) = [b for b in options.blocks if isinstance(b, Table)]
    row = next(r for r in table.rows if r[0].text == "Each of its last points, a day")
    assert row[1:] == (
        Cell("$31.00", "above n = 2"),
        Cell("–", "more samples brought none"),
        Cell("–", "no smaller n was measured"),
    )


def test_the_terminal_says_what_it_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_answer(sample_answer())
    said = " ".join(capsys.readouterr().out.split())
    assert "Over 24 months" in said
    assert "is paid back by 2028-07-01" in said
    assert "Both sides pay the rent" not in said, "what does not exist is for the page"
    assert "a tutor answers" in said
