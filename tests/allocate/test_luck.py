"""Options are not rewarded for their luck."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_scenario_methods import HEAD

from planner.allocate.luck import (
    Group,
    Shrinkage,
    design_of,
    optimism_left,
    optimism_of_halves,
)
from planner.pipeline import measure, solve
from planner.report.sections.sure import sure_sentences

TRUTH, QUESTIONS, OPTIONS = 0.6, 500, 20
SE = (TRUTH * (1 - TRUTH) / QUESTIONS) ** 0.5


def equal_options(rng: np.random.Generator) -> np.ndarray:
    """Estimates of options of one accuracy; .35 of the variance is shared, as is assumed."""
    shared, own = rng.standard_normal(), rng.standard_normal(OPTIONS)
    return TRUTH + SE * (0.35**0.5 * shared + 0.65**0.5 * own)


def drawn_about(estimates: np.ndarray, rng: np.random.Generator, draws: int = 200) -> np.ndarray:
    shared = rng.standard_normal((draws, 1)) * 0.35**0.5
    own = rng.standard_normal((draws, len(estimates))) * 0.65**0.5
    drawn = np.vstack([estimates, estimates + SE * (shared + own)])
    return drawn[:, None, :]


def best(estimates: np.ndarray) -> np.ndarray:
    share = np.zeros_like(estimates)
    share[0, estimates[0].argmax()] = 1.0
    return share


def shrinkage_of(drawn: np.ndarray) -> Shrinkage:
    members = np.arange(drawn.shape[2])
    return Shrinkage((Group.of(drawn, 0, members, design_of([1] * len(members))),))


def test_the_best_of_twenty_equal_options_is_promised_what_it_has(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    promised, raw = [], []
    for world in range(5):
        found = equal_options(rng)
        lines = [f"m{i:02},greedy,S,all,1,{a:.6f},{QUESTIONS},8" for i, a in enumerate(found)]
        (tmp_path / "obs.csv").write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
        candidates = "".join(
            f'[[candidates]]\nmodel = "m{i:02}"\nmethods = ["greedy"]\n' for i in range(OPTIONS)
        )
        path = tmp_path / f"scenario{world}.toml"
        path.write_text(
            'schema = "planner.scenario/1"\n[data]\nobservations = ["obs.csv"]\n[workload]\n'
            'volume = "10k queries/day"\nprompt_tokens = 200\noutput_tokens = 300\n' + candidates
            + '[[supply]]\naccelerator = "h100-sxm"\nprice = "$2.50/h"\n'
            "[budget]\nusd_per_day = 100000\n",
            encoding="utf-8",
        )  # fmt: skip
        plan = solve(path, draws=60)
        assert plan.accuracy is not None
        # What all options have in common, errors of the questions among it, is no luck of one.
        promised.append(plan.accuracy - found.mean())
        raw.append(found.max() - found.mean())
    assert np.mean(raw) > 0.025
    assert abs(np.mean(promised)) < 0.006


def test_shrinking_and_optimism_take_the_bias_away_over_many_worlds() -> None:
    rng = np.random.default_rng(1)
    raw, shrunk, left = [], [], []
    for _ in range(400):
        estimates = equal_options(rng)
        drawn = drawn_about(estimates, rng)
        how = shrinkage_of(drawn)
        truth = how.of(drawn[0])
        noise = drawn[1:25] - drawn[0]
        more = optimism_left(truth, noise, np.ones(1), best, how)
        raw.append(estimates.max() - TRUTH)
        shrunk.append(truth.max() - TRUTH)
        left.append(truth.max() - more.accuracy - TRUTH)
    assert np.mean(raw) > 0.03
    assert np.mean(shrunk) < 0.01
    assert abs(np.mean(left)) < 0.003


def test_options_that_differ_beyond_their_noise_stay_what_they_are() -> None:
    rng = np.random.default_rng(2)
    estimates = np.linspace(0.2, 0.9, OPTIONS)
    how = shrinkage_of(drawn_about(estimates, rng))
    assert how.of(estimates[None, :]) == pytest.approx(estimates[None, :], abs=0.005)


def test_shrunk_estimates_are_nearer_the_truth_for_any_spread_of_it() -> None:
    rng = np.random.default_rng(3)
    for spread in (0.0, 0.01, 0.03, 0.1):
        errors = []
        for _ in range(150):
            truth = 0.5 + spread * rng.standard_normal(12)
            estimates = truth + SE * rng.standard_normal(12)
            drawn = estimates + SE * rng.standard_normal((100, 12))
            drawn = np.vstack([estimates, drawn])[:, None, :]
            found = shrinkage_of(drawn).of(drawn[0])[0]
            errors.append((((estimates - truth) ** 2).sum(), ((found - truth) ** 2).sum()))
        before, after = np.mean(errors, axis=0)
        assert after < before * 1.01


def test_a_choice_that_never_changes_has_no_optimism() -> None:
    truth = np.array([[0.9, 0.2]])
    noise = np.random.default_rng(4).normal(0, 0.02, (30, 1, 2))
    assert optimism_left(truth, noise, np.ones(1), best, Shrinkage(())).accuracy < 1e-12


def half_errors(rng: np.random.Generator, truth: np.ndarray, questions: int, halves: int) -> tuple:
    """Measured accuracies of options on the same questions, and their resamples' errors."""
    ability = rng.standard_normal((questions, 1)) * 0.6 + rng.standard_normal(
        (questions, len(truth))
    )
    right = ability < np.quantile(ability, truth[0])
    measured = right.mean(axis=0)
    picked = rng.integers(0, questions, (halves, questions))
    errors = right[picked].mean(axis=1) - measured
    return right, measured[None, :], errors[:, None, :]


