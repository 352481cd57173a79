"""Reading of what is given to the verbs as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import InputError
from planner.pipeline.arguments import curve_families, model_sizes, sample_counts


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


def test_families_are_read_by_name_each_once() -> None:
    found = curve_families(["power_law, hill", "hill"])
    assert found is not None
    assert [family.name for family in found] == ["power_law", "hill"]
    assert curve_families([]) is None


def test_all_that_are_no_families_are_named_at_once() -> None:
    with pytest.raises(InputError, match="power_law") as refused:
        curve_families(["powerlaw,hill", "x"])
    assert [problem.value for problem in refused.value.problems] == ["powerlaw", "x"]


def test_only_the_families_named_are_in_play_and_the_file_says_so(tmp_path: Path) -> None:
    from planner import pipeline

    table = tmp_path / "obs.csv"
    rows = [
        f"m,majority_vote,q,all,{n},{a},500" for n, a in ((1, 0.4), (2, 0.42), (4, 0.47), (8, 0.5))
    ]
    header = "model,method,question_set,bucket,n_samples,accuracy,n_questions"
    table.write_text("\n".join([header, *rows]) + "\n")
    found = pipeline.fit([table], families=["hill", "log_linear,exponentiated_power_law"], draws=20)
    told = found.to_json()
    assert set(told["curves"][0]["weights"]) == {"hill", "log_linear"}
    assert [note["code"] for note in told["warnings"]].count("families_chosen") == 1
    free = pipeline.fit([table], draws=20).to_json()
    assert len(free["curves"][0]["weights"]) > 2
    assert "families_chosen" not in [note["code"] for note in free["warnings"]]
    with pytest.raises(InputError, match="none of them may describe m majority_vote"):
        pipeline.fit([table], families=["beta_binomial"], draws=20)
