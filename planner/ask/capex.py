"""Training, a case of its own: weights that exist cost nothing to train, nothing breaks even."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.demands import Training as Demanded
from planner.allocate.table import Table
from planner.ask.break_evens import Pair, by_volume
from planner.cost.capex import Bill, model_bill, total, verifier_bill
from planner.cost.settings import HORIZON_DAYS
from planner.cost.supply import Supply
from planner.domain.answer import BreakEven, PairBreakEven
from planner.domain.cardbook import CardBook
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import CapexRow
from planner.domain.scenario import Candidate as Wanted
from planner.domain.scenario import Scenario
from planner.domain.trained import TrainingInputs
from planner.economics.parity import Crossing
from planner.errors import InputError
from planner.errors import Problem as Fault
from planner.options import Candidate

Array = NDArray[np.float64]

WEIGHTS_EXIST = "the weights exist: nothing is trained"


@dataclass(frozen=True)
class Training:
    """What has to be trained before the models answer anything, and what that costs."""

    cards: CardBook
    supply: Supply
    horizon_days: float
    """Over which it must be paid back."""
    wanted: tuple[Wanted, ...] = ()
    """Candidates of a scenario, which say what of theirs is trained."""
    from_scratch: bool = False
    """Every model asked about is trained from scratch, whatever the candidates say."""

    def bills(self, candidate: Candidate) -> tuple[tuple[Bill, ...] | None, str]:
        """The bills of a candidate's model and verifier, empty where both exist; None where what
        they take is not published. With the reason, or what they are made of.
        """
        asked = self._asked(candidate)
        bills: list[Bill] = []
        if self.from_scratch or (asked is not None and asked.training != "exists"):
            model, reason = self._model_bill(candidate, None if asked is None else asked.capex)
            if model is None:
                return None, reason
            bills.append(model)
        if asked is not None and asked.verifier_capex is not None and candidate.reader is not None:
            bills.append(
                verifier_bill(
                    candidate.verifier or "verifier",
                    candidate.reader,
                    candidate.generator,
                    asked.verifier_capex,
                    self.supply,
                )
            )
        made_of = "; ".join(bill.made_of for bill in bills)
        return tuple(bills), made_of or WEIGHTS_EXIST

    def usd(self, candidate: Candidate) -> tuple[Array | None, str]:
        """(draw,) dollars of all that a candidate needs trained, or None, with the reason."""
        bills, reason = self.bills(candidate)
        if bills is None:
            return None, reason
        return (total(bills) if bills else np.zeros(self.supply.draws.rows)), reason

    def _asked(self, candidate: Candidate) -> Wanted | None:
        """The scenario's candidate of its model; of several, one with its verifier."""
        own = [wanted for wanted in self.wanted if wanted.model == candidate.model]
        with_verifier = [wanted for wanted in own if wanted.verifier == candidate.verifier]
        return next(iter(with_verifier or own), None)

    def _model_bill(
        self, candidate: Candidate, inputs: TrainingInputs | None
    ) -> tuple[Bill | None, str]:
        if candidate.generator is None:
            return None, f"the size of {candidate.title} is not published"
        if inputs is not None and inputs.work_given:
            made = model_bill(candidate.title, candidate.generator, None, inputs, self.supply)
            return made, made.made_of
        try:
            card = self.cards.model(candidate.model)
        except InputError:
            return None, f"{candidate.model} has no card, so that its training tokens are not known"
        found = self.cards.train_tokens_of(card)
        if found is None:
            return None, f"the training tokens of {candidate.title} are not published"
        tokens, stated = found
        made = model_bill(candidate.title, candidate.generator, tokens, inputs, self.supply)
        by = "" if stated.name == candidate.model else f", as of {stated.title}, on which it rests"
        said = f"{made.made_of}{by}; fine-tuning, data and people are left out"
        return replace(made, made_of=said), said


def training_in(
    scenario: Scenario | None,
    cards: CardBook,
    supply: Supply,
    from_scratch: bool = False,
    horizon_days: float | None = None,
) -> Training | None:
    """What a scenario's candidates have trained, or every model; None where all of them exist."""
    wanted = () if scenario is None else scenario.candidates
    exist = all(c.training == "exists" and c.verifier_capex is None for c in wanted)
    if exist and not from_scratch:
        return None
    return Training(cards, supply, horizon_days or HORIZON_DAYS, wanted, from_scratch)


def training_items(training: Training | None, table: Table) -> Demanded | None:
    """What the options of a table need trained, each model and verifier once, spread evenly over
    the horizon: CAPEX / horizon dollars a day. None where everything exists.

    Raises InputError where what a candidate's training takes is not known.
    """
    if training is None:
        return None
    usd: dict[str, float] = {}
    needs: dict[int, list[str]] = {}
    faults = []
    for entry in table.entries:
        candidate = entry.candidate
        if id(candidate) in needs:
            continue
        bills, reason = training.bills(candidate)
        if bills is None:
            remedy = "add [candidates.capex] with tokens, flop or usd"
            faults.append(Fault(f"candidates {candidate.model!r}", reason, remedy=remedy))
        needs[id(candidate)] = [bill.made_of for bill in bills or ()]
        usd |= {bill.made_of: float(bill.usd[CENTRAL]) for bill in bills or ()}
    if faults:
        raise InputError(dict.fromkeys(faults))
    names = tuple(usd)
    needed = [
        [any(name in needs[id(s.candidate)] for s in e.stages) for e in table.entries]
        for name in names
    ]
    shape = (len(names), len(table.entries))
    return Demanded(
        names,
        np.array([usd[name] for name in names]) / training.horizon_days,
        np.array(needed, dtype=bool).reshape(shape),
    )


