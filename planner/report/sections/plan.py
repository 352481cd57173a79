"""A plan: what to serve each class with, on which GPUs, beside the baseline."""

from __future__ import annotations

from collections.abc import Mapping

from planner.domain.plan import (
    AllocationRow,
    BlockRow,
    CapexRow,
    FleetRow,
    PlanAnswer,
    Totals,
)
from planner.report import wording, wording_plan
from planner.report.page import (
    Block,
    Cell,
    Column,
    Remark,
    Section,
    Sentences,
    Table,
    Tiles,
    missing,
)
from planner.report.sections.plan_proof import proof
from planner.report.sections.plan_tiles import plan_tiles
from planner.report.sections.plan_why import compared_table, why
from planner.report.text import number_cell, probability, span, usd_per_query, whole_percent
from planner.units import (
    format_count,
    format_flop,
    format_percent,
    format_seconds,
    format_usd,
)

RENTED = "What is rented: whole replicas, whole GPUs; time in use is that of the mean hour"
SLOWEST = "95% answered within"
ALLOCATION = (
    Column("Queries", number=False),
    Column("Option", number=False),
    Column("Share"),
    Column("Accuracy"),
    Column("Cost a query"),
    Column("One more query"),
    Column("Half answered within"),
    Column(SLOWEST),
)
FLEET = (
    Column("Model", number=False),
    Column("GPU", number=False),
    Column("Replicas"),
    Column("GPUs"),
    Column("Time in use"),
    Column("Batch at mean load"),
    Column("Cost a day"),
)


BLOCKS = (
    Column("Kind", number=False),
    Column("GPU", number=False),
    Column("GPUs"),
    Column("Price of one"),
)
CAPEX = (
    Column("Trained", number=False),
    Column("Dollars"),
    Column("Made of", number=False),
)


def section(plan: PlanAnswer | None, sentence: str | None) -> Section:
    """The plan as a section of a page."""
    if plan is None:
        return Section("plan", wording.TITLE["plan"], sentence or wording.NO_PLAN)
    return Section(
        "plan", wording.TITLE["plan"], sentence or wording.LEAD["plan"], plan_blocks(plan)
    )


def plan_blocks(plan: PlanAnswer) -> tuple[Block, ...]:
    """Tiles, allocation, fleet, baseline and proof, in reading order."""
    blocks = [*first_blocks(plan), *allocation_blocks(plan)]
    if plan.baseline is not None and plan.status != "infeasible":
        blocks.append(_beside(plan, plan.baseline))
    return (*blocks, *why_blocks(plan), Sentences(proof(plan)))


def answer_section(plan: PlanAnswer) -> Section:
    """The headline numbers, and how to read the sentence above them."""
    said = []
    if any("@" in row.option for row in plan.allocation):
        said.append(wording.SAMPLES)
    if plan.probability_beats_baseline is not None:
        said.append(wording_plan.BEATS)
    title = wording_plan.TITLE["answer"]
    return Section("answer", title, " ".join(said), tuple(first_blocks(plan)))


def first_blocks(plan: PlanAnswer) -> list[Block]:
    """The headline numbers, or the way out where there is no plan."""
    if plan.status == "infeasible":
        return [Remark(plan.relaxation or plan.status_sentence)]
    return [Tiles(plan_tiles(plan))]


def allocation_blocks(plan: PlanAnswer) -> list[Block]:
    """Which option answers which queries, and what is rented for it."""
    blocks: list[Block] = []
    letters = {curve.label: curve.side for curve in plan.curves}
    if plan.allocation:
        rows = tuple(_allocation(row, letters) for row in plan.allocation)
        caption = f"Which option answers which queries; times {wording.MEAN_LOAD}"
        blocks.append(Table(ALLOCATION, rows, caption=caption))
    if plan.fleet:
        rows = tuple(_fleet(row) for row in plan.fleet)
        blocks.append(Table(FLEET, rows, caption=RENTED))
    if len(plan.blocks) > 1:
        rows = tuple(_block(row) for row in plan.blocks)
        blocks.append(Table(BLOCKS, rows, caption="At which price the GPUs are had"))
    if plan.capex:
        rows = tuple(_training(row) for row in plan.capex)
        blocks.append(Table(CAPEX, rows, caption="What is paid once, beside the cost a day"))
    if said := supply_sentences(plan):
        blocks.append(Sentences(said))
    return blocks


def why_blocks(plan: PlanAnswer) -> list[Block]:
    """What else could be done, and what would change the plan."""
    blocks: list[Block] = []
    if (others := compared_table(plan)) is not None:
        blocks.append(others)
    if said := why(plan):
        blocks.append(Sentences(said, bullets=True))
    return blocks


def beside_blocks(plan: PlanAnswer) -> list[Block]:
    """The plan beside its baseline, figure by figure."""
    if plan.baseline is None or plan.status == "infeasible":
        return []
    return [_beside(plan, plan.baseline)]


def _allocation(row: AllocationRow, letters: Mapping[str, int]) -> tuple[Cell, ...]:
    label, _, n = row.option.rpartition(" @")
    side = letters.get(label if n.isdigit() else row.option)
    bucket = None if row.bucket == "all" else row.bucket
    return (
        Cell(row.query_class, bucket),
        Cell(row.option, _drawn(row), side),
        Cell(format_percent(row.share)),
        number_cell(row.accuracy, format_percent, row.accuracy_low, row.accuracy_high),
        Cell(usd_per_query(row.cost_usd_per_query)),
        Cell(usd_per_query(row.marginal_cost_usd_per_query)),
        number_cell(row.latency_p50_s, format_seconds),
        number_cell(row.latency_p95_s, format_seconds),
    )


