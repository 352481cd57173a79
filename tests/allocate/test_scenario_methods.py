"""What a scenario may say of how samples are drawn, who tells difficulty, and people's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from in_process import called

from planner.errors import InputError
from planner.pipeline import solve

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b"
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "{volume}"
prompt_tokens = 200
{output}
[[workload.classes]]
name = "all"
mix = {{ easy = 0.5, hard = 0.5 }}
{klass}
[[candidates]]
model = "llama-3-8b"
{candidate}
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
engine_efficiency = 0.5
min_replicas = 1
[budget]
usd_per_day = 100000
{tail}
"""
VOTE = 'methods = ["majority_vote"]\nsamples = [16]'


def rows(
    method: str = "majority_vote", more: str = "", tokens: dict[str, str] | None = None
) -> str:
    """Accuracies at n = 1 and 16 of an easy and a hard bucket, as CSV."""
    known = tokens or {}
    lines = [HEAD + more]
    for bucket, points in (("easy", ((1, 0.9), (16, 0.95))), ("hard", ((1, 0.4), (16, 0.45)))):
        for n, accuracy in points:
            line = f"llama-3-8b,{method},S,{bucket},{n},{accuracy},500,8"
            lines.append(line + known.get(bucket, ""))
    return "\n".join(lines) + "\n"


def written(
    tmp_path: Path,
    csv: str,
    *,
    candidate: str = VOTE,
    tail: str = "",
    output: str = "output_tokens = 300",
    klass: str = "",
    volume: str = "1M queries/day",
) -> Path:
    (tmp_path / "obs.csv").write_text(csv, encoding="utf-8")
    path = tmp_path / "scenario.toml"
    text = SCENARIO.format(
        candidate=candidate, tail=tail, output=output, klass=klass, volume=volume
    )
    path.write_text(text, encoding="utf-8")
    return path


def solved(tmp_path: Path, csv: str, **parts: str) -> dict[str, Any]:
    return solve(written(tmp_path, csv, **parts), draws=10).model_dump(mode="json", by_alias=True)


def printed(tmp_path: Path, csv: str, **parts: str) -> dict[str, Any]:
    """The same through the command."""
    path = written(tmp_path, csv, **parts)
    done = called("solve", str(path), "--json", "--draws", "40")
    plan: dict[str, Any] = json.loads(done.stdout)
    return plan


def by_bucket(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["bucket"]: row for row in plan["allocation"]}


def test_early_stopping_draws_fewer_samples_and_costs_less(tmp_path: Path) -> None:
    full = solved(tmp_path, rows())
    early = solved(tmp_path, rows(), candidate=VOTE + "\nearly_stopping = true")
    assert early["accuracy"] == full["accuracy"]
    drawn = {b: r["samples_drawn"] for b, r in by_bucket(early).items()}
    # 16 votes are settled by nine that agree: 9 / .9 samples on easy questions, more on hard ones.
    assert drawn["easy"] == pytest.approx(9 / 0.9, rel=0.01)
    assert 13 < drawn["hard"] < 16
    assert {r["samples_drawn"] for r in full["allocation"]} == {16}
    for bucket, row in by_bucket(full).items():
        ratio = by_bucket(early)[bucket]["marginal_cost_usd_per_query"]
        ratio /= row["marginal_cost_usd_per_query"]
        assert ratio == pytest.approx(drawn[bucket] / 16, rel=0.02)
        # One at a time takes as long as so many answers after one another.
        assert by_bucket(early)[bucket]["latency_p95_s"] > 4 * row["latency_p95_s"]


def test_waves_are_faster_and_waste_some_samples(tmp_path: Path) -> None:
    one, eight = (
        solved(tmp_path, rows(), candidate=f"{VOTE}\nearly_stopping = {how}")
        for how in ("true", "8")
    )
    for bucket, row in by_bucket(eight).items():
        assert row["samples_drawn"] >= by_bucket(one)[bucket]["samples_drawn"]
        assert row["latency_p95_s"] < by_bucket(one)[bucket]["latency_p95_s"]


