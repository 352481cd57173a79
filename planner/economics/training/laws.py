"""Published laws of the loss, by the names that `--law` takes."""

from __future__ import annotations

from dataclasses import dataclass

from planner.curves.training_loss import LossLaw


@dataclass(frozen=True)
class PublishedLaw:
    """Coefficients as printed, and where."""

    law: LossLaw
    title: str
    source: str
    date: str
    """When the figures were read."""


_READ = "2026-11-22"

LAWS: dict[str, PublishedLaw] = {
    "hoffmann": PublishedLaw(
        LossLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
        "Hoffmann et al. 2022, exponents as printed, to two digits",
        "arXiv:2203.15556, section D.3, equation 10",
        _READ,
    ),
    "sardana": PublishedLaw(
        LossLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283),
        "Hoffmann et al. 2022, exponents to three digits, as Sardana et al. 2024 use them",
        "arXiv:2401.00448, appendix A, footnote 2",
        _READ,
    ),
    "besiroglu": PublishedLaw(
        LossLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
        "Besiroglu et al. 2024, a refit of the runs of Hoffmann et al. 2022",
        "arXiv:2404.10102, table 1",
        _READ,
    ),
}
