"""A candidate on rows of probes costs what the same inputs cost it as draws."""

from __future__ import annotations

import numpy as np
import pytest

from planner.domain.draws import CENTRAL
from planner.options import Candidate
from planner.options.probed import probed, probed_supply
from planner.pipeline.solving import staged

HEAD = (
    "model,method,verifier,question_set,bucket,n_samples,accuracy,n_questions,params_b,"
    "verifier_params_b\n"
)
ROWS = """small,best_of_n,prm,set,easy,1,0.60,400,7,7
small,best_of_n,prm,set,easy,8,0.70,400,7,7
small,best_of_n,prm,set,hard,1,0.20,400,7,7
small,best_of_n,prm,set,hard,8,0.30,400,7,7
large,majority_vote,,set,easy,1,0.75,400,70,
large,majority_vote,,set,easy,4,0.78,400,70,
large,majority_vote,,set,hard,1,0.40,400,70,
large,majority_vote,,set,hard,4,0.44,400,70,
"""
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "3M queries/day"
prompt_tokens = [150, 400]
output_tokens = { easy = [200, 300], hard = [400, 900] }
[[workload.classes]]
name = "homework"
mix = { easy = 0.6, hard = 0.4 }
[[candidates]]
model = "small"
methods = ["best_of_n"]
verifier = "prm"
[[candidates]]
model = "large"
methods = ["majority_vote"]
[[supply]]
accelerator = "a100-80gb-sxm"
price = ["$1.5/h", "$3/h"]
engine_efficiency = [0.4, 0.75]
utilisation = [0.5, 0.8]
[[supply]]
kind = "owned"
accelerator = "a100-80gb-sxm"
count = 4
price = "$0.5/h"
[budget]
usd_per_day = 5000
"""
MIX = {"easy": 0.6, "hard": 0.4}


@pytest.fixture(scope="module")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> list[Candidate]:
    folder = tmp_path_factory.mktemp("probed")
    (folder / "obs.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (folder / "s.toml").write_text(SCENARIO, encoding="utf-8")
    table = staged(folder / "s.toml", None, 50, 0).table
    return list({id(e.candidate): e.candidate for e in table.entries}.values())


def test_rows_of_the_draws_themselves_cost_what_the_draws_do(candidates: list[Candidate]) -> None:
    assert {made.model for made in candidates} == {"small", "large"}
    for made in candidates:
        same = probed(made, lambda draws: draws, probed_supply(made.supply, lambda draws: draws))
        load, again = made.load([1.0, 4.0], MIX), same.load([1.0, 4.0], MIX)
        assert again == pytest.approx(load, rel=1e-12)
        usd = made.served(load, 3e6).usd_per_day
        assert same.served(again, 3e6).usd_per_day == pytest.approx(usd, rel=1e-12)
        assert same.on_fleet.batch == pytest.approx(made.on_fleet.batch)


def test_accuracies_are_those_of_the_middle_in_every_row(candidates: list[Candidate]) -> None:
    for made in candidates:
        same = probed(made, lambda draws: draws, probed_supply(made.supply, lambda draws: draws))
        middle = made.accuracy([1.0, 4.0], MIX)[CENTRAL]
        assert same.accuracy([1.0, 4.0], MIX) == pytest.approx(np.tile(middle, (51, 1)))


def test_an_input_at_an_end_moves_its_row_alone(candidates: list[Candidate]) -> None:
    made = candidates[0]
    tokens = made.output_tokens["hard"]

    def at(draws: np.ndarray) -> np.ndarray:
        rows = np.full(3, draws[CENTRAL])
        rows[2] = 2 * rows[2] if draws is tokens else rows[2]
        return rows

    load = probed(made, at, probed_supply(made.supply, at)).load([1.0], MIX)[:, 0]
    central = float(made.load([1.0], MIX)[CENTRAL, 0])
    assert load[:2] == pytest.approx([central, central])
    assert load[2] > central * 1.3
