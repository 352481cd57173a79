"""What `planner train` found, in the terminal."""

from __future__ import annotations

from collections.abc import Callable
from itertools import compress

from planner.domain.plan import Assumption
from planner.domain.training import DollarOptimum, Exchange, LinkUsed, TrainingAnswer
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.report.text import number_cell, span
from planner.units import format_count, format_flop, format_percent, format_tokens, format_usd

MODELS = (
    Column("Model", number=False, whole=True),
    Column("Parameters"),
    Column("Training tokens"),
    Column("Tokens a parameter"),
    Column("Samples"),
    Column("FLOPs of its life"),
    Column("$ of its life"),
)


def print_training(answer: TrainingAnswer, quiet: bool = False) -> None:
    """The optimum beside the Chinchilla-optimal model; with its grounds unless quiet."""
    console = stdout()
    say(console, headline(answer), "bold")
    console.print()
    rows = _models(answer)
    shown = [any(row[i].text != MISSING for row in rows) for i in range(len(MODELS))]
    table(console, "", [*compress(MODELS, shown)], [[*compress(row, shown)] for row in rows])
    if answer.dollars is not None:
        say(console, _dollars(answer.dollars))
    if answer.exchange is not None:
        say(console, _exchange(answer.exchange))
    if quiet:
        return
    for text in (*_grounds(answer), *map(_link, answer.links), *map(_assumed, answer.assumptions)):
        say(console, f"* {text}")
    for warning in answer.warnings:
        say(console, f"! {warning.message}", "yellow")


def headline(answer: TrainingAnswer) -> str:
    """What to train, and what that saves."""
    size, tokens = format_count(answer.params), format_tokens(answer.train_tokens)
    said = f"For {answer.required} and {format_tokens(answer.inference_tokens)} of inference: train"
    said += f" {size} parameters on {tokens}"
    if answer.n_samples is not None:
        said += f" and draw {answer.n_samples} sample{'s' if answer.n_samples > 1 else ''} a query"
    if answer.loss_chinchilla is not None and answer.params_chinchilla is not None:
        return f"{said}. {_reached(answer)}"
    if answer.saving is None or answer.params_chinchilla is None:
        return f"{said}; one sample of no model reaches it."
    rival = format_count(answer.params_chinchilla)
    between = span(answer.saving_low, answer.saving_high, format_percent)
    sure = "" if between is None else f" ({between})"
    return (
        f"{said}. Over its life it takes {format_percent(answer.saving)}{sure} fewer FLOPs than a"
        f" Chinchilla-optimal {rival}."
    )


def _reached(answer: TrainingAnswer) -> str:
    assert answer.params_chinchilla is not None
    rival = f"the Chinchilla-optimal {format_count(answer.params_chinchilla)}"
    rival += f" with {format_count(answer.n_samples_chinchilla or 1)}"
    if answer.coverage is not None and answer.coverage_chinchilla is not None:
        coverage, other = (
            format_percent(answer.coverage),
            format_percent(answer.coverage_chinchilla),
        )
        right = f"At least one sample is right on {coverage} of the questions"
        return f"{right}, against {other} of {rival}."
    return f"Its loss is {answer.loss:.4g}, against {answer.loss_chinchilla:.4g} of {rival}."


def _models(answer: TrainingAnswer) -> list[tuple[Cell, ...]]:
    dollars = answer.dollars
    rows = [
        _row(
            "fewest FLOPs" if answer.loss_chinchilla is None else "within both budgets",
            number_cell(answer.params, format_count, answer.params_low, answer.params_high),
            number_cell(
                answer.train_tokens,
                format_count,
                answer.train_tokens_low,
                answer.train_tokens_high,
            ),
            answer.tokens_per_param,
            answer.n_samples,
            number_cell(answer.flop, _bare_flop, answer.flop_low, answer.flop_high),
            None if dollars is None else Cell(format_usd(dollars.usd_of_flop_optimum)),
        )
    ]
    if dollars is not None:
        rows.append(
            _row(
                "fewest dollars",
                number_cell(dollars.params, format_count, dollars.params_low, dollars.params_high),
                number_cell(
                    dollars.train_tokens,
                    format_count,
                    dollars.train_tokens_low,
                    dollars.train_tokens_high,
                ),
                dollars.train_tokens / dollars.params,
                dollars.n_samples,
                None,
                number_cell(dollars.usd, format_usd, dollars.usd_low, dollars.usd_high),
            )
        )
    if answer.params_chinchilla is not None and answer.train_tokens_chinchilla is not None:
        rows.append(
            _row(
                "Chinchilla",
                Cell(format_count(answer.params_chinchilla)),
                Cell(format_count(answer.train_tokens_chinchilla)),
                answer.train_tokens_chinchilla / answer.params_chinchilla,
                answer.n_samples_chinchilla or (None if answer.n_samples is None else 1),
                _optional(answer.flop_chinchilla, _bare_flop),
                None if dollars is None else _optional(dollars.usd_chinchilla, format_usd),
            )
        )
    return rows


