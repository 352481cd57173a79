from __future__ import annotations

import datetime as dt
import json
import math
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import units

DAY = 86_400.0

READ = [
    (units.parse_count, "1M", 1e6),
    (units.parse_count, "1m", 1e6),
    (units.parse_count, "250k", 250e3),
    (units.parse_count, "250K", 250e3),
    (units.parse_count, "2.5bn", 2.5e9),
    (units.parse_count, "1.5e6", 1.5e6),
    (units.parse_count, "1E3", 1e3),
    (units.parse_count, "1,000,000", 1e6),
    (units.parse_count, "1_000", 1e3),
    (units.parse_count, "12", 12),
    (units.parse_count, ".5", 0.5),
    (units.parse_count, "2 million", 2e6),
    (units.parse_count, "  3\u00a0k ", 3e3),
    (units.parse_count, 7, 7),
    (units.parse_volume_per_day, "1M queries/day", 1e6),
    (units.parse_volume_per_day, "1m queries/day", 1e6),
    (units.parse_volume_per_day, "1M queries a day", 1e6),
    (units.parse_volume_per_day, "1M/day", 1e6),
    (units.parse_volume_per_day, "1M requests per day", 1e6),
    (units.parse_volume_per_day, "1,000,000 queries / day", 1e6),
    (units.parse_volume_per_day, "2 million questions each day", 2e6),
    (units.parse_volume_per_day, "5k queries daily", 5e3),
    (units.parse_volume_per_day, "40 qps", 40 * DAY),
    (units.parse_volume_per_day, "40qps", 40 * DAY),
    (units.parse_volume_per_day, "40 QPS", 40 * DAY),
    (units.parse_volume_per_day, "40 queries/s", 40 * DAY),
    (units.parse_volume_per_day, "2 requests per second", 2 * DAY),
    (units.parse_volume_per_day, "60 rpm", 60 * 1440),
    (units.parse_volume_per_day, "500/hour", 12_000),
    (units.parse_volume_per_day, "500 an hour", 12_000),
    (units.parse_volume_per_day, "70k/week", 10_000),
    (units.parse_volume_per_day, "36.5M/year", 1e5),
    (units.parse_volume_per_day, "30M/month", 30e6 * 12 / 365),
    (units.parse_usd, "$5k", 5e3),
    (units.parse_usd, "500", 500),
    (units.parse_usd, "2.50 USD", 2.5),
    (units.parse_usd, "USD 4", 4),
    (units.parse_usd, "US$3", 3),
    (units.parse_usd, "$1,200.50", 1200.5),
    (units.parse_usd, "5 dollars", 5),
    (units.parse_usd, "$3.1M", 3.1e6),
    (units.parse_usd_per_hour, "$2.50/h", 2.5),
    (units.parse_usd_per_hour, "$2.50/hr", 2.5),
    (units.parse_usd_per_hour, "2.5 $/hour", 2.5),
    (units.parse_usd_per_hour, "$2.50 per GPU-hour", 2.5),
    (units.parse_usd_per_hour, "$2.50/GPU/h", 2.5),
    (units.parse_usd_per_hour, "$2.50/h per GPU", 2.5),
    (units.parse_usd_per_hour, "2.5 USD an hour", 2.5),
    (units.parse_usd_per_hour, "2.5", 2.5),
    (units.parse_usd_per_hour, "$60/day", 2.5),
    (units.parse_usd_per_hour, "$730/month", 1.0),
    (units.parse_usd_per_mtok, "$0.60/Mtok", 0.6),
    (units.parse_usd_per_mtok, "$2.50 per million tokens", 2.5),
    (units.parse_usd_per_mtok, "$3/1M tokens", 3),
    (units.parse_usd_per_mtok, "$3 / M tokens", 3),
    (units.parse_usd_per_mtok, "$0.0025/1k tokens", 2.5),
    (units.parse_usd_per_mtok, "0.15", 0.15),
    (units.parse_usd_per_day, "$500/day", 500),
    (units.parse_usd_per_day, "$500 a day", 500),
    (units.parse_usd_per_day, "500", 500),
    (units.parse_usd_per_day, "$1/hour", 24),
    (units.parse_usd_per_day, "$15k/month", 15e3 * 12 / 365),
    (units.parse_usd_per_day, "$365k/year", 1000),
    (units.parse_params_b, "7B", 7),
    (units.parse_params_b, "0.5b", 0.5),
    (units.parse_params_b, "350M", 0.35),
    (units.parse_params_b, "1.5T", 1500),
    (units.parse_params_b, "7 billion parameters", 7),
    (units.parse_params_b, 34, 34),
    (units.parse_duration_days, "12 months", 365),
    (units.parse_duration_days, "1 year", 365),
    (units.parse_duration_days, "90 days", 90),
    (units.parse_duration_days, "2y", 730),
    (units.parse_duration_days, "36 hours", 1.5),
    (units.parse_seconds, "10 s", 10),
    (units.parse_seconds, "500ms", 0.5),
    (units.parse_seconds, "2 min", 120),
    (units.parse_seconds, "34.1 us", 34.1e-6),
    (units.parse_seconds, "1.5", 1.5),
    (units.parse_fraction, "66.2%", 0.662),
    (units.parse_fraction, "66.2 percent", 0.662),
    (units.parse_fraction, "0.662", 0.662),
    (units.parse_fraction, "100%", 1),
    (units.parse_tokens, "4k", 4000),
    (units.parse_tokens, "300", 300),
    (units.parse_tokens, "1.5M tokens", 1.5e6),
    (units.parse_flop, "1e14", 1e14),
    (units.parse_flop, "3.65e25 FLOP", 3.65e25),
    (units.parse_flop, "20 TFLOP", 20e12),
    (units.parse_flop, "2 EFLOPs", 2e18),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "text", "value"), READ)
