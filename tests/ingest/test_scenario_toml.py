"""Scenario TOML: what it means, what is refused and where, and the folder of `planner init`."""

from __future__ import annotations

import json
import random
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.scenario import Scenario
from planner.errors import InputError, Problem
from planner.ingest._toml_lines import key_lines
from planner.ingest.cards import load_cards
from planner.ingest.observations_csv import read_observations
from planner.ingest.scenario import LATER_KEYS, read_scenario
from planner.ingest.template import WRITTEN, init_scenario

SMALLEST = """\
[workload]
volume = "1M queries/day"
[[candidates]]
model = "a-7b"
methods = ["greedy"]
[[supply]]
accelerator = "h100-sxm"
"""

FULL = """\
schema = "planner.scenario/1"
title = "Maths tutor, 2027"
[data]
observations = ["obs.csv", "more/obs.csv"]
[workload]
volume = "40 qps"
prompt_tokens = { "level 1-3" = 200, all = [150, 300] }
output_tokens = [250, 300, 350]
peak_to_mean = 3
[[workload.classes]]
name = "homework"
share = 0.75
mix = { "level 1-3" = 0.48, "level 4-5" = 0.52 }
min_accuracy = "40%"
max_latency_p95_s = "30 s"
allow = ["a-7b"]
[[workload.classes]]
name = "exams"
share = 0.25
mix = { "level 4-5" = 1.0 }
forbid = ["a-7b"]
[[candidates]]
model = "a-7b"
methods = ["greedy", "majority_vote", "weighted_vote"]
verifier = "a-7b-prm"
samples = [1, 2, 4]
[[candidates]]
model = "b-34b"
methods = ["greedy"]
[[supply]]
accelerator = "h100-sxm"
price = ["$2/h", "$3/h"]
kind = "reserved"
engine_efficiency = [0.35, 0.8]
utilisation = "70%"
min_replicas = 3
count = 64
[router]
signal = "none"
[baseline]
option = "34B greedy"
[objective]
kind = "cost"
[budget]
usd_per_day = "$15k/month"
flop_per_day = "1e20"
gpus = 32
[constraints]
max_models = 2
whole = true
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "scenario.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name in ("obs.csv", "more/obs.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return path


def read(folder: Path, text: str | bytes) -> Scenario:
    return read_scenario(write(folder, text))


def problems(folder: Path, text: str | bytes) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return list(caught.value.problems)


def only(folder: Path, text: str | bytes) -> Problem:
    found = problems(folder, text)
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


# What it means


def test_a_key_of_the_format_means_something_else(tmp_path: Path) -> None:
    s = read(tmp_path, FULL)
    assert s.title == "Maths tutor, 2027"
    assert s.data.observations == (tmp_path / "obs.csv", tmp_path / "more" / "obs.csv")
    assert s.workload.queries_per_day == pytest.approx(40 * 86_400)
    assert s.workload.prompt_tokens["level 1-3"].exact
    assert s.workload.prompt_tokens["all"].low == 150
    tokens = s.workload.output_tokens["all"]
    assert (tokens.low, tokens.value, tokens.high) == (250, 300, 350)
    assert s.workload.peak_to_mean == 3
    homework, exams = s.workload.classes
    assert homework.mix == {"level 1-3": 0.48, "level 4-5": 0.52}
    assert (homework.min_accuracy, homework.max_latency_p95_s) == (0.4, 30)
    assert (homework.allow, exams.forbid) == (("a-7b",), ("a-7b",))
    assert s.candidates[0].samples == (1, 2, 4)
    assert s.candidates[1].samples is None
    (supply,) = s.supply
    assert supply.usd_per_gpu_hour is not None
    assert (supply.usd_per_gpu_hour.low, supply.usd_per_gpu_hour.high) == (2, 3)
    assert supply.utilisation is not None
    assert supply.utilisation.value == pytest.approx(0.7)
    assert (supply.min_replicas, supply.count, supply.kind) == (3, 64, "reserved")
    assert s.router.signal == "none"
    assert s.baseline is not None
    assert s.baseline.option == "34B greedy"
    assert s.objective.kind == "cost"
    assert s.budget.usd_per_day == pytest.approx(15_000 * 12 / 365)
    assert (s.budget.flop_per_day, s.budget.gpus) == (1e20, 32)
    assert (s.constraints.max_models, s.constraints.whole) == (2, True)


def test_a_default_is_made_up_where_the_stated_one_should_stand(tmp_path: Path) -> None:
    s = read(tmp_path, SMALLEST)
    assert s.data.observations == ()
    assert s.workload.prompt_tokens == {}
    assert s.workload.peak_to_mean is None
    assert [(c.name, c.share, c.mix) for c in s.workload.classes] == [("all", 1, {"all": 1})]
    assert s.supply[0].engine_efficiency is None
    assert s.supply[0].usd_per_gpu_hour is None
    assert (s.objective.kind, s.router.signal, s.baseline) == ("accuracy", "level", None)


@pytest.mark.parametrize("text", [SMALLEST, FULL])
def test_a_scenario_does_not_survive_a_plan_file(tmp_path: Path, text: str) -> None:
    scenario = read(tmp_path, text)
    saved = json.dumps(scenario.model_dump(mode="json", by_alias=True))
    assert Scenario.model_validate(json.loads(saved)) == scenario


def test_an_api_needs_an_accelerator_or_a_price(tmp_path: Path) -> None:
    (supply,) = read(tmp_path, SMALLEST.replace('accelerator = "h100-sxm"', 'kind = "api"')).supply
    assert (supply.kind, supply.accelerator, supply.usd_per_gpu_hour) == ("api", None, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_encoding_of_windows_editors_is_refused(tmp_path: Path, encoding: str) -> None:
    text = FULL.replace("\n", "\r\n")
    assert read(tmp_path, text.encode(encoding)) == read(tmp_path, FULL)


# What is refused, and where

CLASS = '[[workload.classes]]\nname = "x"\n'
BROKEN = {
    "misspelt key": ('volume = "1M', 'volum = "1M', 2, "workload.volum", "volume?"),
    "misspelt table": ("[[supply]]", "[[suply]]", 6, "suply", "supply?"),
    "volume without period": ("1M queries/day", "1M", 2, "workload.volume", "1M queries/day"),
    "no volume at all": ('"1M queries/day"', "0", 2, "workload.volume", ""),
    "endless volume": ('"1M queries/day"', "inf", 2, "workload.volume", "1M queries/day"),
    "volume of no number": ('"1M queries/day"', "true", 2, "workload.volume", "one number"),
    "unknown method": ('"greedy"', '"gredy"', 5, "candidates[0].methods", "greedy?"),
    "coverage": ('"greedy"', '"oracle_best_of_n"', 5, "candidates[0].methods", "best_of_n"),
    "no method": ('["greedy"]', "[]", 5, "candidates[0].methods", '["greedy", '),
    "bare method": ('["greedy"]', '"greedy"', 5, "candidates[0].methods", "brackets"),
    "verifier left out": ('"greedy"', '"best_of_n"', 3, "candidates[0]", "verifier ="),
    "idle verifier": ('methods = ["greedy"]', 'methods = ["greedy"]\nverifier = "v"', 3,
                      "candidates[0]", "weighted_vote"),
    "no sample": ('methods = ["greedy"]', 'methods = ["greedy"]\nsamples = [1, 0]', 6,
                  "candidates[0].samples[1]", ""),
    "true sample": ('methods = ["greedy"]', 'methods = ["greedy"]\nsamples = [true]', 6,
                    "candidates[0].samples[0]", ""),
    "price of a month": ('"h100-sxm"', '"h100-sxm"\nprice = "$2.50 per token"', 8,
                         "supply[0].price", "$2.50/h"),
    "price for nothing": ('"h100-sxm"', '"h100-sxm"\nprice = 0', 8, "supply[0].price", ""),
    "price upside down": ('"h100-sxm"', '"h100-sxm"\nprice = [3, 2]', 8, "supply[0].price", ""),
    "price of five": ('"h100-sxm"', '"h100-sxm"\nprice = [1,2,3,4,5]', 8, "supply[0].price",
                      ""),
    "price of a word": ('"h100-sxm"', '"h100-sxm"\nprice = [1, [2]]', 8, "supply[0].price", ""),
    "owned for nothing": ('"h100-sxm"', '"h100-sxm"\nkind = "owned"', 6, "supply[0]", "price ="),
    "unknown kind": ('"h100-sxm"', '"h100-sxm"\nkind = "ondemand"', 8, "supply[0].kind",
                     '"on-demand"?'),
    "utilisation in percent": ('"h100-sxm"', '"h100-sxm"\nutilisation = 70', 8,
                               "supply[0].utilisation", "66.2%"),
    "efficiency up to 1": ('"h100-sxm"', '"h100-sxm"\nengine_efficiency = [0.5, 1]', 8,
                           "supply[0].engine_efficiency", "0.99"),
    "no accelerator": ('accelerator = "h100-sxm"', "count = 8", 6, "supply[0]", "h100-sxm"),
    "machines of an API": ('"h100-sxm"', '"h100-sxm"\nkind = "api"', 6, "supply[0]", ""),
    "mix below 1": ("[[candidates]]", CLASS + "mix = { a = 0.5 }\n[[candidates]]", 5,
                    "workload.classes[0].mix", "correct"),
    "shares above 1": ("[[candidates]]", CLASS + CLASS.replace("x", "y") + "[[candidates]]", 3,
                       "workload.classes", "correct"),
    "two of a name": ("[[candidates]]", (CLASS + "share = 0.5\n") * 2 + "[[candidates]]", 3,
                      "workload.classes", "of its own"),
    "tokens of no bucket": ("[[candidates]]", "prompt_tokens.hrad = 5\n[[candidates]]", 1,
                            "workload", "correct"),
    "negative tokens": ("[[candidates]]", "prompt_tokens = -5\n[[candidates]]", 3,
                        "workload.prompt_tokens", "300 tokens"),
    "calm peak": ("[[candidates]]", "peak_to_mean = 0.5\n[[candidates]]", 3,
                  "workload.peak_to_mean", ""),
    "later schema": ("[workload]", 'schema = "planner.scenario/9"\n[workload]', 1, "schema", ""),
    "whole as text": ("[workload]", '[constraints]\nwhole = "yes"\n[workload]', 2,
                      "constraints.whole", ""),
    "table for a list": ("[[candidates]]", "[candidates]", 3, "candidates", "brackets"),
    "number for a table": ("[workload]", "router = 3\n[workload]", 1, "router", "[router]"),
    "lost observations": ("[workload]", '[data]\nobservations = ["osb.csv"]\n[workload]', 2,
                          "data.observations[0]", "obs.csv?"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_key_is_accepted_or_its_line_is_wrong(tmp_path: Path, broken: str) -> None:
    old, new, line, key, remedy = BROKEN[broken]
    assert SMALLEST.count(old) == 1
    found = problems(tmp_path, SMALLEST.replace(old, new))
    problem = next(p for p in found if p.where.endswith(f": {key}"))
    assert problem.where == f"{tmp_path / 'scenario.toml'}:{line}: {key}"
    assert remedy in (problem.remedy or "")
    assert "Input should" not in problem.what


def test_the_sum_of_a_mix_is_not_told(tmp_path: Path) -> None:
    problem = only(tmp_path, FULL.replace("0.48", "0.46"))
    assert "add up to 0.98, not to 1" in problem.what


def test_a_class_may_allow_a_model_that_is_no_candidate(tmp_path: Path) -> None:
    problem = only(tmp_path, FULL.replace('allow = ["a-7b"]', 'allow = ["a7b"]'))
    assert "a7b" in problem.what
    assert problem.remedy == "did you mean a-7b?"


def test_only_the_first_problem_of_a_scenario_is_told(tmp_path: Path) -> None:
    text = FULL.replace("0.48", "0.46").replace('"40 qps"', '"40"').replace('"cost"', '"speed"')
    lines = [int(p.where.split(":")[-2]) for p in problems(tmp_path, text)]
    assert lines == [text[: text.index(at)].count("\n") + 1 for at in ('"40"', "0.46", "speed")]


def test_a_missing_table_is_not_explained(tmp_path: Path) -> None:
    found = problems(tmp_path, 'title = "nothing"\n')
    assert {p.where.split(": ")[-1] for p in found} == {"workload", "candidates", "supply"}
    assert all("write [" in (p.remedy or "") for p in found)


LATER = {key.replace("[]", ".0"): key for key in sorted(LATER_KEYS)}


@pytest.mark.parametrize("key", LATER.values())
def test_a_key_of_a_later_version_is_ignored_or_called_a_typo(tmp_path: Path, key: str) -> None:
    table, _, name = key.rpartition(".")
    header = {"workload": "[workload]", "workload.classes[]": "[[workload.classes]]",
              "candidates[]": "[[candidates]]", "supply[]": "[[supply]]",
              "router": "[router]", "budget": "[budget]"}  # fmt: skip
    if table:
        text = FULL.replace(header[table], f"{header[table]}\n{name} = 1", 1)
    else:
        text = f"{FULL}[{name}]\ncommon_sd_logit = 0.5\n"
    problem = only(tmp_path, text)
    assert "not in this version" in problem.what
    assert problem.where.endswith(key.replace("[]", "[0]"))


def test_an_objective_of_unknown_kind_or_with_a_wrong_key_is_placed_at_its_table(
    tmp_path: Path,
) -> None:
    kind = only(tmp_path, FULL.replace('kind = "cost"', 'kind = "net_valeu"'))
    assert "net_value" in (kind.remedy or "")
    key = only(tmp_path, FULL.replace('kind = "cost"', 'kind = "cost"\nvalue = 3'))
    assert "no such key" in key.what
    assert "objective.value" in key.where


NOT_TOML = {
    "bare word": ("[workload]\nvolume = lots\n", 2, "quotes"),
    "open list": ("a = [1, 2\nb = 3\n", 2, ""),
    "key twice": ("a = 1\na = 2\n", 2, "twice"),
    "no equals sign": ("volume 40\n", 1, "key = value"),
    "open quote": ('title = "Maths\n', 1, "quotation mark"),
    "cut off": ("a = [1,", 1, ""),
}


@pytest.mark.parametrize("broken", NOT_TOML)
def test_what_is_not_toml_has_no_place(tmp_path: Path, broken: str) -> None:
    text, line, remedy = NOT_TOML[broken]
    problem = only(tmp_path, text)
    assert problem.where.startswith(f"{tmp_path / 'scenario.toml'}:{line}")
    assert "not TOML" in problem.what
    assert "(at line" not in problem.what
    assert remedy in (problem.remedy or "")


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe\x00", b"a = " + b"[" * 10_000, b"a = " + b"9" * 5000, b"a = 2027-13-45"],
)
def test_a_hostile_scenario_is_a_traceback(tmp_path: Path, text: bytes) -> None:
    assert problems(tmp_path, text)


def test_a_missing_scenario_is_a_traceback(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    with pytest.raises(InputError, match=r"did you mean .*scenario\.toml"):
        read_scenario(tmp_path / "scenari.toml")


# Lines of keys


def test_the_line_of_a_key_is_wrong_after_values_that_run_over_lines() -> None:
    text = """\
