"""Least squares on log ratios, soft-L1, for each weight format and phase.

    minimise sum rho(ln(predicted / measured)),  rho(z) = 2 s^2 (sqrt(1 + (z/s)^2) - 1)
    over the logarithms of t0 and of the shares, each share at most 1

Only dense models on one GPU are fitted where there are enough of them: mixtures of experts and
several GPUs follow with nothing of their own, and are told by the check. A constant that no row
depends on is kept as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.cost.calibration.timed import Timed, timed
from planner.cost.hardware import Hardware, hardware_of
from planner.domain.calibration import Constant, Measurements, Phase, StepTime
from planner.domain.card import AcceleratorCard, Efficiency
from planner.domain.weights import FORMATS, WeightFormat
from planner.errors import Note

Array = NDArray[np.float64]

CONSTANTS: dict[Phase, tuple[str, ...]] = {
    "decode": ("decode_layer_s", "decode_weights", "decode_flop", "decode_kv"),
    "prefill": ("prefill_layer_s", "prefill_weights", "prefill_flop", "prefill_attention"),
}
"""Constants of a phase: time a layer, then shares of the datasheet."""
LONGEST_LAYER_S = 1.0
LEAST_SHARE = 0.01
SOFT_SCALE = 0.05
"""Relative error s beyond which a row counts by its size rather than by its square."""
LEAST_ROWS = 6
"""Rows of a phase below which nothing is fitted to it."""
LEAST_EFFECT = 0.05
"""Greatest elasticity of any row's time to a constant below which the constant is kept."""
ALIKE = 10.0
"""Condition of the scaled sensitivities from which constants cannot be told apart. Two models of
like size have 34, a small and a middle one 2."""
AT_BOUND = 0.999


@dataclass(frozen=True)
class Fit:
    """What was fitted."""

    efficiencies: dict[WeightFormat, Efficiency]
    constants: tuple[Constant, ...]
    condition: dict[str, float]
    notes: tuple[Note, ...]


@dataclass
class _State:
    """Efficiencies as they are so far, and what was found on the way."""

    card: AcceleratorCard
    lender: AcceleratorCard
    found: dict[WeightFormat, Efficiency] = field(default_factory=dict)
    constants: list[Constant] = field(default_factory=list)
    condition: dict[str, float] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def hardware(self, weights: WeightFormat, efficiency: Efficiency) -> Hardware:
        """The accelerator with these efficiencies for a weight format."""
        on, _ = hardware_of(self.card, self.lender)
        if "bf16" in self.found:
            on = replace(on, efficiency=self.found["bf16"])
        if weights == "bf16":
            return replace(on, efficiency=efficiency)
        kernels = replace(on.formats[weights], efficiency=efficiency)
        if weights != "int4" and self.card.fp8_flop_per_s is not None:
            kernels = replace(kernels, flop_per_s=self.card.fp8_flop_per_s)
        return replace(on, formats={**on.formats, weights: kernels})


def fit_profile(
    measured: Measurements, card: AcceleratorCard, lender: AcceleratorCard | None = None
) -> Fit:
    """Efficiencies of every weight format that was measured on the accelerator of `card`.

    lender: its efficiencies are where the fit starts, and what is kept of constants that the rows
    do not depend on, where the card has none of its own.
    """
    state = _State(card, lender or card)
    for weights in FORMATS:
        rows = [row for row in measured.steps if row.weights == weights]
        if rows:
            state.found[weights] = _fit_format(weights, rows, measured, state)
    return Fit(
        efficiencies=state.found,
        constants=tuple(state.constants),
        condition=state.condition,
        notes=tuple(state.notes),
    )


def _fit_format(
    weights: WeightFormat, rows: Sequence[StepTime], measured: Measurements, state: _State
) -> Efficiency:
    start = _start(weights, state)
    own = state.card.efficiency_of(weights)
    efficiency = start.model_copy(update={"measured_on": state.card.name})
    for phase, names in CONSTANTS.items():
        of_phase = _fitted_rows([row for row in rows if row.phase == phase], measured, phase, state)
        status = dict.fromkeys(names, "kept")
        if len(of_phase) >= LEAST_ROWS:
            data = timed(of_phase, measured.shapes)
            efficiency, status = _fit_phase(weights, phase, data, efficiency, state)
        elif of_phase:
            what = f"{len(of_phase)} {phase} rows in {weights}: fewer than {LEAST_ROWS}, not fitted"
            state.notes.append(Note("too_few_rows", what))
        state.constants += [
            Constant.model_validate(
                {
                    "weight_dtype": weights,
                    "name": name,
                    "value": getattr(efficiency, name),
                    "before": None if own is None else getattr(own, name),
                    "status": status[name],
                }
            )
            for name in names
        ]
    return efficiency


