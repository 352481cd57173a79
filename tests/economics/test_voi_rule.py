"""What measuring is worth where the draws count in the choice: held floors, little regret."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from planner.domain.uncertainty import Uncertainty
from planner.economics.value_of_information import Choice, Measurable, evpi
from planner.economics.voi_rule import MOST_STATES, Rule, risk_of

Array = np.ndarray


def chosen(value: Array, margins: Array | None, wish: Uncertainty, holds: Array) -> Choice:
    plain = Choice(value, margins, 0.0)
    quantities = np.concatenate(
        [value - value[:, [0]], *([] if margins is None else [margins.reshape(len(value), -1)])],
        axis=1,
    )
    rule = Rule.of(wish, quantities, value.shape[1], holds)
    return Choice(plain.value, margins, 0.0, rule)


def test_a_floor_that_must_hold_in_nine_tenths_of_the_draws_is_not_judged_by_its_mean() -> None:
    """A cheap plan whose accuracy is over its floor in the mean, and a dear one that is sure.

    Normal, with a measurement that errs as much as is known before: by hand.
    """
    rng = np.random.default_rng(0)
    mean, sd, least = 0.02, 0.05, 0.9
    x = rng.normal(mean, sd, 20_000)
    value = np.column_stack([np.full(len(x), -1.0), np.zeros(len(x))])
    margins = np.stack([np.full(len(x), 0.1), x], axis=1)[:, :, None]
    wish = Uncertainty(floor_holds_in=least)
    choice = chosen(value, margins, wish, np.array([least]))
    assert choice.taken == 0
    found = Measurable.of(choice, x[:, None]).measured(np.array([[sd**2]]))
    after = sd * np.sqrt(0.5)
    by_hand = 1 - ndtr((ndtri(least) * after - mean) / after)
    assert found.probability_changes == pytest.approx(by_hand, abs=0.02)
    # Known exactly, the plan is taken wherever it keeps its floor.
    exact = Measurable.of(choice, x[:, None]).exact
    assert exact.probability_changes == pytest.approx(ndtr(mean / sd), abs=0.02)
    # By the mean the cheap plan would have been taken, and learning would lead to the dear one.
    assert Choice(value, margins).taken == 1


@pytest.mark.parametrize("risk", ["cvar", "minimax_regret"])
def test_regret_that_is_made_small_falls_as_nested_sampling_says(risk: str) -> None:
    """Two plans apart by x: what is lost after a measurement, drawn anew from the posterior."""
    rng = np.random.default_rng(1)
    draws, sd, error = 400, 1.0, 0.7
    x = rng.normal(0.3, sd, draws)
    value = np.column_stack([x, np.zeros(draws)])
    wish = Uncertainty.model_validate({"risk": risk, "draws": draws})
    choice = chosen(value, None, wish, np.zeros(0))
    regret_now = np.maximum(-x, 0.0)
    assert evpi(choice).gain == pytest.approx(risk_of(regret_now, wish.risk or "cvar", 0.9, 0))
    found = Measurable.of(choice, x[:, None]).measured(np.array([[error**2]]))
    reliability = sd**2 / (sd**2 + error**2)
    means = 0.3 + np.sqrt(reliability) * (x - 0.3)
    states = means[:: draws // MOST_STATES]
    if risk == "minimax_regret":
        # The worst of a sample is that of its own draws: the plan of the smaller one is taken.
        left = np.sqrt(1 - reliability) * (x - x.mean())
        by_hand = (-(states + left.min()) > states + left.max()).mean()
        assert found.probability_changes == pytest.approx(by_hand, abs=0.02)
        return
    truth = states[:, None] + np.sqrt(1 - reliability) * rng.normal(0, sd, (len(states), 4000))
    lost = np.stack([np.maximum(-truth, 0), np.maximum(truth, 0)])
    size = risk_of(lost, "cvar", 0.9, 2)
    assert found.probability_changes == pytest.approx((size[0] > size[1]).mean(), abs=0.05)
    after = np.where((size[0] <= size[1])[:, None], lost[0], lost[1]).ravel()
    gain = risk_of(regret_now, "cvar", 0.9, 0) - risk_of(after, "cvar", 0.9, 0)
    assert found.gain == pytest.approx(gain, rel=0.12)


def test_what_changes_no_decision_takes_nothing_off_the_regret() -> None:
    rng = np.random.default_rng(2)
    x, other = rng.normal(0.3, 1.0, 400), rng.normal(0, 1, 400)
    choice = chosen(
        np.column_stack([x, np.zeros(400)]), None, Uncertainty(risk="cvar"), np.zeros(0)
    )
    found = Measurable.of(choice, other[:, None]).measured(np.array([[0.01]]))
    assert found.probability_changes <= 0.02
    assert found.gain == pytest.approx(0.0, abs=0.02)


def test_the_plan_that_was_chosen_stays_where_others_look_better_on_these_draws_alone() -> None:
    """A search over other draws may miss a little: nothing learned must not undo the choice."""
    value = np.column_stack([np.full(200, 1.0), np.full(200, 1.01)])
    value[:, 1] += np.random.default_rng(3).normal(0, 1e-6, 200)
    choice = chosen(value, None, Uncertainty(risk="cvar"), np.zeros(0))
    nothing = np.random.default_rng(4).normal(0, 1, (200, 1))
    found = Measurable.of(choice, nothing).measured(np.eye(1))
    assert found.probability_changes == 0


@pytest.mark.parametrize(("level", "mean"), [(0.9, 10.0), (0.5, 8.0), (0.85, (10 + 0.5 * 9) / 1.5)])
def test_the_worst_tenth_is_averaged_with_its_last_draw_in_part(level: float, mean: float) -> None:
    regret = np.arange(1.0, 11.0)
    assert risk_of(regret, "cvar", level, 0) == pytest.approx(mean)
    assert risk_of(np.stack([regret, regret]), "minimax_regret", level, 1).tolist() == [10, 10]
