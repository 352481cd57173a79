"""The generated sentences of an answer. Every number in them is a field of the answer."""

from __future__ import annotations

from collections.abc import Sequence

from planner.ask.judge import Contender, Judgement
from planner.domain.answer import UNDECIDED, AnswerOption, Criterion, MixWinner, Parity
from planner.domain.plan import PlanAnswer
from planner.economics.verdict import SURE
from planner.units import format_count, format_percent, format_usd


def winner_of(judgement: Judgement, labels: Sequence[str]) -> str:
    """The label of the winning side, or "undecided"."""
    verdict = judgement.verdict
    return labels[verdict.leader] if verdict.decided else UNDECIDED


def answer_sentence(
    sides: Sequence[Contender],
    judgement: Judgement,
    labels: Sequence[str],
    rows: Sequence[AnswerOption],
    queries_per_day: float,
) -> str:
    """The answer in one sentence, with its probability."""
    verdict = judgement.verdict
    volume = f"{format_count(queries_per_day)} queries a day"
    if len(sides) == 1:
        row = rows[0]
        return (
            f"At {volume} {row.label} answers {format_percent(row.accuracy)} correctly for"
            f" {_money(row)} a day on {_gpus(row)}."
        )
    leader = labels[verdict.leader]
    chance = format_percent(verdict.probability, 0)
    if not judgement.parity_accuracy:
        return _sentence_of_fixed(judgement, rows, leader, chance, volume)
    others = " and ".join(label for i, label in enumerate(labels) if i != verdict.leader)
    if judgement.criterion == "accuracy_at_equal_cost":
        claim = f"{leader} is more accurate than {others} for the same GPU time"
    else:
        claim = f"{leader} is cheaper than {others} at equal accuracy"
    claim += _at_which_figures(rows, verdict.leader, judgement.criterion)
    if verdict.decided:
        return f"At {volume}, {claim}, with a probability of {chance}."
    if verdict.probability < SURE:
        return f"Undecided: at {volume}, {claim}, but with a probability of only {chance}."
    return f"Undecided: at {volume}, {claim}, but by too little to matter ({chance} of the draws)."


def _at_which_figures(rows: Sequence[AnswerOption], leader: int, criterion: Criterion) -> str:
    """As " ($618 a day against $1,130)" at equal accuracy, or the accuracies at equal cost."""
    at_cost = criterion == "accuracy_at_equal_cost"
    shown: dict[int, AnswerOption] = {}
    for row in rows:
        wanted = at_cost == (row.role == "cost parity") or row.role == "asked"
        if wanted or row.side not in shown:
            shown[row.side] = row
    figures = {
        side: format_percent(row.accuracy) if at_cost else format_usd(row.cost_usd_per_day)
        for side, row in shown.items()
    }
    rest = " and ".join(figure for side, figure in figures.items() if side != leader)
    return f" ({figures[leader]}{'' if at_cost else ' a day'} against {rest})"


def _sentence_of_fixed(
    judgement: Judgement, rows: Sequence[AnswerOption], leader: str, chance: str, volume: str
) -> str:
    if judgement.verdict.decided:
        return (
            f"At {volume}, {leader} costs no more and is at least as accurate, and gains in one of"
            f" the two, with a probability of {chance}."
        )
    best = max(rows, key=lambda row: row.accuracy)
    cheap = min(rows, key=lambda row: row.cost_usd_per_day)
    if best is cheap:
        return (
            f"Undecided: at {volume}, {leader} costs no more and is at least as accurate, and gains"
            f" in one of the two, in only {chance} of the draws."
        )
    points = (best.accuracy - cheap.accuracy) * 100
    usd = best.cost_usd_per_day - cheap.cost_usd_per_day
    return (
        f"A trade, not a winner: at {volume}, {best.label} is {points:.1f} points more accurate"
        f" than {cheap.label} and costs {format_usd(usd)} more a day."
    )


