"""The law of the loss that an answer rests on: published, given as coefficients, or fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.curves.training_loss import LossLaw, Runs, resampled_laws
from planner.domain.draws import CENTRAL, Draws
from planner.domain.training import LEAST_EXPONENT, MOST_EXPONENT, LawFile, LawUsed

Array = NDArray[np.float64]

_READ = "2026-11-22"


@dataclass(frozen=True)
class PublishedLaw:
    """Coefficients as printed, and where."""

    law: LossLaw
    title: str
    source: str


LAWS: dict[str, PublishedLaw] = {
    "hoffmann": PublishedLaw(
        LossLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
        "Hoffmann et al. 2022, exponents to two digits as printed",
        "arXiv:2203.15556, approach 3",
    ),
    "sardana": PublishedLaw(
        LossLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283),
        "Hoffmann et al. 2022, exponents to three digits as Sardana et al. 2024 use them",
        "arXiv:2401.00448, appendix A, footnote 2",
    ),
    "besiroglu": PublishedLaw(
        LossLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
        "Besiroglu et al. 2024, a refit of the runs of Hoffmann et al. 2022",
        "arXiv:2404.10102",
    ),
}
"""By the names that `--law` takes."""


@dataclass(frozen=True)
class DrawnLaw:
    """A law whose coefficients are (draw,), or numbers where they are taken as exact."""

    law: LossLaw
    used: LawUsed
    """The central case, for the answer."""
    runs: Runs | None = None
    """What it was fitted to here."""
    coverage: tuple[float, ...] | None = None
    """th0 to th4 of the coverage of k samples, where a file gives them."""


def published_law(name: str) -> DrawnLaw:
    """A law of LAWS."""
    found = LAWS[name]
    used = _used(found.law, name=name, title=found.title, source=found.source, date=_READ)
    return DrawnLaw(found.law, used)


def given_law(file: LawFile, name: str) -> DrawnLaw:
    """The law of a file of coefficients."""
    samples = {} if file.G is None else {"G": file.G, "gamma": file.gamma or 1.0}
    law = LossLaw(file.E, file.A, file.B, file.alpha, file.beta, **samples)
    title = file.title or "coefficients as given"
    used = _used(law, name=name, title=title, source=file.source or name)
    return DrawnLaw(law, used, coverage=file.coverage)


def fitted_law(runs: Runs, name: str, draws: Draws, left_out: int = 0) -> DrawnLaw:
    """The law of a table of runs, without its `left_out` highest losses, over resamples of it.

    Resamples in which loss does not fall with N, D or k give NaN and count for nothing. Raises
    ValueError where the runs are too few, or where loss does not fall over the runs themselves.
    """
    kept = runs.without_highest(left_out)
    size = len(kept.loss)
    rng = draws.generator("training runs")
    counts = rng.multinomial(size, np.full(size, 1 / size), draws.n).astype(np.float64)
    law = resampled_laws(kept, counts)
    central = LossLaw(*(float(np.ravel(value)[CENTRAL]) for value in _values(law)))
    _falls(central)
    rows = np.stack([np.broadcast_to(np.asarray(v), counts.shape[0] + 1) for v in _values(law)])
    good = np.isfinite(rows).all(axis=0) & (rows > 0)[:3].all(axis=0)
    exponents = rows[[3, 4, 6]]
    good &= ((exponents >= LEAST_EXPONENT) & (exponents <= MOST_EXPONENT)).all(axis=0)
    law = LossLaw(*np.where(good, rows, np.nan))
    modelled = central.loss(kept.params, kept.tokens, 1.0 if kept.samples is None else kept.samples)
    used = _used(
        central,
        name=name,
        title="fitted here",
        source=name,
        runs=size,
        runs_left_out=left_out,
        fit_error=float(np.median(np.abs(modelled / kept.loss - 1))),
        share_of_draws=float(good[1:].mean()),
    )
    return DrawnLaw(law, used, kept)


def _falls(law: LossLaw) -> None:
    names = {"alpha": "parameters", "beta": "training tokens"}
    if law.takes_samples:
        names["gamma"] = "samples"
    flat = [what for name, what in names.items() if not getattr(law, name) >= LEAST_EXPONENT]
    steep = [what for name, what in names.items() if getattr(law, name) > MOST_EXPONENT]
    if not flat and not steep:
        return
    said = [f"the loss does not fall with {' or '.join(flat)}"] if flat else []
    said += [f"it falls at no steady rate with {' or '.join(steep)}"] if steep else []
    raise ValueError(
        f"over these runs {' and '.join(said)}: they tell of no law; it needs runs that differ in"
        " each of them apart from the others"
    )


def _values(law: LossLaw) -> tuple[float | Array, ...]:
    return law.E, law.A, law.B, law.alpha, law.beta, law.G, law.gamma


def _used(
    law: LossLaw,
    *,
    name: str,
    title: str,
    source: str,
    date: str | None = None,
    runs: int | None = None,
    runs_left_out: int = 0,
    fit_error: float | None = None,
    share_of_draws: float = 1.0,
) -> LawUsed:
    E, A, B, alpha, beta, G, gamma = (float(np.asarray(value)) for value in _values(law))
    return LawUsed(
        name=name,
        title=title,
        E=E,
        A=A,
        B=B,
        alpha=alpha,
        beta=beta,
        G=G if law.takes_samples else None,
        gamma=gamma if law.takes_samples else None,
        source=source,
        date=date,
        runs=runs,
        runs_left_out=runs_left_out,
        fit_error=fit_error,
        share_of_draws=share_of_draws,
    )