def _start(weights: WeightFormat, state: _State) -> Efficiency:
    """Where a fit begins: what the card has of the format, or the lender, or bf16's."""
    on, _ = hardware_of(state.card, state.lender)
    if weights != "bf16" and state.card.efficiency_of(weights) is None and "bf16" in state.found:
        lent = state.lender.efficiency_of(weights)
        return lent or state.found["bf16"]
    return on.kernels(weights).efficiency


def _fitted_rows(
    rows: Sequence[StepTime], measured: Measurements, phase: Phase, state: _State
) -> list[StepTime]:
    """Rows on one GPU, of dense models alone where there are enough of those."""
    single = [row for row in rows if row.gpus == 1]
    dense = [r for r in single if not measured.shapes[r.model.removeprefix("prm-")].experts]
    if len(dense) >= LEAST_ROWS or len(dense) == len(single):
        return dense
    state.notes.append(
        Note(
            "fitted_on_experts",
            f"{phase}: fewer than {LEAST_ROWS} rows of dense models, so that mixtures of experts"
            " are fitted too; their constants may not carry over to dense models.",
        )
    )
    return single


def _fit_phase(
    weights: WeightFormat, phase: Phase, data: Timed, start: Efficiency, state: _State
) -> tuple[Efficiency, dict[str, str]]:
    """The efficiency with the phase's constants fitted, and the status of each."""
    names = CONSTANTS[phase]
    free = list(names)
    condition: float | None = None
    while True:
        values, jacobian = _solve(weights, data, start, free, state)
        # Of all constants: one that is kept was perhaps taken for another.
        condition = condition or _condition(jacobian)
        effect = np.abs(jacobian).max(axis=0)
        idle = [name for name, most in zip(free, effect, strict=True) if most < LEAST_EFFECT]
        if not idle:
            break
        free = [name for name in free if name not in idle]
    fitted = start.model_copy(update=dict(zip(free, values.tolist(), strict=True)))
    status = {
        name: "kept"
        if name not in free
        else "at its bound"
        if not name.endswith("layer_s") and getattr(fitted, name) >= AT_BOUND
        else "fitted"
        for name in names
    }
    state.condition[f"{weights}/{phase}"] = condition
    state.notes += _warnings(weights, phase, data, condition, status)
    return fitted, status


def _solve(
    weights: WeightFormat, data: Timed, start: Efficiency, free: Sequence[str], state: _State
) -> tuple[Array, Array]:
    from scipy.optimize import least_squares

    def log_ratio(logs: Array) -> Array:
        values = dict(zip(free, np.exp(logs).tolist(), strict=True))
        on = state.hardware(weights, start.model_copy(update=values))
        return np.asarray(np.log(data.predicted_s(on) / data.measured_s))

    layer = np.array([name.endswith("layer_s") for name in free])
    low = np.log(np.where(layer, 1e-9, LEAST_SHARE))
    high = np.log(np.where(layer, LONGEST_LAYER_S, 1.0))
    first = np.log([getattr(start, name) for name in free])
    solution = least_squares(
        log_ratio,
        np.clip(first, low + 1e-6, high - 1e-6),
        bounds=(low, high),
        loss="soft_l1",
        f_scale=SOFT_SCALE,
    )
    # The solver's own Jacobian is weighted by the loss; elasticities are not.
    step = 1e-5
    columns = [
        (log_ratio(solution.x + step * unit) - log_ratio(solution.x - step * unit)) / (2 * step)
        for unit in np.eye(len(free))
    ]
    return np.exp(solution.x), np.column_stack(columns)


def _condition(jacobian: Array) -> float:
    """Largest over smallest singular value of the sensitivities, each scaled to length one."""
    scaled = jacobian / np.linalg.norm(jacobian, axis=0)
    singular = np.linalg.svd(scaled, compute_uv=False)
    return float(singular[0] / max(singular[-1], 1e-300))


def _warnings(
    weights: WeightFormat, phase: Phase, data: Timed, condition: float, status: dict[str, str]
) -> list[Note]:
    notes = []
    where = f"{phase} in {weights}"
    if data.sizes == 1:
        notes.append(
            Note(
                "one_size",
                f"{where}: all models fitted are of one size, so that the overhead of a layer and"
                f" the share of bandwidth are not told apart (condition {condition:.3g}); other"
                " sizes may be far off. Add a model a tenth or ten times as large.",
            )
        )
    elif condition > ALIKE:
        notes.append(
            Note(
                "constants_alike",
                f"{where}: two constants have like effects on these rows (condition"
                f" {condition:.3g}, over {ALIKE:g}): add models of other sizes and other batches.",
            )
        )
    bound = [name for name, how in status.items() if how == "at its bound"]
    if bound:
        what = f"{where}: {', '.join(bound)} would exceed the datasheet and stops at it"
        notes.append(Note("at_bound", what))
    kept = [name for name, how in status.items() if how == "kept"]
    if kept:
        what = f"{where}: these rows say nothing of {', '.join(kept)}, kept as before"
        notes.append(Note("kept", what))
    return notes