def explanations(
    rows: Sequence[AnswerOption],
    parities: tuple[Parity, Parity] | None,
    names: Sequence[str],
    *more: str | None,
) -> tuple[str, ...]:
    """What a reader should know next: parities, the verifier's share, and `more`, where there is.

    names: of the sides, without an n, for a parity is about another n than the one asked about.
    """
    found = []
    if parities is not None:
        found += _parity_sentences(*parities, names)
    for row in rows:
        if row.verifier is not None:
            found.append(
                f"The verifier takes {format_percent(row.verifier_share, 0)} of the GPU time of"
                f" {row.label}; it is charged throughout."
            )
            break
    return (*found, *(sentence for sentence in more if sentence))


def alone_sentence(by_mix: Sequence[MixWinner]) -> str | None:
    """Who wins on traffic of one bucket alone, where the winners differ."""
    alone = [
        (next(b for b, s in m.mix.items() if s == 1), m) for m in by_mix if 1 in m.mix.values()
    ]
    if len({m.winner for _, m in alone}) < 2:
        return None
    said = (
        f"on {bucket} alone "
        + (f"undecided, {m.leader} ahead" if m.winner == UNDECIDED else m.winner)
        + f" with {format_percent(m.probability, 0)}"
        for bucket, m in sorted(alone, key=lambda pair: pair[0])
    )
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def _parity_sentences(accuracy: Parity, cost: Parity, names: Sequence[str]) -> list[str]:
    name, reference = names[accuracy.side], accuracy.reference
    found = []
    if accuracy.median is None:
        found.append(
            f"{name} reaches the accuracy of {reference} within the measured n in only"
            f" {format_percent(accuracy.share_of_draws, 0)} of the draws."
        )
    else:
        found.append(
            f"{name} is as accurate as {reference} at about {accuracy.median:.1f} samples"
            f" ({_range(accuracy)})."
        )
    if cost.median is not None:
        found.append(
            f"It costs as much as {reference} at about {cost.median:.1f} samples in GPU time"
            f" ({_range(cost)}){_flops(cost)}."
        )
    if accuracy.median is not None and cost.median is not None:
        found.append(
            f"Between the two lies the window in which {name} is both cheaper and more accurate."
            if accuracy.median < cost.median
            else "It must be sampled more often to be as accurate than it may be to cost no more:"
            " in the middle case there is no window in which it wins on both."
        )
    return found


def _flops(cost: Parity) -> str:
    if cost.flop_nominal is None:
        return ""
    return f", and at {cost.flop_nominal:.2f} in FLOPs as papers count them"


def _range(parity: Parity) -> str:
    low = "under 1" if parity.low is None else f"{parity.low:.1f}"
    high = "beyond what was measured" if parity.high is None else f"{parity.high:.1f}"
    return f"90 % interval {low} to {high}"


def _money(row: AnswerOption) -> str:
    return (
        f"{format_usd(row.cost_usd_per_day)} ({format_usd(row.cost_usd_per_day_low)} to"
        f" {format_usd(row.cost_usd_per_day_high)})"
    )


def _gpus(row: AnswerOption) -> str:
    return f"{row.gpus} GPU{'s' if row.gpus != 1 else ''} ({row.accelerator})"


def plan_sentence(plan: PlanAnswer, budget: float | None, baseline: str) -> str:
    """What the best plan is, on which terms, in one sentence."""
    assert plan.accuracy is not None
    assert plan.cost_usd_per_day is not None
    share: dict[str, float] = {}
    for row in plan.allocation:
        share[row.option] = share.get(row.option, 0.0) + row.share
    total = sum(share.values())
    used = " and ".join(
        name if part == total else f"{name} ({format_percent(part / total, 0)} of queries)"
        for name, part in sorted(share.items(), key=lambda pair: -pair[1])
    )
    figures = f"{format_percent(plan.accuracy)} for {format_usd(plan.cost_usd_per_day)} a day"
    if plan.objective == "cost":
        return f"The cheapest plan that reaches the accuracy asked for is {used}: {figures}."
    spent = format_usd(plan.budget_usd_per_day or 0.0)
    terms = f"a budget of {spent} a day" if budget is not None else f"what {baseline} costs"
    return f"On {terms} the most accurate plan is {used}: {figures}."
