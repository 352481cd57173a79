"""How far a profile is from measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.calibration.timed import Timed, timed
from planner.cost.hardware import Hardware
from planner.domain.calibration import (
    Calibration,
    Errors,
    GroupErrors,
    Measurements,
    MemoryErrors,
    ModelErrors,
    Phase,
    Residual,
    StepTime,
)

Array = NDArray[np.float64]


def checked(measured: Measurements, hardware: Hardware, profile: str) -> Calibration:
    """Errors of the form with the hardware's efficiencies on every measured step.

    Memory is that of decode steps: how a prefill pass is cut into parts is an engine's choice.
    """
    rows = measured.steps
    residuals = _residuals(rows, measured, hardware)
    error = np.abs([r.error for r in residuals])
    of_phase = {
        phase: np.array([row.phase == phase for row in rows], dtype=bool)
        for phase in ("decode", "prefill")
    }

    def errors(keep: NDArray[np.bool_]) -> Errors | None:
        return _errors(error[keep]) if keep.any() else None

    def picked(of: Callable[[StepTime], object], value: object) -> NDArray[np.bool_]:
        return np.array([of(row) == value for row in rows], dtype=bool)

    by_model = {}
    for model in dict.fromkeys(row.model for row in rows):
        keep = picked(lambda row: row.model, model)
        by_model[model] = ModelErrors(
            **_errors(error[keep]).model_dump(),
            decode=errors(keep & of_phase["decode"]),
            prefill=errors(keep & of_phase["prefill"]),
        )
    by_group = {}
    for row in rows:
        name = group_name(row, measured)
        if name not in by_group:
            keep = picked(lambda other: group_name(other, measured), name)
            by_group[name] = GroupErrors(
                **_errors(error[keep]).model_dump(),
                weight_dtype=row.weights,
                tensor_parallel=row.gpus,
                phase=row.phase,
                mixture=_mixture(row, measured),
            )
    return Calibration(
        profile=profile,
        fitted=False,
        rows=len(rows) + len(measured.throughputs),
        decode=errors(of_phase["decode"]),
        prefill=errors(of_phase["prefill"]),
        memory=_memory(rows, measured),
        by_model=by_model,
        by_group=by_group,
        residuals=tuple(residuals),
        inputs=dict(measured.digests),
    )


def group_name(row: StepTime, measured: Measurements) -> str:
    """As `bf16/1/decode`, with `/experts` for a mixture of experts."""
    experts = "/experts" if _mixture(row, measured) else ""
    return f"{row.weights}/{row.gpus}/{row.phase}{experts}"


def _mixture(row: StepTime, measured: Measurements) -> bool:
    return bool(measured.shapes[row.model.removeprefix("prm-")].experts)


def _residuals(
    rows: Sequence[StepTime], measured: Measurements, hardware: Hardware
) -> list[Residual]:
    predicted = np.zeros(len(rows))
    phases: tuple[Phase, ...] = ("decode", "prefill")
    for phase in phases:
        places = [i for i, row in enumerate(rows) if row.phase == phase]
        data = timed([rows[i] for i in places], measured.shapes)
        predicted[places] = data.predicted_s(hardware)
    return [
        Residual(
            model=row.model,
            phase=row.phase,
            weight_dtype=row.weights,
            tensor_parallel=row.gpus,
            batch=row.batch,
            tokens=row.tokens,
            measured_s=row.seconds,
            predicted_s=float(seconds),
            error=float(seconds / row.seconds - 1),
        )
        for row, seconds in zip(rows, predicted, strict=True)
    ]


def _memory(rows: Sequence[StepTime], measured: Measurements) -> MemoryErrors | None:
    known = [r for r in rows if r.phase == "decode" and r.peak_memory_byte is not None]
    if not known:
        return None
    data: Timed = timed(known, measured.shapes)
    seen = np.array([row.peak_memory_byte for row in known], dtype=np.float64)
    off = np.abs(data.peak_byte() - seen)
    relative = _errors(off / seen)
    return MemoryErrors(
        rows=relative.rows,
        median=relative.median,
        p90=relative.p90,
        max_gb=float(off.max()) / units.BYTES_PER_GB,
    )


def _errors(values: Array) -> Errors:
    return Errors(
        rows=len(values),
        median=float(np.median(values)),
        p90=float(np.quantile(values, 0.9)),
        max=float(values.max()),
    )
