"""Reading of what is given to the verbs as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import InputError
from planner.pipeline.arguments import model_sizes, sample_counts


def test_sample_counts_come_ascending_and_once() -> None:
    assert sample_counts("64, 1,8 8") == (1, 8, 64)


@pytest.mark.parametrize("text", ["0", "x", "1.5", "-1", "", "\u00b2", "9" * 13])
def test_what_is_no_number_of_samples_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--at"):
        sample_counts(text)


def test_all_wrong_counts_are_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        sample_counts("1,x,0,10000000000000")
    assert len(refused.value.problems) == 3
    assert "more than 1,000,000,000,000 samples" in str(refused.value)


def test_sizes_are_billions_ascending_and_numbers_pass() -> None:
    assert model_sizes(["13B", "350M", 7, "13b"], extrapolate=False) == (0.35, 7.0, 13.0)


@pytest.mark.parametrize("size", ["13", "0B", "-7B", "nan", "infB", 0, float("inf"), float("nan")])
def test_what_is_no_size_is_refused(size: str | float) -> None:
    with pytest.raises(InputError, match="not a model size"):
        model_sizes([size], extrapolate=False)


def test_a_scenario_may_be_named_by_text_as_well_as_by_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import planner
    from planner import pipeline
    from planner.ingest.template import init_scenario

    init_scenario(tmp_path)
    monkeypatch.chdir(tmp_path)
    plans = [
        verb(named, draws=10, for_page=False)
        for verb in (planner.solve, pipeline.solve)
        for named in ("scenario.toml", Path("scenario.toml"))
    ]
    assert len({plan.cost_usd_per_day for plan in plans}) == 1
    assert len({plan.made.command for plan in plans if plan.made}) == 1
    found = pipeline.frontier("scenario.toml", points=2, draws=10)
    assert found.points == planner.frontier(Path("scenario.toml"), points=2, draws=10).points