def test_chosen_on_half_and_judged_on_the_other_equal_options_are_promised_nothing_more() -> None:
    rng = np.random.default_rng(7)
    luck, left = [], []
    for _ in range(150):
        _, measured, errors = half_errors(rng, np.full(12, 0.6), 300, 24)
        found = optimism_of_halves(measured, errors, np.ones(1), best, Shrinkage(()))
        assert found.by == "halves"
        # All options are equal: what the best is measured over their mean is luck alone.
        luck.append(measured.max() - measured.mean())
        left.append(found.accuracy)
    assert np.mean(luck) > 0.03
    assert np.mean(left) == pytest.approx(np.mean(luck), rel=0.12)


def test_the_resamples_stand_for_halves_of_the_questions_themselves() -> None:
    rng = np.random.default_rng(8)
    by_halves, by_resamples = [], []
    for _ in range(60):
        right, measured, errors = half_errors(rng, np.full(12, 0.6), 300, 20)
        resampled = optimism_of_halves(measured, errors, np.ones(1), best, Shrinkage(()))
        by_resamples.append(resampled.accuracy)
        order = np.argsort(rng.random((20, 300)), axis=1)
        halves = np.stack([right[rows[:150]].mean(axis=0) for rows in order])[:, None, :]
        real = optimism_of_halves(measured, halves - measured, np.ones(1), best, Shrinkage(()))
        by_halves.append(real.accuracy)
    assert np.mean(by_resamples) == pytest.approx(np.mean(by_halves), rel=0.1)


def test_halves_leave_a_clear_winner_its_accuracy_and_tell_a_choice_that_cannot_be_made() -> None:
    errors = np.random.default_rng(9).normal(0, 0.01, (30, 1, 2))
    clear = np.array([[0.9, 0.2]])
    assert optimism_of_halves(clear, errors, np.ones(1), best, Shrinkage(())).accuracy < 1e-12
    none = optimism_of_halves(clear, errors, np.ones(1), lambda _: None, Shrinkage(()))
    assert (none.accuracy, none.simulations) == (0.0, 0)


def test_shrinking_leaves_halves_little_to_take_off() -> None:
    rng = np.random.default_rng(10)
    plain, shrunk = [], []
    for _ in range(60):
        estimates = equal_options(rng)
        drawn = drawn_about(estimates, rng)
        errors = drawn[1:13] - drawn[0]
        plain.append(optimism_of_halves(drawn[0], errors, np.ones(1), best, Shrinkage(())).accuracy)
        how = shrinkage_of(drawn)
        shrunk.append(optimism_of_halves(drawn[0], errors, np.ones(1), best, how).accuracy)
    assert np.mean(shrunk) < 0.6 * np.mean(plain)


MODELS = ("llama-3-8b", "llama-3.1-8b", "mistral-7b", "llama-3-70b")
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "10k queries/day"
prompt_tokens = 200
output_tokens = 300
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
[budget]
usd_per_day = 100000
"""


def test_a_plan_on_measured_logs_is_judged_by_halves_and_one_on_aggregates_by_simulation(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(11)
    # All are right as often: which was measured best is luck, of three points or so.
    lines = [f"{model},S,p{p},0,{int(rng.random() < 0.6)}" for model in MODELS for p in range(200)]
    log = tmp_path / "log.csv"
    log.write_text("\n".join(["model,question_set,problem_id,sample,correct", *lines, ""]))
    measure([log], tmp_path / "obs.csv")
    candidates = "".join(
        f'[[candidates]]\nmodel = "{model}"\nmethods = ["sampled"]\n' for model in MODELS
    )
    (tmp_path / "scenario.toml").write_text(SCENARIO + candidates, encoding="utf-8")
    halves = solve(tmp_path / "scenario.toml", draws=60)
    (tmp_path / "obs.meta.json").unlink()
    simulated = solve(tmp_path / "scenario.toml", draws=60)
    assert (halves.optimism_by, simulated.optimism_by) == ("halves", "simulation")
    for plan in (halves, simulated):
        assert plan.optimism is not None
        assert 0.001 < plan.optimism < 0.05
    assert any("on one half of the questions" in told for told in sure_sentences(halves))
    assert any("by simulation" in told for told in sure_sentences(simulated))


def test_an_option_offered_twice_is_shrunk_as_one() -> None:
    rng = np.random.default_rng(6)
    drawn = drawn_about(equal_options(rng), rng)
    how = shrinkage_of(drawn)
    twice = np.concatenate([drawn, drawn[:, :, :1]], axis=2)
    group = Group(**{**vars(how.groups[0]), "copies": ((OPTIONS, 0),)})
    both = Shrinkage((group,)).draws(twice)
    assert both[:, 0, OPTIONS] == pytest.approx(both[:, 0, 0])
    assert both[:, :, :OPTIONS] == pytest.approx(how.draws(drawn))
