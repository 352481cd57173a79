"""The charts: readable ticks, honest lines, valid Vega-Lite."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_answer import LARGE, LARGE_MODEL, SMALL_MODEL, sample_answer

from planner.domain.pictured import AnswerCurve
from planner.report.charts import accuracy, flops, mix, over_time, parity, style, svg, volume


def two_points() -> AnswerCurve:
    """Measured at 1 and 256 only, with the bend between assumed."""
    points = [
        (1, 0.28, "measured"),
        (4, 0.31, "interpolated"),
        (16, 0.33, "interpolated"),
        (64, 0.36, "interpolated"),
        (256, 0.38, "measured"),
        (512, 0.39, "extrapolated"),
    ]
    return AnswerCurve.model_validate(
        {
            "label": "x", "side": 0, "bucket": "all", "far_gaps": [(1, 256)],
            "points": [
                {"n_samples": n, "accuracy": a, "low": a - 0.03, "high": a + 0.03, "basis": b}
                for n, a, b in points
            ],
        }
    )  # fmt: skip


def specs() -> dict[str, style.Spec]:
    answer = sample_answer()
    whole = [c for c in answer.curves if c.bucket == "all" and len(c.points) > 1]
    lines = {o.label: volume.Line(o.label, o.side, 0) for o in answer.options}
    spans = [
        parity.Span("in all", "as accurate", 3.9, 2.0, 8.0),
        parity.Span("in all", "costs the same", 2.2, 1.7, None),
        parity.Span("hard", "as accurate", None, None, None, "not measured"),
    ]
    mixes = [mix.MixPoint(f"{s:g}", s, 1, 0.9 - 0.2 * s) for s in (0.0, 0.5, 1.0)]
    return {
        "accuracy": accuracy.accuracy_chart(whole, [accuracy.Level(1, 0.248, 0.216, 0.28)]),
        "far gap": accuracy.accuracy_chart([two_points()], []),
        "level alone": accuracy.accuracy_chart([], [accuracy.Level(0, 0.248, 0.216, 0.28)]),
        "parity": parity.parity_chart(spans, 0, (3.9, 2.2)),
        "volume": volume.volume_chart(answer.cost_by_volume, lines, 1e6),
        "over time": over_time.money_chart(
            [over_time.MoneyLine(0, (40.0, 45.0, 50.0)), over_time.MoneyLine(1, (0.0, 30.0, 60.0))],
            1.4,
        ),
        "mix": mix.share_chart(mixes, "level 1-3", 0.48, [0, 1]),
        "mixes": mix.mixes_chart(mixes),
        "flops": flops.flop_chart(
            answer.flop_frontier, {SMALL_MODEL: 0, LARGE_MODEL: 1}, LARGE
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return {
        name: svg.draw(spec, f"chart-{i}", name, "numbers")
        for i, (name, spec) in enumerate(specs().items())
    }


def texts(drawn_svg: str) -> list[str]:
    return [
        "".join(e.itertext()) for e in ET.fromstring(drawn_svg).iter() if e.tag.endswith("text")
    ]


def test_every_chart_is_valid_vega_lite() -> None:
    import altair as alt

    for spec in specs().values():
        alt.LayerChart.from_dict(spec, validate=True)


def test_money_and_volume_are_labelled_with_round_numbers(drawn: dict[str, str]) -> None:
    shown = texts(drawn["volume"])
    assert {"1k", "10k", "100k", "1M", "10M"} <= set(shown)
    assert {"$100", "$1k"} <= set(shown)
    assert "asked about" in shown


def test_doublings_are_labelled_whole(drawn: dict[str, str]) -> None:
    assert {"1", "4", "16", "64", "256", "1024"} <= set(texts(drawn["accuracy"]))


def test_each_label_stands_at_its_own_tick(drawn: dict[str, str]) -> None:
    root = ET.fromstring(drawn["volume"])
    at = {}
    for e in root.iter():
        if e.tag.endswith("text"):
            place = re.search(r"translate\(([-\d.]+),", e.attrib.get("transform", ""))
            at["".join(e.itertext())] = float(place[1]) if place else 0.0
    third = (at["1M"] - at["10k"]) / 2
    assert at["100k"] - at["10k"] == pytest.approx(third, abs=1.0)
    assert third == pytest.approx(style.WIDTH / 4, abs=1.0)


def dashes(spec: style.Spec) -> list[Any]:
    return [
        layer["mark"].get("strokeDash")
        for layer in spec["layer"]
        if layer["mark"]["type"] == "line"
    ]


def test_lines_are_dashed_beyond_the_data_and_dotted_between_far_points() -> None:
    assert dashes(specs()["accuracy"])[:2] == [[1, 0], [6, 4]]
    assert dashes(specs()["far gap"]) == [[1.5, 3.5], [6, 4]]


def test_a_far_gap_says_that_there_are_no_data(drawn: dict[str, str]) -> None:
    assert "interpolated, no data" in texts(drawn["far gap"])
    assert "interpolated, no data" not in texts(drawn["accuracy"])


def test_only_measured_points_are_drawn_as_points() -> None:
    spec = specs()["far gap"]
    (layer,) = [la for la in spec["layer"] if la["mark"]["type"] == "point"]
    assert [row["n"] for row in spec["datasets"][layer["data"]["name"]]] == [1, 256]


def test_a_parity_that_does_not_exist_says_why(drawn: dict[str, str]) -> None:
    assert "not measured" in texts(drawn["parity"])
    assert "3.9" in texts(drawn["parity"])


def test_ids_begin_with_the_charts_key_and_numbers_are_short(drawn: dict[str, str]) -> None:
    for i, markup in enumerate(drawn.values()):
        ids = re.findall(r'\bid="([^"]*)"', markup)
        assert all(name.startswith(f"chart-{i}-") for name in ids)
        assert set(re.findall(r"url\(#([^)]*)\)", markup)) <= set(ids)
        assert not re.search(r"\d\.\d{3,}", re.sub(r"<(title|desc).*?</\1>", "", markup))


def test_drawing_again_gives_the_same_bytes(drawn: dict[str, str]) -> None:
    for i, (name, spec) in enumerate(specs().items()):
        assert svg.draw(spec, f"chart-{i}", name, "numbers") == drawn[name]


def test_every_colour_of_the_charts_has_a_dark_one(drawn: dict[str, str], project: Any) -> None:
    sheet = (project / "reports" / "templates" / "page.css").read_text(encoding="utf-8")
    for markup in drawn.values():
        for paint, colour in re.findall(r'\b(fill|stroke)="(#[0-9a-f]+)"', markup):
            assert f'.chart [{paint}="{colour}"]' in sheet, (paint, colour)
    for colour in style.SIDES:
        assert f'.chart [fill="{colour}"]' in sheet
        assert f'.chart [stroke="{colour}"]' in sheet


@given(st.floats(1e-3, 1e9), st.floats(1.5, 1e7))
def test_log_axes_have_a_few_ticks_within_their_range(low: float, times: float) -> None:
    ticks = style.decades(low, low * times)
    assert all(low * 0.99 <= tick <= low * times * 1.01 for tick in ticks)
    assert len(ticks) <= 12
    assert ticks == sorted(set(ticks))


@given(st.floats(1e-4, 1.0))
def test_accuracy_axes_reach_above_the_data_in_a_few_steps(top: float) -> None:
    ticks = style.even_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top * 0.999
    assert 3 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1"), (512, "512"), (1024, "1024"), (1000, "1k"), (540_000, "540k"), (1e6, "1M"),
     (2.5e6, "2.5M"), (0.1, "0.1")],
)  # fmt: skip
def test_axis_numbers(number: float, text: str) -> None:
    assert style.short_count(number) == text


def test_letters_at_line_ends_do_not_touch() -> None:
    placed = style.apart([(0, 10.0), (1, 10.1), (2, 20.0)], 1.0)
    assert [side for side, _ in placed] == [0, 1, 2]
    assert [height for _, height in placed] == pytest.approx([10.0, 11.0, 20.0])


def test_letters_at_line_ends_stay_within_the_chart() -> None:
    placed = style.apart([(0, 9.0), (1, 9.2), (2, 9.9), (3, 1.0)], 1.0, 10.0)
    assert dict(placed) == {0: 8.0, 1: 9.0, 2: 10.0, 3: 1.0}


def only_point() -> AnswerCurve:
    """Measured at n = 16 only, by a method that takes samples."""
    point = {"n_samples": 16, "accuracy": 0.4, "low": 0.35, "high": 0.45, "basis": "measured"}
    return AnswerCurve.model_validate({"label": "x", "side": 1, "bucket": "all", "points": [point]})


def test_a_single_point_is_a_dot_with_its_interval_as_a_bar() -> None:
    spec = accuracy.accuracy_chart([two_points(), only_point()], [])
    (bar,) = [la for la in spec["layer"] if la["mark"]["type"] == "rule"]
    assert spec["datasets"][bar["data"]["name"]] == [{"n": 16, "accuracy": 0.35, "high": 0.45}]
    letters = [la for la in spec["layer"] if la["mark"].get("fontWeight") == "bold"]
    ends = [row for la in letters for row in spec["datasets"][la["data"]["name"]]]
    assert {row["text"]: row["n"] for row in ends} == {"A": 512, "B": 16}


def test_where_many_curves_cross_far_gaps_are_left_to_the_legend() -> None:
    drawn = svg.draw(accuracy.accuracy_chart([two_points()], [], noted=False), "k", "t", "a")
    assert "interpolated, no data" not in texts(drawn)


def test_an_accuracy_of_nothing_can_be_drawn() -> None:
    nothing = accuracy.Level(0, 0.0, 0.0, 0.0)
    drawn = svg.draw(accuracy.accuracy_chart([], [nothing]), "k", "t", "a")
    assert "0%" in texts(drawn)


def test_a_control_character_in_a_label_ends_the_process() -> None:
    # The renderer aborts at what no XML holds, which Python cannot catch.
    import altair as alt

    label = (
        alt.Chart(style.rows([{"name": "a\x1b]0;x\x07\uffff"}])).mark_text().encode(text="name:N")
    )
    drawn = svg.draw(style.layered([label], 100, 40), "k", "t\x1b", "a\x07")
    assert drawn.count(r"\x1b") == 2
    assert r"a\x1b]0;x\x07\uffff" in drawn