def capex_of(training: Training | None, candidate: Candidate) -> tuple[float | None, str | None]:
    """(dollars in the central case or None, the reason or what it is made of)."""
    if training is None:
        return None, WEIGHTS_EXIST
    usd, reason = training.usd(candidate)
    return None if usd is None else float(usd[CENTRAL]), reason


def training_of(training: Training | None, candidates: Iterable[Candidate]) -> tuple[Bill, ...]:
    """Every bill of some candidates, for what they rest on and what weakens them."""
    if training is None:
        return ()
    return tuple(bill for made in candidates for bill in training.bills(made)[0] or ())


def training_usd(training: Training | None, used: Sequence[Candidate], rows: int) -> Array:
    """(draw,) dollars of all that some candidates need trained, each model and verifier once."""
    bills = {bill.made_of: bill.usd for bill in training_of(training, used)}
    return np.sum(list(bills.values()), axis=0) if bills else np.zeros(rows)


def plan_capex(training: Training, used: Sequence[Candidate]) -> dict[str, Any]:
    """CAPEX of the candidates that a plan uses, each model and verifier once, as fields of a plan.

    It is paid once and stands beside the dollars a day, which leave it out.
    """
    rows: dict[str, CapexRow] = {}
    usd: Array = np.zeros(training.supply.draws.rows)
    unknown = []
    for candidate in used:
        bills, reason = training.bills(candidate)
        if bills is None:
            unknown.append(reason)
        for bill in bills or ():
            if bill.made_of in rows:
                continue
            low, high = interval90(bill.usd)
            rows[bill.made_of] = CapexRow(
                what=bill.what, usd=float(bill.usd[CENTRAL]), low=low, high=high,
                made_of=bill.made_of,
            )  # fmt: skip
            usd = usd + bill.usd
    if unknown:
        return {"capex_reason": "; ".join(dict.fromkeys(unknown)), "capex": tuple(rows.values())}
    if not rows:
        return {"capex_reason": WEIGHTS_EXIST}
    low, high = interval90(usd)
    return {
        "capex_usd": float(usd[CENTRAL]),
        "capex_usd_low": low,
        "capex_usd_high": high,
        "capex_reason": "paid once, beside the dollars a day",
        "capex": tuple(rows.values()),
    }


def break_even(training: Training | None, pair: Pair | None) -> tuple[BreakEven | None, str | None]:
    """Volume from which the side that is dearer to train is paid back by its cheaper queries."""
    if training is None:
        return None, (
            "There is no training to pay back: the weights of every side exist."
            " --train-from-scratch asks from which volume training them would pay."
        )
    if pair is None:
        return None, "A break-even compares two sides."
    for path in (pair.one, pair.other):
        usd, reason = training.usd(path.candidate)
        if usd is None:
            return None, f"No break-even: {reason}."
    first_is_dear = bool(pair.one.capex_usd[CENTRAL] > pair.other.capex_usd[CENTRAL])
    dear = pair.one if first_is_dear else pair.other
    months = pair.months
    discounted = months.discount_per_year.value > 0
    how = f"discounted at {months.discount_per_year.value:.3g} a year" if discounted else (
        "undiscounted"
    )  # fmt: skip
    found = pair.volumes.ahead_beyond(first_is_dear)
    if found.share_of_draws == 0:
        return None, _why_none(pair, first_is_dear, dear.candidate.title)
    return _as_break_even(found), (
        f"Queries a day from which training {dear.candidate.title} pays within"
        f" {months.horizon_days:.0f} days, {how}, at equal accuracy, with whole replicas."
    )


def _why_none(pair: Pair, first_is_dear: bool, title: str) -> str:
    said = by_volume(pair)[1]
    if bool(pair.volumes.one_beyond[CENTRAL]) == first_is_dear:
        return f"Training {title} pays at every volume: {said}"
    return f"There is no volume from which training {title} pays: {said}"


def other_break_evens(
    training: Training | None, pairs: Sequence[Pair]
) -> tuple[PairBreakEven, ...]:
    """`break_even` of every pair but the first; none where nothing is trained."""
    if training is None:
        return ()
    found = [(pair, *break_even(training, pair)) for pair in pairs[1:]]
    return tuple(
        PairBreakEven(compared=pair.labels, queries_per_day=even, reason=reason)
        for pair, even, reason in found
    )


def _as_break_even(found: Crossing) -> BreakEven:
    return BreakEven(
        median=found.quantile(0.5),
        low=found.quantile(0.05),
        high=found.quantile(0.95),
        share_of_draws=found.share_of_draws,
    )


def capex_usd(training: Training | None, candidate: Candidate) -> Array:
    """(draw,) dollars of training; 0 where nothing is trained, or where it is not known."""
    usd = None if training is None else training.usd(candidate)[0]
    return np.zeros(candidate.supply.draws.rows) if usd is None else usd