def test_text_is_read_in_the_unit_of_the_parsers_name(
    parse: Callable[[str | float], float], text: str | float, value: float
) -> None:
    assert parse(text) == pytest.approx(value, rel=1e-12)


REFUSED = [
    (units.parse_count, "3MM", "ambiguous"),
    (units.parse_count, "-3", "negative"),
    (units.parse_count, "1,50", "commas group thousands"),
    (units.parse_count, "1,5000", "commas group thousands"),
    (units.parse_count, "1.000.000", "commas group thousands"),
    (units.parse_count, "1 000", "follows"),
    (units.parse_count, "1e999", "finite"),
    (units.parse_count, "nan", "begin with a number"),
    (units.parse_count, "", "empty"),
    (units.parse_count, "½", "begin with a number"),
    (units.parse_count, True, "not a number"),
    (units.parse_count, math.nan, "finite"),
    (units.parse_volume_per_day, "1M", "period"),
    (units.parse_volume_per_day, "1M queries", "period"),
    (units.parse_volume_per_day, "1M tokens/day", "period"),
    (units.parse_volume_per_day, "1M queries/m", "period"),
    (units.parse_volume_per_day, "1MM queries/day", "ambiguous"),
    (units.parse_usd, "€5", "begin with a number"),
    (units.parse_usd, "5 EUR", "follows"),
    (units.parse_usd, "$2,50", "commas group thousands"),
    (units.parse_usd_per_hour, "$2.50/m", "period"),
    (units.parse_usd_per_hour, "$2.50/query", "period"),
    (units.parse_usd_per_mtok, "$5/Mb", "number of tokens"),
    (units.parse_usd_per_mtok, "$5/day", "number of tokens"),
    (units.parse_usd_per_mtok, "$5/0 tokens", "no tokens"),
    (units.parse_usd_per_day, "$5/query", "period"),
    (units.parse_params_b, "7", "lacks B"),
    (units.parse_params_b, "8x7B", "follows"),
    (units.parse_duration_days, "12m", "not a unit of time"),
    (units.parse_duration_days, "12", "no unit"),
    (units.parse_seconds, "2m", "not a unit of time"),
    (units.parse_fraction, "66.2", "more than 1"),
    (units.parse_fraction, "120%", "more than 1"),
    (units.parse_fraction, 66.2, "more than 1"),
    (units.parse_tokens, "4k words", "follows"),
    (units.parse_flop, "989 TFLOP/s", "not a unit of work"),
]


