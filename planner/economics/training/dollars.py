"""Dollars of training and of serving a model over its life, for each parameter.

    train_rate = 6 x rent of a GPU-second / (peak x train_mfu)
    life_rate  = 2 x tokens x rent / peak x (prompt_share / prefill_mfu + rest / decode_mfu)

Source: Sardana et al. 2024 (arXiv:2401.00448), the section on real-world costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.rows import range_row
from planner.cost.settings import ACCELERATOR
from planner.cost.training import TRAINING_FLOP_PER_PARAM_TOKEN
from planner.domain.card import AcceleratorCard
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.plan import Assumption
from planner.domain.prices import prices_as_of, rent_range
from planner.domain.ranges import Range
from planner.domain.typed import Typed
from planner.errors import InputError, Note, Problem
from planner.units import parse_flop, parse_fraction, parse_usd_per_hour

Array = NDArray[np.float64]

TRAIN_MFU = Range(value=0.4, low=0.38, high=0.43)
"""Llama 3 405B reached 38 to 43%."""
PREFILL_MFU = Range(value=0.5, low=0.4, high=0.76)
"""Sardana et al. take 50%; Pope et al. 2022 reached 76% in large batches."""
DECODE_MFU = Range(value=0.03, low=0.01, high=0.08)
"""Sardana et al. take 1%, of small batches. A full batch of a dense model of 7B to 30B on an H100
at 50 ms a token has 8% in this planner's cost model; the middle is their geometric mean."""
PROMPT_SHARE = 70 / 285
"""Prompts of 70 tokens and answers of 215, as Sardana et al. take from chats of LMSYS."""
_SARDANA = "Sardana et al. 2024, arXiv:2401.00448"
_READ = "2026-11-22"
_GIVEN = "given with the command"


@dataclass(frozen=True)
class DollarFlags:
    """The terms as they are typed; None: the default stands."""

    train_on: str | None = None
    serve_on: str | None = None
    train_price: str | None = None
    serve_price: str | None = None
    train_peak: str | None = None
    serve_peak: str | None = None
    train_mfu: str | None = None
    prefill_mfu: str | None = None
    decode_mfu: str | None = None
    prompt_share: str | None = None


@dataclass(frozen=True)
class DollarTerms:
    """Prices, peak rates and the shares of them that are reached."""

    train_rent: Range
    """Dollars of a GPU-hour."""
    serve_rent: Range
    train_peak: float
    """FLOP/s of one GPU."""
    serve_peak: float
    train_mfu: Range
    prefill_mfu: Range
    decode_mfu: Range
    prompt_share: float
    """Share of the inference tokens that are read rather than generated."""
    train_on: str = "training GPU"
    """What rents are drawn by: GPUs of one name have one rent."""
    serve_on: str = "serving GPU"
    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[Note, ...] = ()

    def rates(self, inference_tokens: float, draws: Draws) -> tuple[Array, Array]:
        """(train_rate, life_rate), each (draw,)."""
        train = self._usd_per_flop(draws, self.train_on, self.train_rent, self.train_peak)
        serve = self._usd_per_flop(draws, self.serve_on, self.serve_rent, self.serve_peak)
        work = self.prompt_share / draws.fraction("prefill MFU", self.prefill_mfu)
        work = work + (1 - self.prompt_share) / draws.fraction("decode MFU", self.decode_mfu)
        train_rate = TRAINING_FLOP_PER_PARAM_TOKEN * train
        return (
            train_rate / draws.fraction("training MFU", self.train_mfu),
            FLOP_PER_PARAM_TOKEN * inference_tokens * serve * work,
        )

    @staticmethod
    def _usd_per_flop(draws: Draws, gpu: str, rent: Range, peak: float) -> Array:
        return draws.positive(f"rent|{gpu}", rent) / units.SECONDS_PER_HOUR / peak