a = [ # a bracket in a comment ]
  1, "]", ']',
]
b = '''
c = 1
[not a header]
'''
"quoted . key" = {x = 1}
[[rows]]
d.e = "escaped \\" quote"
[rows.inner]
f = 1
[[rows]]
d = \"\"\"[[rows]]\"\"\"
  [ rows . inner ]
  f = 2
"""
    tomllib.loads(text)
    lines = key_lines(text)
    assert lines[("a",)] == 1
    assert lines[("b",)] == 4
    assert ("c",) not in lines
    assert lines[("quoted . key",)] == 8
    assert lines[("rows", 0)] == 9
    assert lines[("rows", 0, "d", "e")] == 10
    assert lines[("rows", 0, "inner")] == 11
    assert lines[("rows", 0, "inner", "f")] == 12
    assert lines[("rows", 1)] == 13
    assert lines[("rows", 1, "d")] == 14
    assert lines[("rows", 1, "inner", "f")] == 16


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), edits=st.integers(1, 5))
def test_a_damaged_scenario_is_a_traceback(tmp_path: Path, seed: int, edits: int) -> None:
    rng = random.Random(seed)
    splices = ["[", "]", "=", '"', "\n", "-1", "0", "1e400", "nan", "true", "{}", "x.y", "'''", ""]
    text = FULL
    for _ in range(edits):
        at, length = rng.randrange(len(text)), rng.choice([0, 1, 1, 5, 40])
        text = text[:at] + rng.choice(splices) + text[at + length :]
    refused: tuple[Problem, ...] = ()
    try:
        read(tmp_path, text)
    except InputError as error:
        refused = error.problems
    assert all(str(tmp_path) in problem.where and problem.what for problem in refused)


# The folder of `planner init`


def test_what_init_writes_does_not_work_at_once(tmp_path: Path) -> None:
    written = init_scenario(tmp_path / "new" / "folder")
    assert [path.name for path in written] == list(WRITTEN)
    scenario = read_scenario(written[0])
    (path,) = scenario.data.observations
    observations = read_observations(path)
    assert observations.notes == ()
    assert all(row.source for row in observations.rows)
    measured = {(row.model, row.method, row.verifier, row.bucket) for row in observations.rows}
    buckets = {bucket for c in scenario.workload.classes for bucket in c.mix}
    for candidate in scenario.candidates:
        for method in candidate.methods:
            verifier = candidate.verifier if method == "weighted_vote" else None
            assert all((candidate.model, method, verifier, b) in measured for b in buckets)


def test_init_names_models_or_machines_without_a_card(tmp_path: Path) -> None:
    scenario = read_scenario(init_scenario(tmp_path)[0])
    cards = load_cards()
    for candidate in scenario.candidates:
        cards.model(candidate.model)
        if candidate.verifier is not None:
            cards.verifier(candidate.verifier)
    cards.accelerator(scenario.supply[0].accelerator)


def test_keys_that_init_switches_off_are_refused_when_switched_on(tmp_path: Path) -> None:
    def is_key(said: str) -> bool:
        return " = " in said or said.startswith(" [")

    path = init_scenario(tmp_path)[0]
    text = path.read_text(encoding="utf-8")
    lines = [
        line[2:] if line.startswith("# ") and is_key(line.split("#")[1]) else line
        for line in text.splitlines()
    ]
    assert lines != text.splitlines()
    path.write_text("\n".join(lines), encoding="utf-8")
    scenario = read_scenario(path)
    assert scenario.workload.classes[0].min_accuracy == 0.35
    assert scenario.supply[0].count == 32


def test_init_overwrites_a_file_or_writes_half_a_folder(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(InputError, match=r"README\.md"):
        init_scenario(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_init_into_a_file_is_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError):
        init_scenario(tmp_path / "file")
    with pytest.raises(InputError):
        init_scenario(tmp_path / "file" / "below")