def _drawn(row: AllocationRow) -> str | None:
    """How many samples are drawn, where it is not n."""
    if row.samples_drawn is None or abs(row.samples_drawn - row.n_samples) < 0.005:
        return None
    return f"{row.samples_drawn:.3g} samples on average"


def _fleet(row: FleetRow) -> tuple[Cell, ...]:
    return (
        Cell(row.model, f"with {row.verifier}" if row.verifier else None),
        Cell(row.accelerator),
        Cell(str(row.replicas)),
        Cell(str(row.gpus)),
        Cell(whole_percent(row.utilisation)),
        Cell(format_count(row.batch_at_mean_load)),
        Cell(format_usd(row.usd_per_day)),
    )


def _block(row: BlockRow) -> tuple[Cell, ...]:
    price = f"{format_usd(row.usd_per_gpu_hour)}/h"
    return (Cell(row.kind), Cell(row.accelerator), Cell(str(row.gpus)), Cell(price))


def _training(row: CapexRow) -> tuple[Cell, ...]:
    return (Cell(row.what), number_cell(row.usd, format_usd, row.low, row.high), Cell(row.made_of))


def supply_sentences(plan: PlanAnswer) -> tuple[str, ...]:
    """Energy, what is spent whatever the plan, and what is paid once."""
    found = []
    if plan.prices_as_of:
        found.append(f"List prices as of {plan.prices_as_of}.")
    if plan.kwh_per_day:
        between = span(plan.kwh_per_day_low, plan.kwh_per_day_high, format_count)
        found.append(
            f"Energy: {format_count(plan.kwh_per_day)} kWh a day"
            + (f" ({between}), cooling included." if between else ", cooling included.")
        )
    if plan.sunk_usd_per_day:
        found.append(
            f"Owned and reserved GPUs cost {format_usd(plan.sunk_usd_per_day)} a day whatever the"
            " plan; that is not in its cost."
        )
    if plan.capex_usd is not None:
        between = span(plan.capex_usd_low, plan.capex_usd_high, format_usd)
        found.append(
            f"Training is paid once: {format_usd(plan.capex_usd)}"
            + (f" ({between}); it is not in the cost a day." if between else
               "; it is not in the cost a day.")
        )  # fmt: skip
    elif plan.capex:
        found.append(f"Training: the whole is not known, for {plan.capex_reason}.")
    return tuple(found)


def _beside(plan: PlanAnswer, base: Totals) -> Table:
    accuracy, usd = plan.accuracy, plan.cost_usd_per_day
    volume = plan.queries_per_day
    correct = usd / volume / accuracy if usd is not None and volume and accuracy else None
    gpus = sum(row.gpus for row in plan.fleet) if plan.fleet else None
    latency = max((r.latency_p95_s for r in plan.allocation if r.latency_p95_s), default=None)
    reason = "not known for the baseline"
    pairs = (
        ("Accuracy", number_cell(accuracy, format_percent, plan.accuracy_low, plan.accuracy_high),
         number_cell(base.accuracy, format_percent, base.accuracy_low, base.accuracy_high)),
        ("Cost a day",
         number_cell(usd, format_usd, plan.cost_usd_per_day_low, plan.cost_usd_per_day_high),
         number_cell(base.cost_usd_per_day, format_usd, base.cost_usd_per_day_low,
                     base.cost_usd_per_day_high)),
        ("Cost a correct answer", number_cell(correct, format_usd),
         number_cell(base.cost_usd_per_correct, format_usd, reason=reason)),
        ("Compute a day", number_cell(plan.flop_per_day, format_flop),
         number_cell(base.flop_per_day, format_flop, reason=reason)),
        ("GPUs, whole", Cell(str(gpus)) if gpus is not None else missing("no fleet is rented"),
         number_cell(base.gpus, format_count, reason=reason)),
        (SLOWEST, number_cell(latency, format_seconds),
         number_cell(base.latency_p95_s, format_seconds, reason=reason)),
    )  # fmt: skip
    rows = tuple(
        (Cell(name, wording.MEAN_LOAD if name == SLOWEST else None), ours, theirs)
        for name, ours, theirs in pairs
    )
    columns = (Column("", number=False), Column("The plan"), Column(f"Baseline: {base.label}"))
    return Table(columns, rows, caption="The plan beside its baseline")


def headline(plan: PlanAnswer) -> str:
    """The plan in one sentence."""
    if plan.accuracy is None or plan.cost_usd_per_day is None or not plan.allocation:
        return plan.status_sentence
    options = list(dict.fromkeys(row.option for row in plan.allocation))
    # Shares are of a class and bucket: with several of those they would not add up here.
    if len({(row.query_class, row.bucket) for row in plan.allocation}) == 1:
        options = [f"{row.option} ({format_percent(row.share)})" for row in plan.allocation]
    said = " and ".join(filter(None, (", ".join(options[:-1]), options[-1])))
    sentence = (
        f"Answer with {said}: {format_percent(plan.accuracy)} correct for"
        f" {format_usd(plan.cost_usd_per_day)} a day"
    )
    if plan.baseline is None or plan.probability_beats_baseline is None:
        return f"{sentence}."
    chance = probability(plan.probability_beats_baseline)
    return f"{sentence}, better than {plan.baseline.label} with a probability of {chance}."