def dollar_terms(flags: DollarFlags, cards: CardBook, typed: Typed) -> DollarTerms | None:
    """Completes the flags with cards and stated defaults.

    None where something cannot be read: its problems are then in `typed`.
    """
    train = _accelerator("--train-on", flags.train_on, cards, typed)
    serve = train
    if flags.serve_on is not None:
        serve = _accelerator("--serve-on", flags.serve_on, cards, typed)
    train_rent = _rent("--train-price", flags.train_price, train, cards, typed)
    serve_rent = _rent("--serve-price", flags.serve_price, serve, cards, typed)
    train_peak = typed.number("--train-peak", flags.train_peak, _peak, above=0)
    serve_peak = typed.number("--serve-peak", flags.serve_peak, _peak, above=0)
    train_mfu = typed.range("--train-mfu", flags.train_mfu, parse_fraction, most=1)
    prefill = typed.range("--prefill-mfu", flags.prefill_mfu, parse_fraction, most=1)
    decode = typed.range("--decode-mfu", flags.decode_mfu, parse_fraction, most=1)
    share = typed.number("--prompt-share", flags.prompt_share, parse_fraction)
    if train is None or serve is None or train_rent is None or serve_rent is None:
        return None
    rows = [
        range_row(f"rent of one {train.title}, training", *train_rent.row("--train-price")),
        range_row(f"rent of one {serve.title}, serving", *serve_rent.row("--serve-price")),
        _row("training MFU", train_mfu, TRAIN_MFU, "arXiv:2407.21783, section 3.3", "--train-mfu"),
        _row(
            "prefill MFU",
            prefill,
            PREFILL_MFU,
            f"{_SARDANA}; up to Pope et al. 2022, arXiv:2211.05102",
            "--prefill-mfu",
        ),
        _row(
            "decode MFU",
            decode,
            DECODE_MFU,
            f"from {_SARDANA} (1%) to a full batch of 7B to 30B on an H100 in the planner's own"
            " cost model (8%)",
            "--decode-mfu",
        ),
        _row(
            "share of inference tokens that are read",
            None if share is None else Range.model_validate(share),
            Range.model_validate(PROMPT_SHARE),
            f"{_SARDANA}: 70 of 285 tokens",
            "--prompt-share",
        ),
    ]
    return DollarTerms(
        train_rent=train_rent.usd_per_hour,
        serve_rent=serve_rent.usd_per_hour,
        train_peak=train_peak or train.bf16_flop_per_s,
        serve_peak=serve_peak or serve.bf16_flop_per_s,
        train_mfu=train_mfu or TRAIN_MFU,
        prefill_mfu=prefill or PREFILL_MFU,
        decode_mfu=decode or DECODE_MFU,
        prompt_share=PROMPT_SHARE if share is None else share,
        train_on=f"{train.name}, given" if train_rent.given else train.name,
        serve_on=f"{serve.name}, given to serve" if serve_rent.given else serve.name,
        assumptions=tuple(rows),
        notes=tuple(dict.fromkeys((*train_rent.notes, *serve_rent.notes))),
    )


@dataclass(frozen=True)
class _Rent:
    usd_per_hour: Range
    given: bool
    source: str
    date: str | None = None
    notes: tuple[Note, ...] = ()

    def row(self, flag: str) -> tuple[Range, str, str, str, str | None]:
        return self.usd_per_hour, "$/h", self.source, flag, self.date


def _accelerator(
    flag: str, name: str | None, cards: CardBook, typed: Typed
) -> AcceleratorCard | None:
    try:
        return cards.accelerator(name or ACCELERATOR)
    except InputError as error:
        typed.problems += [replace(problem, where=flag) for problem in error.problems]
        return None


def _rent(
    flag: str, text: str | None, card: AcceleratorCard | None, cards: CardBook, typed: Typed
) -> _Rent | None:
    if text is not None:
        given = typed.range(flag, text, parse_usd_per_hour)
        return None if given is None else _Rent(given, True, _GIVEN)
    if card is None:
        return None
    prices = cards.prices.values()
    quoted = rent_range(prices, card.name, on=prices_as_of(prices))
    if quoted is None:
        what = f"no provider's rent of {card.title} is known"
        typed.problems.append(Problem(flag, what, remedy=f"give it: {flag} '$2.50/h'"))
        return None
    names = ", ".join(quote.title for quote in quoted.quotes)
    return _Rent(
        quoted.usd_per_gpu_hour,
        False,
        f"median and central 80% of on-demand prices: {names}",
        max(quote.rent.start_date for quote in quoted.quotes).isoformat(),
        quoted.notes,
    )


def _row(name: str, given: Range | None, default: Range, source: str, flag: str) -> Assumption:
    if given is not None:
        return range_row(name, given, "share", _GIVEN, flag)
    return range_row(name, default, "share", source, flag, _READ)


def _peak(text: str | float) -> float:
    """FLOP/s: "312 TFLOP/s", "624e12"."""
    if not isinstance(text, str):
        return parse_flop(text)
    rate = text.strip()
    for ending in ("/s", "/sec", "ps", "PS"):
        rate = rate.removesuffix(ending)
    return parse_flop(rate)
