"""What is spent in any case, and therefore no part of a comparison: named, never only left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.ask.capex import Training
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.options import Candidate
from planner.units import format_usd


def sunk_of(training: Training | None, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Training of weights that exist, and owned or signed GPUs, each once."""
    exist = [
        candidate.title
        for candidate in candidates
        if candidate.generator is not None
        and candidate.usd_per_answer is None
        and (training is None or training.bills(candidate)[0] == ())
    ]
    names = " and ".join(dict.fromkeys(exist))
    trained = (f"the training of {names}, whose weights exist",) if names else ()
    supplies = {id(c.supply): c.supply for c in candidates if c.fleet is not None}
    return (*trained, *sunk_gpus(supplies.values()))


def not_known(training: Training | None, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Training that would have to be paid, and why nobody can say what it costs."""
    if training is None:
        return ()
    told = ((made.title, training.bills(made)) for made in candidates)
    said = (f"the training of {title}, for {why}" for title, (bills, why) in told if bills is None)
    return tuple(dict.fromkeys(said))


def sunk_gpus(supplies: Iterable[Supply]) -> tuple[str, ...]:
    """Blocks of GPUs that are paid for whatever is served on them."""
    found = []
    for supply in supplies:
        for block in supply.blocks:
            usd = float(block.sunk_usd_per_day[CENTRAL])
            if usd > 0:
                until = "" if block.until is None else f" until {block.until}"
                found.append(
                    f"{block.gpus:.0f} {block.kind} {supply.terms.accelerator.title} at"
                    f" {format_usd(usd)} a day{until}"
                )
    return tuple(dict.fromkeys(found))
