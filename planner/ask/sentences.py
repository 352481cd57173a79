"""The generated sentences of an answer. Every number in them is a field of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.ask.judge import ACCURACY_MATTERS, Contender, Judgement
from planner.domain.answer import UNDECIDED, AnswerOption, MixWinner, Parity
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import PlanAnswer
from planner.economics.verdict import SURE
from planner.units import format_count, format_percent, format_usd

TIES_SHOWN = 0.05
"""Share of ties from which they are told beside the probability."""


def winner_of(judgement: Judgement, labels: Sequence[str], keeping: set[int]) -> str:
    """The label of the winning side, or "undecided"; keeping: sides that keep what was asked."""
    verdict = judgement.verdict
    wins = verdict.decided and verdict.leader in keeping
    return labels[verdict.leader] if wins else UNDECIDED


def answer_sentence(
    sides: Sequence[Contender],
    judgement: Judgement,
    labels: Sequence[str],
    rows: Sequence[AnswerOption],
    queries_per_day: float,
    mix: Mapping[str, float],
    but: str | None = None,
) -> str:
    """The answer in one sentence, with its probability.

    but: what stands against a verdict that would else be decided.
    """
    verdict = judgement.verdict
    volume = f"{format_count(queries_per_day)} queries a day"
    if len(sides) == 1:
        row = rows[0]
        return (
            f"At {volume} {row.label} answers {format_percent(row.accuracy)} correctly for"
            f" {_money(row)} a day on {_gpus(row)}."
        )
    chance = format_percent(verdict.probability, 0)
    if not judgement.parity_accuracy:
        if but is not None:
            return (
                f"Undecided: at {volume}, {labels[verdict.leader]} costs no more and is at least as"
                f" accurate, and gains in one of the two, in {chance} of the draws, but {but}."
            )
        return _sentence_of_fixed(sides, judgement, rows, labels, volume, mix)
    claim = _claim(judgement, labels, rows)
    if but is not None:
        return f"Undecided: at {volume}, {claim}, but {but}."
    tied = f" ({format_percent(verdict.ties, 0)} ties)" if verdict.ties >= TIES_SHOWN else ""
    if verdict.decided:
        return f"At {volume}, {claim}, with a probability of {chance}{tied}."
    if verdict.probability < SURE:
        return f"Undecided: at {volume}, {claim}, but with a probability of only {chance}{tied}."
    return f"Undecided: at {volume}, {claim}, but by too little to matter ({chance} of the draws)."


def _claim(judgement: Judgement, labels: Sequence[str], rows: Sequence[AnswerOption]) -> str:
    """Who is ahead of whom, in what, with the figures; sides that fall short stand behind."""
    leader = judgement.verdict.leader
    at_cost = judgement.criterion == "accuracy_at_equal_cost"
    reached = judgement.reached or (1.0,) * len(labels)
    rivals = [i for i in range(len(labels)) if i != leader and reached[i] >= 1 / 2]
    short = [i for i in range(len(labels)) if i != leader and reached[i] < 1 / 2]
    # A rival that seldom gets there is still what the leader is compared with, if it is the only.
    rivals, short = (rivals, short) if rivals else (short, [])
    others = " and ".join(labels[i] for i in rivals)
    if at_cost:
        by_day = all(row.bought == "GPUs" for row in rows)
        same = "GPU time" if by_day else "dollars of a full fleet"
        claim = f"{labels[leader]} is more accurate than {others} for the same {same}"
    else:
        claim = f"{labels[leader]} is cheaper than {others} at equal accuracy"
    figures = _figures(rows, at_cost=at_cost)
    against = " and ".join(figures[i] for i in rivals)
    claim += f" ({figures[leader]}{'' if at_cost else ' a day'} against {against})"
    if short:
        names = " and ".join(labels[i] for i in short)
        claim += f"; {names} {'is' if len(short) == 1 else 'are'} not as accurate"
    return claim


def _figures(rows: Sequence[AnswerOption], *, at_cost: bool) -> dict[int, str]:
    """By side: dollars a day at equal accuracy, or the accuracy at equal cost."""
    shown: dict[int, AnswerOption] = {}
    for row in rows:
        wanted = at_cost == (row.role == "cost parity") or row.role == "asked"
        if wanted or row.side not in shown:
            shown[row.side] = row
    return {
        side: format_percent(row.accuracy) if at_cost else format_usd(row.cost_usd_per_day)
        for side, row in shown.items()
    }


def _sentence_of_fixed(
    sides: Sequence[Contender],
    judgement: Judgement,
    rows: Sequence[AnswerOption],
    labels: Sequence[str],
    volume: str,
    mix: Mapping[str, float],
) -> str:
    verdict = judgement.verdict
    chance = format_percent(verdict.probability, 0)
    if verdict.decided:
        return (
            f"At {volume}, {labels[verdict.leader]} costs no more and is at least as accurate, and"
            f" gains in one of the two, with a probability of {chance}."
        )
    best = max(rows, key=lambda row: row.accuracy)
    cheap = min(rows, key=lambda row: row.cost_usd_per_day)
    if best is cheap:
        return (
            f"Undecided: at {volume}, {labels[verdict.leader]} costs no more and is at least as"
            f" accurate, and gains in one of the two, in only {chance} of the draws."
        )
    lead = sides[best.side].on_grid(mix)[:, 0] - sides[cheap.side].on_grid(mix)[:, 0]
    low, high = interval90(lead)
    sure = float((lead[1:] > 0).mean())
    points = f"{lead[CENTRAL] * 100:.1f} points (90% interval {low * 100:.1f} to {high * 100:.1f})"
    usd = format_usd(best.cost_usd_per_day - cheap.cost_usd_per_day)
    if sure < SURE or lead[CENTRAL] < ACCURACY_MATTERS:
        return (
            f"Undecided on accuracy: at {volume}, {best.label} leads {cheap.label} by {points},"
            f" which the data cannot tell from nothing that matters; it costs {usd} more a day."
        )
    return (
        f"A trade, not a winner: at {volume}, {best.label} is more accurate than {cheap.label} by"
        f" {points} and costs {usd} more a day."
    )


MANY_FREE = 1.5
"""Samples that the same GPUs hold over those drawn, from which a reader is told so."""


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
        if row.verifier is not None and row.verifier_share is not None:
            found.append(
                f"The verifier takes {format_percent(row.verifier_share, 0)} of the GPU time of"
                f" {row.label}; it is charged throughout."
            )
            break
    return (*found, *(sentence for sentence in (_free_sentence(rows), *more) if sentence))


def _free_sentence(rows: Sequence[AnswerOption]) -> str | None:
    """Which options could draw far more samples on the GPUs that they have anyway."""
    said = [
        f"{row.label} could draw {row.same_gpus_up_to_n} samples a query"
        for row in rows
        if row.role != "cost parity" and (row.same_gpus_up_to_n or 0) >= MANY_FREE * row.n_samples
    ]
    if not said:
        return None
    return f"GPUs are whole, so that more samples can be free: {'; '.join(said)} on the same GPUs."


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
            f"It costs as much as {reference} at about {cost.median:.1f} samples in"
            f" {cost.currency}"
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
    return f"90% interval {low} to {high}"


def _money(row: AnswerOption) -> str:
    return (
        f"{format_usd(row.cost_usd_per_day)} ({format_usd(row.cost_usd_per_day_low)} to"
        f" {format_usd(row.cost_usd_per_day_high)})"
    )


def _gpus(row: AnswerOption) -> str:
    if row.bought != "GPUs":
        return row.bought
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