@pytest.mark.parametrize(("parse", "text", "why"), REFUSED)
def test_what_is_not_understood_is_refused_with_what_was_seen_and_two_examples(
    parse: Callable[[str | float], float], text: str | float, why: str
) -> None:
    with pytest.raises(ValueError, match=r"write it like '.+' or '.+'") as caught:
        parse(text)
    assert repr(text) in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "parse", sorted({row[0] for row in READ}, key=lambda f: f.__name__), ids=lambda f: f.__name__
)
def test_the_two_examples_of_a_refusal_are_themselves_understood(
    parse: Callable[[str | float], float],
) -> None:
    with pytest.raises(ValueError, match="write it like") as caught:
        parse("?")
    for example in str(caught.value).split("write it like ")[1].split(" or "):
        assert parse(example.strip("'")) > 0


WRITTEN = [
    (units.format_usd, 0, "$0"),
    (units.format_usd, 0.0012, "$0.0012"),
    (units.format_usd, 0.5, "$0.50"),
    (units.format_usd, 2.5, "$2.50"),
    (units.format_usd, 99.96, "$100"),
    (units.format_usd, 412.3, "$412"),
    (units.format_usd, 41_200, "$41,200"),
    (units.format_usd, 540_000, "$540,000"),
    (units.format_usd, 999_999, "$1M"),
    (units.format_usd, 3.1e6, "$3.1M"),
    (units.format_usd, -2.5, "-$2.50"),
    (units.format_usd, 1e-9, "$1e-09"),
    (units.format_count, 250, "250"),
    (units.format_count, 4100, "4,100"),
    (units.format_count, 540_000, "540k"),
    (units.format_count, 999_999, "1M"),
    (units.format_count, 2.5e9, "2.5B"),
    (units.format_tokens, 1, "1 token"),
    (units.format_tokens, 300, "300 tokens"),
    (units.format_tokens, 128_000, "128k tokens"),
    (units.format_percent, 0.662, "66.2%"),
    (units.format_percent, 0.05, "5%"),
    (units.format_percent, 0.00012, "0.012%"),
    (units.format_percent, -0.05, "-5%"),
    (units.format_seconds, 34.1e-6, "34.1 us"),
    (units.format_seconds, 0.5, "500 ms"),
    (units.format_seconds, 12.34, "12.3 s"),
    (units.format_seconds, 150, "2.5 min"),
    (units.format_seconds, 10_800, "3 h"),
    (units.format_seconds, 4 * DAY, "4 days"),
    (units.format_flop, 14.2e12, "14.2 TFLOP"),
    (units.format_flop, 3.65e25, "3.65e25 FLOP"),
]


@pytest.mark.parametrize(("write", "value", "text"), WRITTEN)
def test_numbers_are_written_as_a_reader_expects(
    write: Callable[[float], str], value: float, text: str
) -> None:
    assert write(value) == text


POSITIVE = st.floats(min_value=1e-5, max_value=9e14)
PAIRS = [
    (units.format_usd, units.parse_usd),
    (units.format_count, units.parse_count),
    (units.format_tokens, units.parse_tokens),
    (units.format_flop, units.parse_flop),
    (units.format_seconds, units.parse_seconds),
]


@pytest.mark.parametrize(("write", "parse"), PAIRS)
@given(x=POSITIVE, digits=st.integers(2, 6))
def test_what_is_written_reads_back_to_the_digits_shown(
    write: Callable[[float, int], str], parse: Callable[[str], float], x: float, digits: int
) -> None:
    assert parse(write(x, digits)) == pytest.approx(x, rel=0.5001 * 10 ** (1 - digits))


