"""A calibration in the terminal: errors by group, constants, the engine, and the worst rows."""

from __future__ import annotations

from planner.domain.calibration import Calibration, Constant, EngineFit, Errors
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.units import format_count, format_percent

MOST_RESIDUALS = 8
ERRORS = (
    Column("Relative error", number=False),
    Column("Rows"),
    Column("Median"),
    Column("p90"),
    Column("Worst"),
)
CONSTANTS = (
    Column("Constant", number=False),
    Column("Value"),
    Column("Before"),
    Column("", number=False),
)
RESIDUALS = (
    Column("Furthest off", number=False),
    Column("Batch"),
    Column("Tokens"),
    Column("Measured, ms"),
    Column("Modelled, ms"),
    Column("Error"),
)
ENGINE = (
    Column("Engine", number=False),
    Column("GPUs", number=False),
    Column("Tokens/s"),
    Column("Kernels alone"),
    Column("Efficiency"),
    Column("", number=False),
)


def print_calibration(found: Calibration, *, quiet: bool = False) -> None:
    """How far the profile is from the measurements (planner.calibration/1)."""
    console = stdout()
    what = "Fitted to" if found.fitted else "Checked against"
    say(console, f"{what} {found.rows} rows: profile {found.profile}", "bold")
    console.print()
    if found.residuals:
        _print_steps(found)
    if found.engine is not None:
        _print_engine(found.engine)
    if not quiet:
        for warning in found.warnings:
            say(console, f"! {warning.message}", "yellow")


def _print_steps(found: Calibration) -> None:
    console = stdout()
    totals = (("decode", found.decode), ("prefill", found.prefill))
    rows = [_errors(name, errors) for name, errors in totals if errors is not None]
    if len(found.by_group) > len(rows):
        rows += [_errors(f"  {name}", errors) for name, errors in found.by_group.items()]
    rows += [_errors(f"  {name}", errors) for name, errors in found.by_model.items()]
    if found.memory is not None:
        m = found.memory
        cells = (format_count(m.rows), _percent(m.median), _percent(m.p90))
        worst = Cell(f"{m.max_gb:.2f} GB")
        rows.append((Cell("peak memory of decode"), *map(Cell, cells), worst))
    table(console, "", ERRORS, rows)
    if found.constants:
        table(console, "", CONSTANTS, [_constant(c) for c in found.constants])
    worst_rows = sorted(found.residuals, key=lambda r: -abs(r.error))[:MOST_RESIDUALS]
    table(
        console,
        "",
        RESIDUALS,
        [
            (
                Cell(f"{r.model} {r.phase} {r.weight_dtype}, {r.tensor_parallel} GPU"),
                Cell(str(r.batch)),
                Cell(str(r.tokens)),
                Cell(f"{r.measured_s * 1e3:.3g}"),
                Cell(f"{r.predicted_s * 1e3:.3g}"),
                Cell(f"{r.error:+.1%}"),
            )
            for r in worst_rows
        ],
    )
    if len(found.residuals) > len(worst_rows):
        say(console, f"All {len(found.residuals)} residuals: --json")


def _errors(name: str, errors: Errors) -> tuple[Cell, ...]:
    shares = (errors.median, errors.p90, errors.max)
    return (Cell(name), Cell(format_count(errors.rows)), *(Cell(_percent(s)) for s in shares))


def _percent(share: float) -> str:
    # A perfect fit is off by what arithmetic leaves over: no digits of that.
    return format_percent(round(share, 6), 2)


def _constant(constant: Constant) -> tuple[Cell, ...]:
    before = MISSING if constant.before is None else _amount(constant.name, constant.before)
    return (
        Cell(f"{constant.weight_dtype} {constant.name}"),
        Cell(_amount(constant.name, constant.value)),
        Cell(before),
        Cell("" if constant.status == "fitted" else constant.status),
    )


def _amount(name: str, value: float) -> str:
    return f"{value * 1e6:.1f} us" if name.endswith("layer_s") else f"{value:.3f}"


def _print_engine(engine: EngineFit) -> None:
    console = stdout()
    rows = [
        (
            Cell(f"{r.model}, {r.weight_dtype}"),
            Cell(f"{r.tensor_parallel} x {r.accelerator}"),
            Cell(f"{r.measured_tokens_per_s:.0f}"),
            Cell(f"{r.kernel_tokens_per_s:.0f}"),
            Cell(f"{r.efficiency:.2f}"),
            Cell("" if r.within else "outside the default range"),
        )
        for r in engine.rows
    ]
    table(console, "", ENGINE, rows)
    inside = sum(row.within for row in engine.rows)
    say(
        console,
        f"Engine efficiency {engine.value:.2f} ({engine.low:.2f} to {engine.high:.2f}, central"
        f" 80%); {inside} of {len(engine.rows)} rows are within the default range.",
    )
    for assumed in engine.assumed:
        say(console, f"* Assumed, for the file does not say: {assumed}.")
