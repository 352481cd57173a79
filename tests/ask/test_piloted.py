"""Pilots as they are written and measured: each query counts once, for what it is a sample of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.ask.piloted import shifts_of
from planner.domain.draws import Draws
from planner.errors import InputError
from planner.options.transferred import Piloted
from planner.pipeline.solving import staged

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions\n"
ROWS = """small,majority_vote,set,easy,1,0.70,300
small,majority_vote,set,easy,4,0.78,300
small,majority_vote,set,hard,1,0.30,300
small,majority_vote,set,hard,4,0.38,300
large,greedy,set,easy,1,0.82,300
large,greedy,set,hard,1,0.52,300
"""
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "1M queries/day"
prompt_tokens = 300
output_tokens = 300
[[workload.classes]]
name = "help desk"
mix = { easy = 0.75, hard = 0.25 }
[[candidates]]
model = "small"
methods = ["majority_vote"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = "$3/h"
[budget]
usd_per_day = 1000
[transfer]
pilot = "PILOT"
"""


def seen(folder: Path, pilot: str, name: str = "pilot.csv") -> tuple[Piloted, ...]:
    sizes = {"small": 7, "large": 30}
    sized = [f"{row},{sizes[row.split(',')[0]]}" for row in ROWS.splitlines()]
    head = HEAD.replace("\n", ",params_b\n")
    (folder / "obs.csv").write_text(head + "\n".join(sized) + "\n", encoding="utf-8")
    (folder / name).write_text(HEAD + pilot, encoding="utf-8")
    (folder / "s.toml").write_text(SCENARIO.replace("PILOT", name), encoding="utf-8")
    stage = staged(folder / "s.toml", None, 50, 0)
    return shifts_of(stage.scenario, stage.table, Draws(50, 0)).pilot


def test_a_row_of_a_bucket_is_held_against_that_bucket_and_one_of_the_class_against_its_mix(
    tmp_path: Path,
) -> None:
    easy, hard = seen(
        tmp_path,
        "large,greedy,help desk,easy,1,0.80,200\nlarge,greedy,help desk,hard,1,0.40,100\n",
    )
    assert easy.benchmark[0] == pytest.approx(0.82)
    assert hard.benchmark[0] == pytest.approx(0.52)
    (whole,) = seen(tmp_path, "large,greedy,help desk,all,1,0.60,300\n")
    assert whole.benchmark[0] == pytest.approx(0.75 * 0.82 + 0.25 * 0.52)
    votes, _ = seen(
        tmp_path,
        "small,majority_vote,help desk,easy,4,0.80,200\nlarge,greedy,help desk,all,1,0.6,200\n",
    )
    assert votes.benchmark[0] == pytest.approx(0.78)


def test_queries_that_stand_in_several_rows_count_once(tmp_path: Path) -> None:
    """As `planner measure` writes a log of four samples in two buckets, and the whole beside it."""
    measured = """small,sampled,help desk,easy,1,0.6,200
small,oracle_best_of_n,help desk,easy,4,0.9,200
small,majority_vote,help desk,easy,1,0.6,200
small,majority_vote,help desk,easy,4,0.7,200
small,majority_vote,help desk,hard,4,0.2,100
small,majority_vote,help desk,all,4,0.53,300
large,greedy,help desk,all,1,0.6,300
"""
    found = seen(tmp_path, measured)
    assert [(one.option[0], one.accuracy, one.questions) for one in found] == [
        ("small", 0.7, 200.0), ("small", 0.2, 100.0), ("large", 0.6, 300.0),
    ]  # fmt: skip
    # Another number of queries is of others.
    more = measured + "small,majority_vote,help desk,easy,2,0.5,50\n"
    assert [one.questions for one in seen(tmp_path, more)] == [200.0, 100.0, 300.0, 50.0]
    assert np.isfinite([one.variance for one in found]).all()


def test_what_no_option_of_the_scenario_does_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no option here"):
        seen(tmp_path, "large,sampled,help desk,all,1,0.6,200\n")


@pytest.mark.parametrize("name", ["pilot.jsonl", "pilot.eval", "PILOT.PARQUET"])
def test_logs_are_refused_with_the_command_that_makes_observations_of_them(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match=f"planner measure {name} --question-set 'help desk'"):
        seen(tmp_path, "", name)