def test_retries_are_charged(tmp_path: Path) -> None:
    plain = by_bucket(solved(tmp_path, rows()))["hard"]
    more = f"{VOTE}\nretries = 2\nfailure_rate = 0.1"
    again = by_bucket(solved(tmp_path, rows(), candidate=more))["hard"]
    assert again["samples_drawn"] == pytest.approx(16 * 1.11)
    ratio = again["marginal_cost_usd_per_query"] / plain["marginal_cost_usd_per_query"]
    assert ratio == pytest.approx(1.11, abs=0.01)


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ('methods = ["greedy"]\nearly_stopping = true', "early_stopping needs a method"),
        (VOTE + "\nretries = 2", "retries and failure_rate go together"),
        (VOTE + "\nusd_per_query = 2.0", "usd_per_query is what a person is paid"),
        ('methods = ["human"]', "a person's answers need a price"),
        ('methods = ["oracle_best_of_n"]', "cannot be bought"),
    ],
)
def test_wishes_that_cannot_be_kept_are_refused(tmp_path: Path, candidate: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        solved(tmp_path, rows(), candidate=candidate)


def test_a_person_is_paid_by_the_answer_and_takes_no_gpus(tmp_path: Path) -> None:
    csv = HEAD + "\n" + "\n".join(f"tutor,human,S,{b},1,0.97,100," for b in ("easy", "hard"))
    person = 'methods = ["majority_vote"]\nsamples = [16]\n[[candidates]]\nmodel = "tutor"\n'
    person += 'methods = ["human"]\nusd_per_query = 0.5'
    both = rows() + "\n".join(csv.splitlines()[1:]) + "\n"
    plan = solved(
        tmp_path, both, candidate=person, volume="1k queries/day", klass="min_accuracy = 0.9"
    )
    row = by_bucket(plan)["hard"]
    assert row["method"] == "human"
    assert row["cost_usd_per_query"] == pytest.approx(0.5)
    assert row["latency_p95_s"] is None


def test_a_router_is_charged_to_every_routed_query_and_shown(tmp_path: Path) -> None:
    free = solved(tmp_path, rows())
    router = '[router]\nmodel = "qwen2.5-0.5b"\ntokens = 250\ncost = 0.0001'
    paid = solved(tmp_path, rows(), tail=router)
    shown = paid["router"]
    assert free["router"] is None
    assert shown["model"] == "qwen2.5-0.5b"
    assert shown["queries_per_day"] == pytest.approx(1e6)
    # 251 tokens of a model with 0.36B layer parameters, and the head once.
    assert shown["flop_per_query"] == pytest.approx(251 * 2 * 0.36e9, rel=0.05)
    assert shown["gpu_s_per_query"] > 0
    more = paid["flop_per_day"] - free["flop_per_day"]
    assert more == pytest.approx(shown["flop_per_query"] * 1e6, rel=1e-6)
    for bucket, row in by_bucket(paid).items():
        extra = row["marginal_cost_usd_per_query"]
        extra -= by_bucket(free)[bucket]["marginal_cost_usd_per_query"]
        assert extra == pytest.approx(shown["cost_usd_per_query"], rel=1e-6)
    page = tmp_path / "plan.html"
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(paid), encoding="utf-8")
    assert called("report", str(plan), "-o", str(page)).returncode == 0
    assert "Telling how hard a query is" in page.read_text(encoding="utf-8")


def test_nothing_is_paid_for_a_router_that_tells_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tells no difficulty"):
        solved(tmp_path, rows(), tail='[router]\nsignal = "none"\ncost = 0.001')


def test_each_bucket_has_its_own_measured_length_and_its_tail_is_waited_for(
    tmp_path: Path,
) -> None:
    """Hard questions take longer: 200 tokens against 800, and a longer tail at the same mean."""
    more = ",output_tokens,output_tokens_p95"
    even, tailed = (
        by_bucket(
            printed(
                tmp_path,
                rows(more=more, tokens={"easy": ",200,300", "hard": f",800,{p95}"}),
                output="",
            )
        )
        for p95 in (1200, 2400)
    )
    cost = {b: r["marginal_cost_usd_per_query"] for b, r in even.items()}
    # Four times the tokens, with longer caches.
    assert 4 < cost["hard"] / cost["easy"] < 6
    ratio = tailed["hard"]["latency_p95_s"] / even["hard"]["latency_p95_s"]
    # Twice the tail, and its own cache.
    assert 1.9 < ratio < 2.6
    assert tailed["easy"]["latency_p95_s"] == pytest.approx(even["easy"]["latency_p95_s"], rel=0.1)


def test_thinking_that_was_measured_is_not_charged_twice(tmp_path: Path) -> None:
    """`output_tokens` are all generated tokens; a cap is added to the default answer only."""
    plain, capped, measured = (
        solved(
            tmp_path,
            rows(more=more, tokens={"easy": cells, "hard": cells}),
            output="output_tokens = 300" if not more else "",
        )["allocation"][0]["marginal_cost_usd_per_query"]
        for more, cells in (
            ("", ""),
            (",thinking_tokens", ",700"),
            (",thinking_tokens,output_tokens", ",700,1000"),
        )
    )
    # More than 1000 / 300: longer answers meet longer caches, and thinking varies more.
    assert 3.3 < measured / plain < 8
    assert capped == pytest.approx(measured, rel=0.05)


def test_a_verifier_may_have_replicas_of_its_own(tmp_path: Path) -> None:
    more = ",verifier,verifier_params_b"
    csv = rows("weighted_vote", more=more, tokens=dict.fromkeys(("easy", "hard"), ",prm,7"))
    wish = 'methods = ["weighted_vote"]\nverifier = "prm"\nsamples = [16]\n'
    shared, own = (
        solved(tmp_path, csv, candidate=wish + f'verifier_fleet = "{where}"')
        for where in ("shared", "own")
    )
    assert [f["model"] for f in shared["fleet"]] == ["llama-3-8b"]
    assert shared["fleet"][0]["verifier"] == "prm"
    assert {f["model"]: f["verifier"] for f in own["fleet"]} == {"llama-3-8b": None, "prm": None}
    # The same work, and each of its fleets has its rent in the cost of a query.
    assert own["flop_per_day"] == pytest.approx(shared["flop_per_day"], rel=1e-6)
    rent = sum(f["usd_per_day"] for f in own["fleet"])
    spent = sum(r["share"] * 5e5 * r["cost_usd_per_query"] for r in own["allocation"])
    assert spent == pytest.approx(rent) == pytest.approx(own["cost_usd_per_day"])
    both = by_bucket(own)["hard"]["marginal_cost_usd_per_query"]
    assert both == pytest.approx(by_bucket(shared)["hard"]["marginal_cost_usd_per_query"], rel=0.15)
    assert own["feasibility"].startswith("Checked")


def test_a_fleet_of_its_own_needs_a_verifier(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a verifier"):
        solved(tmp_path, rows(), candidate=VOTE + '\nverifier_fleet = "own"')