def _row(
    name: str,
    params: Cell,
    tokens: Cell,
    ratio: float,
    samples: int | None,
    flop: Cell | None,
    usd: Cell | None,
) -> tuple[Cell, ...]:
    none = Cell(MISSING)
    drawn = none if samples is None else Cell(format_count(samples))
    return (Cell(name), params, tokens, Cell(format_count(ratio)), drawn, flop or none, usd or none)


def _bare_flop(flop: float) -> str:
    """The column says the unit, but for TFLOP and the like."""
    return format_flop(flop).removesuffix(" FLOP")


def _optional(value: float | None, write: Callable[[float], str]) -> Cell:
    return Cell(MISSING if value is None else write(value))


def _dollars(found: DollarOptimum) -> str:
    said = (
        f"In dollars: {format_usd(found.usd_training)} to train and"
        f" {format_usd(found.usd_inference)} to serve"
    )
    if found.saving is None:
        return f"{said}."
    between = span(found.saving_low, found.saving_high, format_percent)
    sure = "" if between is None else f" ({between})"
    return f"{said}, {format_percent(found.saving)}{sure} less than the Chinchilla-optimal model."


def _exchange(found: Exchange) -> str:
    against = f"Against a model {found.size_ratio:g} times larger on the same tokens"
    if found.compute_multiple is None:
        return f"{against}: nothing is inferred, so that there is no limit."
    return (
        f"{against}, this one may spend {format_count(found.compute_multiple)} times its inference"
        f" compute at the same total (R = {found.inference_to_training:.3g}, verifier factor"
        f" {found.verifier_factor:g})."
    )


def _grounds(answer: TrainingAnswer) -> list[str]:
    law = answer.law
    terms = [f"{law.E:.4g}", f"{law.A:.4g} / N^{law.alpha:.4g}", f"{law.B:.4g} / D^{law.beta:.4g}"]
    if law.G is not None and law.gamma is not None:
        terms.append(f"{law.G:.4g} / k^{law.gamma:.4g}")
    read = "" if law.date is None else f", read {law.date}"
    said = [f"Loss = {' + '.join(terms)}: {law.title} ({law.source}{read})."]
    if law.runs is not None and law.fit_error is not None:
        left = f", {law.runs_left_out} of the highest losses left out" if law.runs_left_out else ""
        said.append(
            f"Fitted to {law.runs} runs{left}: half of them within"
            f" {format_percent(law.fit_error, 2)} of the law."
        )
    said.append(
        f"The loss is {answer.loss:.4g}; training takes"
        f" {format_flop(answer.flop_training)} and inference {format_flop(answer.flop_inference)}."
    )
    if answer.interval_reason is not None:
        said.append(f"{answer.interval_reason[:1].upper()}{answer.interval_reason[1:]}.")
    return said


def _link(link: LinkUsed) -> str:
    low, high = format_percent(link.accuracy_low), format_percent(link.accuracy_high)
    return (
        f"{link.bucket}: {format_percent(link.accuracy)} at that loss ({low} to {high} for a new"
        f" model), from {link.models} models; each predicted from the others is missed by"
        f" {link.error * 100:.1f} points on average, {link.worst_error * 100:.1f} at worst."
    )


def _assumed(row: Assumption) -> str:
    value = row.value if isinstance(row.value, str) else f"{row.value:.4g}"
    between = "" if row.low is None or row.high is None else f" ({row.low:.4g} to {row.high:.4g})"
    flag = "" if row.flag is None else f"; {row.flag}"
    return f"{row.name}: {value}{between} {row.unit} ({row.source}{flag})"
