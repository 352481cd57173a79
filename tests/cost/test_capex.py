"""What a training costs from the inputs of a scenario: tokens, FLOPs, dollars, labels."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from planner.cost.capex import model_bill, verifier_bill
from planner.cost.settings import LENDER, Settings
from planner.cost.shape import Shape
from planner.cost.supply import Supply, drawn_supply
from planner.cost.terms import supply_terms
from planner.domain.draws import CENTRAL, Draws, interval90
from planner.domain.ranges import Range
from planner.domain.trained import TrainingInputs, VerifierTraining
from planner.ingest.cards import load_cards

H100 = 989.4e12
BOOK = load_cards()


@pytest.fixture(scope="module")
def supply() -> Supply:
    rent = Range(low=2.0, value=2.0, high=2.0)
    terms = supply_terms(Settings(accelerator="h100-sxm", usd_per_gpu_hour=rent), BOOK)
    return drawn_supply(terms.supply, BOOK.accelerator(LENDER), Draws(400, 3))


def shape(name: str) -> Shape:
    return Shape.from_card(BOOK.shape_of(BOOK.model(name)))


def inputs(**given: Any) -> TrainingInputs:
    return TrainingInputs.model_validate(given)


def test_tokens_become_flops_hours_and_dollars(supply: Supply) -> None:
    dense = shape("llama-3-8b")
    bill = model_bill("m", dense, None, inputs(tokens="2B", mfu=0.5), supply)
    peak = supply.hardware.flop_per_s
    expected = 6 * dense.active_params * 2e9 / (peak * 0.5) / 3600 * 2.0
    assert bill.usd[CENTRAL] == pytest.approx(expected)
    assert "2B tokens" in bill.made_of
    assert "50%" in bill.made_of


def test_flops_and_dollars_go_before_tokens(supply: Supply) -> None:
    dense = shape("llama-3-8b")
    by_flop = model_bill("m", dense, 15e12, inputs(flop=3.6e21, mfu=0.5, price=4.0), supply)
    assert by_flop.usd[CENTRAL] == pytest.approx(
        3.6e21 / (supply.hardware.flop_per_s * 0.5) / 3600 * 4
    )
    by_usd = model_bill("m", dense, 15e12, inputs(usd=["$40k", "$60k"]), supply)
    low, high = interval90(by_usd.usd)
    assert low < 40_000 < by_usd.usd[CENTRAL] < 60_000 < high


def test_all_experts_counted_are_replaced_by_the_active_ones_with_a_warning(
    supply: Supply,
) -> None:
    sparse = shape("deepseek-v3")
    wrong = model_bill("R1", sparse, None, inputs(tokens="14.8T", params="671B"), supply)
    right = model_bill("R1", sparse, None, inputs(tokens="14.8T"), supply)
    assert wrong.usd[CENTRAL] == pytest.approx(right.usd[CENTRAL])
    (note,) = wrong.notes
    assert note.code == "moe_total_parameters"
    assert "18 times" in note.message or "19 times" in note.message
    assert right.notes == ()


def verifier(**given: Any) -> VerifierTraining:
    return VerifierTraining.model_validate(given)


def test_labels_by_people_cost_their_number_times_their_pay(supply: Supply) -> None:
    reader = shape("llama-3-8b")
    bill = verifier_bill("prm", reader, None, verifier(labels="800k", usd_per_label=0.5), supply)
    assert bill.usd[CENTRAL] == pytest.approx(400_000)
    default = verifier_bill("prm", reader, None, verifier(labels="800k"), supply)
    assert [row.name for row in default.assumptions] == ["pay for a step labelled by hand"]
    pay_usd = default.assumptions[0].value
    assert isinstance(pay_usd, float)
    assert default.usd[CENTRAL] == pytest.approx(800_000 * pay_usd)


def test_labels_by_rollouts_cost_eight_continuations_a_step_of_the_generator(
    supply: Supply,
) -> None:
    reader, generator = shape("llama-3-8b"), shape("llama-3-70b")
    rolled = verifier(rollout_steps="1M", completion_tokens=150, mfu=0.4)
    bill = verifier_bill("prm", reader, generator, rolled, supply)
    flop = 2 * generator.active_params * 1e6 * 8 * 150
    assert bill.usd[CENTRAL] == pytest.approx(
        flop / (supply.hardware.flop_per_s * 0.4) / 3600 * 2.0
    )
    assert "8 continuations" in bill.made_of
    fewer = verifier(rollout_steps="1M", completion_tokens=150, completions=4, mfu=0.4)
    half = verifier_bill("prm", reader, generator, fewer, supply)
    assert half.usd[CENTRAL] == pytest.approx(bill.usd[CENTRAL] / 2)


def test_labels_and_fitting_add_up(supply: Supply) -> None:
    reader = shape("llama-3-8b")
    labels = verifier_bill("prm", reader, None, verifier(labels=1000, usd_per_label=1), supply)
    fitted = verifier_bill("prm", reader, None, verifier(tokens="1B"), supply)
    both = verifier_bill(
        "prm", reader, None, verifier(labels=1000, usd_per_label=1, tokens="1B"), supply
    )
    assert both.usd[CENTRAL] == pytest.approx(labels.usd[CENTRAL] + fitted.usd[CENTRAL])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"usd": 5, "tokens": 1}, "remove tokens and flop"),
        ({"rollout_steps": 10}, "completion_tokens"),
        ({"completions": 8}, "need rollout_steps"),
        ({"usd_per_label": 1}, "needs labels"),
    ],
)
def test_inputs_that_contradict_or_lack_their_other_half_are_refused(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        VerifierTraining.model_validate(given)
