"""What has to be paid once: training a model or its verifier, in dollars over draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.assumptions import TRAINING_MFU
from planner.cost.money_assumptions import COMPLETIONS_PER_STEP, ON_USE, USD_PER_STEP_LABEL
from planner.cost.rows import range_row
from planner.cost.settings import IN_SCENARIO
from planner.cost.shape import Shape
from planner.cost.supply import Supply
from planner.cost.training import (
    rollout_label_flop,
    step_label_usd,
    total_over_active,
    training_flop,
    training_usd,
)
from planner.domain.plan import Assumption
from planner.domain.ranges import Range
from planner.domain.trained import TrainingInputs, VerifierTraining
from planner.errors import Note
from planner.units import format_count, format_flop, format_usd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bill:
    """What one training costs, and what it is made of."""

    what: str
    """What is trained."""
    usd: Array
    """(draw,)"""
    made_of: str
    """Its parts in words, for the page."""
    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[Note, ...] = ()


def model_bill(
    title: str, shape: Shape, tokens: float | None, inputs: TrainingInputs | None, supply: Supply
) -> Bill:
    """The bill of training a model of this shape.

    tokens: what its card says it was trained on; `inputs` goes before it. Dollars, else FLOPs, else
    6 x active parameters x tokens, on rented GPUs; one of them must be there.
    """
    inputs = inputs or TrainingInputs()
    if inputs.usd is not None:
        usd = supply.draws.positive(f"training|{title}", inputs.usd)
        return Bill(title, usd, f"{format_usd(inputs.usd.value)} as given for {title}")
    params, notes = _params(title, shape, inputs)
    if inputs.flop is not None:
        flop, said = np.asarray(inputs.flop), f"{format_flop(inputs.flop)} as given"
    else:
        trained = inputs.tokens or tokens
        assert trained is not None
        flop = training_flop(params, trained)
        said = (
            f"6 x {params / units.PARAMS_PER_B:.3g}B active parameters x"
            f" {format_count(trained)} tokens"
        )
    usd, on = _gpu_usd(title, flop, inputs, supply)
    return Bill(title, usd, f"{title}: {said}, {on}", _rows(title, inputs), notes)


def verifier_bill(
    title: str, reader: Shape, generator: Shape | None, inputs: VerifierTraining, supply: Supply
) -> Bill:
    """The bill of training a verifier: its labels, by people or by rollouts, and the fitting.

    Rollouts are continued by the generator, or by a model of the verifier's size where that of the
    generator is not known.
    """
    usd: Array = np.zeros(supply.draws.rows)
    parts: list[str] = []
    rows: list[Assumption] = []
    notes: tuple[Note, ...] = ()
    draws = supply.draws
    if inputs.labels is not None:
        pay = inputs.usd_per_label or USD_PER_STEP_LABEL
        labels = draws.positive(f"labels|{title}", inputs.labels)
        usd = usd + step_label_usd(labels, draws.positive(f"label pay|{title}", pay))
        parts.append(
            f"{format_count(inputs.labels.value)} steps labelled by people at"
            f" {format_usd(pay.value)}"
        )
        rows.append(_given(ON_USE["step_label"], inputs.usd_per_label))
    if inputs.rollout_steps is not None:
        assert inputs.completion_tokens is not None
        continued = inputs.completions or COMPLETIONS_PER_STEP
        params = (generator or reader).active_params
        steps = draws.positive(f"rollout steps|{title}", inputs.rollout_steps)
        flop = rollout_label_flop(steps, continued, inputs.completion_tokens, params)
        # Continuing a text is inference: it reaches less of the peak, and fits the same GPUs.
        spent, on = _gpu_usd(f"{title} labels", flop, inputs, supply)
        usd = usd + spent
        parts.append(
            f"{format_count(inputs.rollout_steps.value)} steps labelled by {continued}"
            f" continuations of {format_count(inputs.completion_tokens)} tokens, {on}"
        )
        if inputs.completions is None:
            rows.append(ON_USE["completions"])
    if inputs.work_given:
        fitted = model_bill(title, reader, None, inputs, supply)
        usd, parts = usd + fitted.usd, [*parts, fitted.made_of]
        rows += fitted.assumptions
        notes = fitted.notes
    made_of = "; ".join(parts) or "nothing that costs is given"
    return Bill(title, usd, f"{title}: {made_of}", tuple(rows), notes)


def total(bills: Sequence[Bill]) -> Array:
    """Dollars of several bills, (draw,)."""
    return np.asarray(np.sum([bill.usd for bill in bills], axis=0))


def _params(title: str, shape: Shape, inputs: TrainingInputs) -> tuple[float, tuple[Note, ...]]:
    """Parameters that a token runs through, and a warning where the input counted all experts."""
    if inputs.params_b is None:
        return shape.active_params, ()
    counted = inputs.params_b * units.PARAMS_PER_B
    times = total_over_active(counted, shape.params, shape.active_params)
    if times is None:
        return counted, ()
    said = (
        f"{inputs.params_b:.3g}B for training {title} are the parameters of all its experts; a"
        f" token runs through {shape.active_params / units.PARAMS_PER_B:.3g}B of them, and FLOPs"
        f" that count all are {times:.0f} times too many. The active ones are used."
    )
    return shape.active_params, (Note("moe_total_parameters", said),)


def _gpu_usd(
    title: str, flop: ArrayLike, inputs: TrainingInputs, supply: Supply
) -> tuple[Array, str]:
    """Dollars of rented GPUs for FLOPs, (draw,), and on which terms."""
    price = supply.usd_per_gpu_hour
    if inputs.usd_per_gpu_hour is not None:
        price = supply.draws.positive(f"training rent|{title}", inputs.usd_per_gpu_hour)
    mfu: ArrayLike = TRAINING_MFU
    if inputs.mfu is not None:
        mfu = supply.draws.fraction(f"training MFU|{title}", inputs.mfu)
    usd = training_usd(flop, supply.hardware.flop_per_s, price, mfu)
    share = TRAINING_MFU if inputs.mfu is None else inputs.mfu.value
    return usd, f"at {share:.0%} of the peak of {supply.terms.accelerator.title}"


def _rows(title: str, inputs: TrainingInputs) -> tuple[Assumption, ...]:
    table = "verifier_capex" if isinstance(inputs, VerifierTraining) else "capex"
    given = (
        (inputs.mfu, f"training MFU of {title}", "share", "mfu"),
        (inputs.usd_per_gpu_hour, f"rent of a GPU that trains {title}", "$/h", "price"),
    )
    return tuple(
        range_row(name, value, unit, IN_SCENARIO, key=f"[candidates.{table}] {key}")
        for value, name, unit, key in given
        if value is not None
    )


def _given(default: Assumption, value: Range | None) -> Assumption:
    """The row of a default, or of what was given in its place."""
    if value is None:
        return default
    return range_row(default.name, value, default.unit, IN_SCENARIO, key=default.key)
