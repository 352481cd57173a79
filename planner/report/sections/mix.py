"""Who wins when the traffic has another mix of difficulty."""

from __future__ import annotations

from planner.domain.answer import UNDECIDED, Answer, MixWinner
from planner.report import wording
from planner.report.charts import mix as chart
from planner.report.charts import svg
from planner.report.page import (
    Block,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Sentences,
    Table,
)
from planner.report.text import Sides, mix_name, probability

COLUMNS = (
    Column("Traffic", number=False),
    Column("Winner", number=False),
    Column("Likelier side", number=False),
    Column("Probability"),
)


def section(answer: Answer, sides: Sides) -> Section:
    """The chart over mixes, or why there is none."""
    blocks: list[Block] = []
    if answer.winner_by_mix:
        legend = tuple(LegendEntry(name, side=side) for side, name in sorted(sides.names.items()))
        blocks.append(Pictures((_picture(answer, sides),), legend))
    if answer.winner_by_mix_reason:
        blocks.append(Sentences((answer.winner_by_mix_reason,)))
    return Section("mix", wording.TITLE["mix"], wording.LEAD["mix"], tuple(blocks))


def _picture(answer: Answer, sides: Sides) -> Picture:
    mixes = answer.winner_by_mix
    buckets = list(dict.fromkeys(bucket for m in mixes for bucket in m.mix))
    points = [_point(m, sides, buckets[0]) for m in mixes]
    if len(buckets) == 2 and len(sides.names) == 2:
        now = answer.mix.get(buckets[0])
        drawn = chart.share_chart(points, buckets[0], now, sorted(sides.names))
        how = wording.MIX_HOW
    else:
        drawn, how = chart.mixes_chart(points), wording.MIXES_HOW
    alt = " ".join(
        f"{mix_name(m.mix)}: {m.leader} is ahead with {probability(m.probability)}."
        for m in (mixes[0], mixes[-1])
    )
    markup = svg.draw(drawn, "chart-mix", wording.MIX_PICTURE, alt)
    rows = tuple(
        (
            Cell(mix_name(m.mix)),
            Cell(m.winner, side=None if m.winner == UNDECIDED else sides.of(m.winner)),
            Cell(m.leader, side=sides.of(m.leader)),
            Cell(probability(m.probability)),
        )
        for m in mixes
    )
    return Picture("chart-mix", wording.MIX_PICTURE, how, alt, markup, Table(COLUMNS, rows))


def _point(m: MixWinner, sides: Sides, bucket: str) -> chart.MixPoint:
    side = sides.of(m.leader) or 0
    return chart.MixPoint(mix_name(m.mix), m.mix.get(bucket, 0.0), side, m.probability)