@given(x=st.floats(min_value=0, max_value=1))
def test_a_percentage_reads_back_within_half_its_last_digit(x: float) -> None:
    assert units.parse_fraction(units.format_percent(x)) == pytest.approx(x, abs=0.0005001)


@pytest.mark.parametrize(("write", "parse"), PAIRS)
@given(x=POSITIVE, ratio=st.floats(min_value=1, max_value=20))
def test_a_greater_number_is_never_written_as_a_smaller_one(
    write: Callable[[float], str], parse: Callable[[str], float], x: float, ratio: float
) -> None:
    low, high = parse(write(x)), parse(write(x * ratio))
    assert low <= high * (1 + 1e-12)


@given(x=st.floats(allow_nan=False, allow_infinity=False), digits=st.integers(1, 15))
def test_rounding_keeps_the_digits_asked_for_and_is_idempotent(x: float, digits: int) -> None:
    rounded = units.significant(x, digits)
    assert rounded == pytest.approx(x, rel=0.5001 * 10.0 ** (1 - digits), abs=1e-320)
    assert units.significant(rounded, digits) == rounded


def test_json_floats_have_nine_digits_and_negative_zero_is_zero() -> None:
    made = units.jsonable({"a": [1 / 3, -0.0, 7, True, None, "x"], "when": dt.date(2026, 1, 2)})
    assert json.dumps(made) == (
        '{"a": [0.333333333, 0.0, 7, true, null, "x"], "when": "2026-01-02"}'
    )


def test_json_takes_arrays_and_their_scalars() -> None:
    np = pytest.importorskip("numpy")
    made = units.jsonable({"x": np.array([1.0, 2.5]), "n": np.int64(3), "b": np.bool_(1)})
    assert made == {"x": [1.0, 2.5], "n": 3, "b": True}
    assert type(made["n"]) is int
    assert units.jsonable(np.float64(0.1)) == 0.1
    assert type(units.jsonable(np.float64(0.1))) is float


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_json_refuses_what_is_not_finite_and_names_the_place(bad: float) -> None:
    with pytest.raises(ValueError, match=r"options\[1\]\.accuracy is"):
        units.jsonable({"options": [{"accuracy": 0.5}, {"accuracy": bad}]})
    with pytest.raises(ValueError, match="null"):
        units.significant(bad)


@pytest.mark.parametrize("bad", [{1, 2}, b"bytes", object(), {1: 2}])
def test_json_refuses_what_has_no_fixed_form(bad: object) -> None:
    with pytest.raises(TypeError):
        units.jsonable(bad)


def test_a_year_is_twelve_months_and_a_month_is_730_hours() -> None:
    assert pytest.approx(units.DAYS_PER_YEAR) == units.DAYS_PER_MONTH * units.MONTHS_PER_YEAR
    assert pytest.approx(730) == units.DAYS_PER_MONTH * units.HOURS_PER_DAY
    assert units.JOULES_PER_KWH == 3.6e6


def test_units_load_no_numerics() -> None:
    code = "import planner.units, sys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        '\u00e9 "quoted"\n',
        {"a": [1 / 3, -0.0, 7, True, None, "x", 1e300, []], "b": {"c": {}, "d": [[1], [2.5, {}]]}},
        [dt.date(2026, 1, 2), (1, 2), False, 10**20],
    ],
)
def test_json_text_is_what_the_standard_library_writes(value: object) -> None:
    made = units.json_text(value)
    assert made == json.dumps(units.jsonable(value), indent=2, ensure_ascii=False)


def test_json_text_has_no_place_for_nan() -> None:
    with pytest.raises(ValueError, match=r"a\.b"):
        units.json_text({"a": {"b": math.nan}})


def test_an_endless_space_in_a_price_is_read_for_hours() -> None:
    endless = " " * 10**6
    assert units.parse_usd_per_hour(f"$2 /{endless}hour") == 2
    with pytest.raises(ValueError, match="not"):
        units.parse_usd_per_hour(f"1 query per {endless}day")
