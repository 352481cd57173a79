"""The page of a plan: its order, its tiles, what changes, the frontier, checks, data, escaping."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_report_page import PAYLOADS, Reader, poisoned, words

from planner.domain.plan import Assumption, Caution, FrontierPoint, Knee, PlanAnswer
from planner.report.formats import html
from planner.report.page import Pictures, Tiles
from planner.report.sections import changes, checks, frontier
from planner.report.sections.pages import plan_page
from planner.report.sections.plan_tiles import plan_tiles

FIXED = frozenset({
    "schema", "status", "objective", "basis", "paid", "judged", "block", "criterion", "kind",
    "date", "prices_as_of", "begins", "median_date", "low_date", "high_date", "risk", "of", "start",
    "optimism_by", "solver",
})  # fmt: skip


@pytest.fixture(scope="module")
def made(planned: PlanAnswer) -> str:
    return html.render(planned)


def test_a_plan_s_page_is_read_from_the_answer_to_how_it_is_made_again(made: str) -> None:
    assert re.findall(r'<section id="([^"]*)"', made) == [
        *("answer", "what-if", "plan", "changes", "curves", "frontier", "over_time"),
        *("why", "next", "checks", "assumptions", "quality", "words", "sources"),
    ]


def test_the_headline_says_what_to_do_what_it_costs_and_how_sure_it_is(planned: PlanAnswer) -> None:
    headline = plan_page(planned).headline
    assert headline.startswith("Answer with ")
    assert "% correct for $" in headline
    assert headline.endswith("%.")
    assert "with a probability of" in headline


def test_tiles_are_coloured_by_good_and_bad_not_by_sign(planned: PlanAnswer) -> None:
    base = planned.baseline
    assert base is not None
    worse = base.model_copy(
        update={"accuracy": 0.9, "cost_usd_per_day": 1.0, "cost_usd_per_correct": 1e-9,
                "latency_p95_s": 1e9}
    )  # fmt: skip
    tones = {t.label: t.tone for t in plan_tiles(planned.model_copy(update={"baseline": worse}))}
    assert tones["Accuracy"] == tones["Cost a day"] == tones["Cost a correct answer"] == "bad"
    assert tones["95% answered within"] == "good"
    assert len(tones) == 5
    for tile in plan_tiles(planned)[:4]:
        assert "baseline" in tile.detail


def test_an_unsure_plan_is_not_shown_as_a_win(planned: PlanAnswer) -> None:
    unsure = planned.model_copy(update={"probability_beats_baseline": 0.6})
    assert plan_tiles(unsure)[-1].tone == "open"
    first = plan_page(unsure).sections[0].blocks[0]
    assert isinstance(first, Tiles)


def test_the_waterfalls_lead_from_today_to_the_plan(planned: PlanAnswer) -> None:
    base = planned.baseline
    assert base is not None
    rows = planned.changes
    before = sum(row.usd_per_day_before for row in rows)
    after = sum(row.usd_per_day_after for row in rows) + (planned.fixed_usd_per_day or 0.0)
    assert before == pytest.approx(base.cost_usd_per_day)
    assert after == pytest.approx(planned.cost_usd_per_day)
    queries = planned.queries_per_day
    right = sum(row.accuracy_after * row.queries_per_day for row in rows) / (queries or 1)
    assert right - (planned.optimism or 0) == pytest.approx(planned.accuracy)
    drawn = changes.section(planned)
    assert drawn is not None
    pictures = drawn.blocks[0]
    assert isinstance(pictures, Pictures)
    first, last = pictures.pictures[0].numbers.rows[0], pictures.pictures[0].numbers.rows[-1]
    assert (first[0].text, last[0].text) == ("Today", "The plan")


def point(usd: float, accuracy: float) -> FrontierPoint:
    return FrontierPoint(
        budget_usd_per_day=usd,
        accuracy=accuracy,
        accuracy_low=accuracy - 0.01,
        accuracy_high=accuracy + 0.01,
        cost_usd_per_day=usd,
    )


def test_knees_are_marked_at_what_they_spend() -> None:
    points = [point(100, 0.1), point(200, 0.3), point(300, 0.45)]
    knee = Knee(budget_usd_per_day=200, accuracy=0.3, accuracy_per_usd_per_day=0.0015, options=())
    assert frontier.knees(points, [knee]) == [1]
    assert frontier.knees(points, []) == []


def test_budgets_that_buy_nothing_new_are_left_out() -> None:
    points = [point(300, 0.4), point(100, 0.1), point(200, 0.1), point(400, 0.4)]
    assert [p.cost_usd_per_day for p in frontier.distinct(points)] == [100, 300]


def test_the_frontier_tells_what_one_more_point_costs(made: str) -> None:
    text = words(made)
    assert "One more point from here" in text
    assert "nothing more can be bought" in text


def test_a_plan_names_keys_of_its_scenario_and_no_options_of_a_command(made: str) -> None:
    section = re.search(r'<section id="assumptions".*?</section>', made, re.DOTALL)
    assert section is not None
    said = words(section[0])
    assert "key of the scenario" in said
    assert "[workload] prompt_tokens" in said
    assert "[[supply]] price" in said
    assert "--" not in said


def test_a_number_older_than_the_prices_is_flagged_and_counted(planned: PlanAnswer) -> None:
    def dated(date: str | None) -> Assumption:
        return Assumption(name="x", value=1.0, unit="u", source="s", date=date)

    old, fresh = dated("2026-01-01"), dated("2026-11-01")
    assert checks.stale_days(old, "2026-11-28") == 331
    assert checks.stale_days(fresh, "2026-11-28") is None
    assert checks.stale_days(old, None) is None
    rows = {"assumptions": (old, fresh, dated(None)), "prices_as_of": "2026-11-28"}
    row = checks.stale_row(planned.model_copy(update=rows))
    assert row[0].detail is not None
    assert row[0].detail.startswith("1 of 2 dated numbers were read over 90 days before")
    assert row[1].text == checks.LOOK


@pytest.mark.parametrize("code", ["stale_price", "stale_prices"])
def test_nothing_is_called_fresh_beside_a_warning_of_old_prices(
    code: str, planned: PlanAnswer
) -> None:
    assert checks.stale_row(planned)[1].text == checks.GOOD
    warned = planned.model_copy(update={"warnings": (Caution(code=code, message="old"),)})
    row = checks.stale_row(warned)
    assert row[1].text == checks.LOOK
    assert "prices are old" in str(row[0].detail)


def test_a_check_is_told_once_and_one_that_failed_is_told(planned: PlanAnswer) -> None:
    text = words(html.render(planned))
    assert text.count("Checked from") + text.count("Checked in fractions") == 1
    failed = planned.model_copy(update={"feasibility": "Broken: GPUs: 9 over 8"})
    assert "Broken: GPUs: 9 over 8" in words(html.render(failed))


def test_the_time_of_a_plan_and_its_baseline_says_at_which_load(made: str) -> None:
    beside = words(made).split("The plan beside its baseline")[1]
    assert "95% answered within at the mean load" in beside[:900]


def test_a_broken_requirement_is_not_passed_over(planned: PlanAnswer) -> None:
    assert planned.checked is not None
    broken = planned.checked.model_copy(update={"ok": False, "broken": ("budget of $1 is passed",)})
    text = words(html.render(planned.model_copy(update={"checked": broken})))
    assert "budget of $1 is passed ✗ broken" in text


def test_the_page_names_the_rows_read_the_digests_and_the_command(
    made: str, planned: PlanAnswer
) -> None:
    assert planned.made is not None
    (file,) = planned.made.data
    assert file.rows >= file.rows_used > 0
    text = words(made)
    for part in (file.sha256, str(file.rows), planned.made.command, "Maths tutor", "Seed 0"):
        assert part in text


def test_no_text_of_a_plan_becomes_markup(made: str, planned: PlanAnswer) -> None:
    payload = " ".join(PAYLOADS)
    fields = poisoned(planned.model_dump(mode="json", by_alias=True), payload, FIXED)
    read = Reader(html.render(PlanAnswer.model_validate(fields)))
    plain = Reader(made)
    assert read.open == []
    for tag in ("script", "img", "style", "svg", "section", "figure", "table", "title", "input"):
        count = [t for t, _ in plain.elements].count(tag)
        assert [t for t, _ in read.elements].count(tag) == count, tag
    assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]
    assert payload in "".join(read.texts)


def test_scripts_in_labels_do_not_run_in_the_sliders(
    browser: Any, planned: PlanAnswer, tmp_path: Any
) -> None:
    payload = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    fields = poisoned(planned.model_dump(mode="json", by_alias=True), payload, FIXED)
    file = tmp_path / "page.html"
    file.write_text(html.render(PlanAnswer.model_validate(fields)), encoding="utf-8")
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("dialog", lambda dialog: complaints.append(dialog.message))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(file.as_uri())
    tab.evaluate(
        """document.querySelectorAll('#sliders input').forEach(s => {
        s.value = s.max; s.dispatchEvent(new Event('input')); })"""
    )
    assert payload in tab.locator("#live-verdict").inner_text()
    assert tab.locator("img").count() == 0
    assert tab.locator("script").count() == 2
    assert complaints == []
    tab.close()
