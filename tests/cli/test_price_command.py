"""`planner price`: one configuration, its parts, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import planner
from planner.cli import app
from planner.cost.fleets import gpu_seconds, operating_fleet
from planner.cost.hardware import hardware_of
from planner.cost.idle import idle_query_s
from planner.cost.methods import tokens_of
from planner.cost.settings import settings_from_text
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.domain.draws import Draws, interval90
from planner.domain.ranges import Range
from planner.ingest.cards import load_cards
from planner.ingest.few_cards import few_cards


def price(*words: object) -> Result:
    return CliRunner().invoke(app, ["price", *map(str, words)])


def found(*words: object) -> dict[str, Any]:
    result = price(*words, "--json")
    assert result.exit_code == 0, result.stderr
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_a_price_is_not_the_sum_of_its_parts() -> None:
    words = ("--prompt-tokens", 200, "--output-tokens", 300, "--engine-efficiency", 0.5)
    got = found("llama-3-8b", "majority_vote", "-n", 16, "--accelerator", "h200-sxm", *words)
    book = load_cards()
    shape = Shape.from_card(book.shape_of(book.model("llama-3-8b")))
    gpu, _ = hardware_of(book.accelerator("h200-sxm"))
    fleet = operating_fleet(shape, gpu, 200.0, 300.0, engine_efficiency=0.5)
    work = tokens_of("majority_vote", Spending(n=16.0, prompt_tokens=200, output_tokens=300))
    assert got["gpu_s_per_query"] == pytest.approx(float(gpu_seconds(fleet, work).total[0, 0]))
    assert got["gpu_s_per_query"] == pytest.approx(sum(got["gpu_s"].values()))
    assert got["tokens"] == {"prefill": 200, "decoded": 4800, "verifier": 0}
    assert got["eflop_per_query"] > got["flop_per_query"]
    assert got["fleet"]["batch"] == float(fleet.batch[0])
    memory = got["memory"]
    assert memory["largest_batch"] >= got["fleet"]["batch"]
    assert memory["weights_gb"] == pytest.approx(16.06, rel=1e-3)
    room = memory["cache_gb"] / memory["cache_gb_per_sequence"]
    assert 0 <= room - memory["largest_batch"] < 1
    alone = idle_query_s(shape, gpu, work)
    assert got["idle_replica_s"] == pytest.approx(float(alone.total_s) / 0.5)
    assert got["usd_per_query"] is None


def test_a_verifier_is_free_or_a_rent_gives_no_dollars() -> None:
    plain = found("llemma-7b", "majority_vote", "-n", 8, "--price", "$3.6/h")
    checked = found("llemma-7b", "best_of_n", "-n", 8, "--verifier", "llemma-7b-prm-levels-1-3")
    assert checked["gpu_s"]["verifier"] > 0.1 * checked["gpu_s_per_query"]
    assert checked["memory"]["weights_gb"] == pytest.approx(
        2 * plain["memory"]["weights_gb"], rel=0.01
    )
    assert plain["usd_per_query"] == pytest.approx(plain["gpu_s_per_query"] * 1e-3)
    said = price("llemma-7b", "majority_vote", "-n", 8, "--price", "$3.6/h").stdout
    assert "GPU-seconds" in said
    assert "rent of these GPU-seconds" in said
    assert "sequences fit" in said


def test_seconds_that_are_all_in_use_are_not_sold_as_the_price_of_a_fleet() -> None:
    """A fleet serves a peak of twice the mean at .7: `planner ask` pays 2 / .7 times as much."""
    got = found("llemma-34b-sft-levels-1-3", "--price", "$4.29/h", "--prompt-tokens", 212,
                "--output-tokens", 305, "--engine-efficiency", 0.53)  # fmt: skip
    assert got["fleet_usd_per_query"] == pytest.approx(got["usd_per_query"] * 2 / 0.7)
    terms = settings_from_text(price="$4.29/h", prompt_tokens="212", output_tokens="305",
                               engine_efficiency="0.53")  # fmt: skip
    answer = planner.ask("34B greedy at 1M queries/day", settings=terms, draws=20)
    asked = answer.options[0].marginal_cost_usd_per_query
    assert got["fleet_usd_per_query"] == pytest.approx(asked, rel=1e-3)
    assert {row["name"] for row in got["assumptions"]} >= {
        "utilisation at the peak", "peak over mean load"
    }  # fmt: skip


def test_weights_or_gpus_change_nothing_of_what_fits() -> None:
    fp8 = found("llama-3-70b", "--gpus", 2, "--weights", "fp8")
    assert fp8["fleet"]["gpus_per_replica"] == 2
    assert fp8["fleet"]["weights"] == "fp8-tensor"
    assert fp8["memory"]["weights_gb"] == pytest.approx(72.7, rel=0.01)
    one = price("llama-3-70b", "--gpus", 1)
    assert one.exit_code == 1
    assert "1 x h100-sxm holds 72 GB" in one.stderr
    assert "It fits on 2 x h100-sxm, or on 1 x h100-sxm with --weights int4" in one.stderr


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("llama-3-8c",), "did you mean llama-3-8b"),
        (("llama-3-8b", "majority_votes"), "did you mean majority_vote"),
        (("llama-3-8b", "oracle_best_of_n"), "no method of this name is bought"),
        (("llama-3-8b", "best_of_n"), "--verifier NAME"),
        (("llama-3-8b", "-n", 4), "takes one sample"),
        (("llama-3-8b", "--accelerator", "h900"), "no accelerator has this name"),
        (("gpt-4o",), "bought by the token"),
        (("llama-3-8b", "majority_vote", "--depth", 3), "no such axis"),
        (("llama-3-8b", "revision", "--width", 3), "no such axis"),
        (("llama-3-8b", "--verifier", "skywork-prm-1.5b"), "no verifier reads anything of greedy"),
    ],
)
def test_wrong_words_are_priced(words: tuple[object, ...], what: str) -> None:
    result = price(*words)
    assert result.exit_code == 2
    assert what in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (("llama-3-8b", "--gpus", 3), "32 heads and 8 cached ones", "one of 1, 2, 4, 8"),
        (("llama-3-8b", "--gpus", 64), "a node has 8 of h100-sxm", "one of 1, 2, 4, 8"),
        (("llama-3-8b", "--gpus", 2, "--accelerator", "l4"), "no link", "or write 1"),
        (
            ("llemma-34b", "best_of_n", "--verifier", "skywork-prm-1.5b", "--gpus", 8),
            "skywork-prm-1.5b has 12 heads",
            "one of 1, 2, 4",
        ),
    ],
)
def test_gpus_that_cannot_be_one_replica_are_priced(
    words: tuple[object, ...], what: str, remedy: str
) -> None:
    result = price(*words)
    assert result.exit_code == 2
    assert what in result.stderr
    assert remedy in result.stderr


def test_a_price_has_another_range_than_drawn_inputs_give() -> None:
    """The same inputs drawn jointly: 20,000 draws of the ranges that the price lists."""
    words = ("llemma-7b", "best_of_n", "-n", 8, "--verifier", "llemma-7b-prm-levels-1-3")
    got = found(*words, "--price", "$2..$3.6")
    rows = {row["name"]: row for row in got["assumptions"]}
    draws = Draws(20_000)

    def drawn(name: str) -> Any:
        row = rows[name]
        ends = {end: row[end] for end in ("value", "low", "high")}
        return draws.positive(name, Range.model_validate(ends))

    book = load_cards()
    shape = Shape.from_card(book.shape_of(book.model("llemma-7b")))
    gpu, _ = hardware_of(book.accelerator("h100-sxm"), book.accelerator("h200-sxm"))
    fleet = operating_fleet(shape, gpu, 212.0, 305.0, verifier=shape, engine_efficiency=0.53)
    lengths = (drawn("prompt tokens of a query"), drawn("generated tokens of a sample"))
    prompt, output = (each[:, None] for each in lengths)
    work = tokens_of("best_of_n", Spending(n=[8.0], prompt_tokens=prompt, output_tokens=output))
    gpu_s = gpu_seconds(fleet, work).total[:, 0] * drawn("kernel time over the modelled")
    gpu_s *= 0.53 / drawn("engine efficiency")
    gpu_s /= drawn("engine efficiency of one model over the engine's")
    ends = (got["gpu_s_per_query_low"], got["gpu_s_per_query_high"])
    assert ends == pytest.approx(interval90(gpu_s), rel=0.06)
    usd = (got["usd_per_query_low"], got["usd_per_query_high"])
    assert usd[0] / got["usd_per_query"] < ends[0] / got["gpu_s_per_query"]
    assert usd[1] / got["usd_per_query"] > ends[1] / got["gpu_s_per_query"]
    said = price(*words).stdout
    assert "90%" in said
    assert "* engine efficiency 0.53 (0.35 to 0.8) kernel time / engine time: assumed" in said


def test_a_given_number_is_listed_as_assumed_or_leaves_the_range_wide() -> None:
    words = ("--prompt-tokens", 200, "--output-tokens", 300, "--engine-efficiency", 0.5)
    wide, narrow = found("llama-3-8b"), found("llama-3-8b", "--accelerator", "h200-sxm", *words)
    spans = [f["gpu_s_per_query_high"] / f["gpu_s_per_query_low"] for f in (wide, narrow)]
    assert spans[0] > 2.5
    assert spans[1] < 1.6
    given = {row["name"]: row for row in narrow["assumptions"] if row["source"] == "given"}
    assert len(given) == 3
    assert given["engine efficiency"]["low"] is None
    said = price("llama-3-8b", *words).stdout
    assert "* engine efficiency 0" not in said


def test_lookahead_or_a_shared_prompt_changes_no_price() -> None:
    search = ("llama-3-8b", "lookahead", "-n", 4, "--verifier", "skywork-prm-1.5b")
    one, three = found(*search), found(*search, "--lookahead-steps", 3)
    assert three["tokens"]["decoded"] == 2 * one["tokens"]["decoded"]
    refused = price("llama-3-8b", "--lookahead-steps", 3)
    assert refused.exit_code == 2
    assert "rolls nothing ahead" in refused.stderr
    long = ("llama-3-8b", "majority_vote", "-n", 64, "--prompt-tokens", 4096)
    got = found(*long)
    assert got["idle_replica_one_prefix_s"] < 0.7 * got["idle_replica_s"]
    assert "with one copy of the prompt" in price(*long).stdout
    assert found("llama-3-8b")["idle_replica_one_prefix_s"] is None


def test_a_model_of_known_size_without_a_shape_has_no_price(tmp_path: Path) -> None:
    folder = tmp_path / "llms"
    folder.mkdir()
    (folder / "mine-13b.toml").write_text(
        'schema = "planner.llm/1"\nname = "mine-13b"\ntitle = "Mine 13B"\nfamily = "mine"\n'
        'tuning = "base"\nparams_b = 13.0\n[[sources]]\ncovers = ["params_b"]\n'
        'title = "told"\nread = 2026-11-24\n',
        encoding="utf-8",
    )
    got = found("mine-13b", "--models", tmp_path)
    assert got["memory"]["weights_gb"] == pytest.approx(26, rel=0.01)
    assert "shape_generic" in {w["code"] for w in got["warnings"]}


def test_few_cards_are_others_than_all_cards() -> None:
    wanted = {"llms": ["llemma-7b-sft-levels-1-3"], "verifiers": ["llemma-7b-prm-levels-1-3"]}
    few, book = few_cards(wanted), load_cards()
    assert len(few.llms) < 4
    for name in wanted["llms"]:
        assert few.shape_of(few.model(name)) == book.shape_of(book.model(name))
    assert few.verifier(wanted["verifiers"][0]) == book.verifier(wanted["verifiers"][0])
    assert few_cards({"llms": ["LLaMA2-7B"]}).llms == book.llms


def test_a_price_reads_the_prompt_once_where_the_engine_shares_none() -> None:
    words = ("llama-3-8b", "majority_vote", "-n", 16, "--accelerator", "h200-sxm",
             "--prompt-tokens", 2000, "--price", "$3/h")  # fmt: skip
    plain, shared, alone = (
        found(*words, *more)
        for more in ((), ("--prefix-sharing", "true"), ("--prefix-sharing", "False"))
    )
    assert plain["tokens"]["prefill"] == 2000
    assert alone["tokens"] == {**plain["tokens"], "prefill": 16 * 2000}
    assert alone["gpu_s"]["prefill"] == pytest.approx(16 * plain["gpu_s"]["prefill"])
    assert alone["gpu_s"]["decode"] == plain["gpu_s"]["decode"]
    for figure in ("usd_per_query", "usd_per_query_low", "usd_per_query_high", "idle_replica_s"):
        assert alone[figure] > plain[figure]
    assert alone["eflop_per_query"] - alone["flop_per_query"] > (
        plain["eflop_per_query"] - plain["flop_per_query"]
    )
    assert plain["idle_replica_one_prefix_s"] is not None
    assert alone["idle_replica_one_prefix_s"] is None
    # What is said changes no figure where it is what is assumed.
    rows = [one.pop("assumptions") for one in (plain, shared, alone)]
    assert plain == shared
    told = [
        next((row["value"], row["source"]) for row in those if row["flag"] == "--prefix-sharing")
        for those in rows
    ]
    assert told[0][0] == "once a query"
    assert "caches prefixes" in told[0][1]
    assert told[1:] == [("once a query", "given"), ("once a sample", "given")]


def test_one_sample_is_dearer_without_another_to_share_its_prompt_with() -> None:
    words = ("llama-3-8b", "majority_vote", "--price", "$3/h")
    one, alone = found(*words), found(*words, "--prefix-sharing", "false")
    del one["assumptions"], alone["assumptions"]
    assert one == alone


def test_a_sharing_that_is_neither_true_nor_false_is_taken_for_one_of_them() -> None:
    refused = price("llama-3-8b", "--prefix-sharing", "maybe")
    assert refused.exit_code == 2
    for word in ("--prefix-sharing", "maybe", "write true, or false"):
        assert word in refused.stderr
    lines = price("llama-3-8b").stdout
    assert "prompt of a query's samples on GPUs: reading once a query, assumed" in lines
