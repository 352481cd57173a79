"""Every fixed word of the page and the terminal. Numbers are put in by the sections."""

from __future__ import annotations

from typing import Literal

INTERVALS = (
    "Intervals are 90%: in nine of ten draws the truth, as far as data and assumptions know it,"
    " lies within."
)

CRITERION: dict[str, str] = {
    "cost_at_equal_accuracy": "which costs less at equal accuracy",
    "accuracy_at_equal_cost": "which is more accurate at equal cost",
    "net_value": "which leaves more value after its cost",
}
ON_TRAFFIC = "on traffic that may suit one side better"
ROLE: dict[str, str] = {
    "asked": "as asked",
    "accuracy parity": "as accurate as the other side",
    "cost parity": "costs about the same as the other side",
    "largest measured": "not as accurate at any n measured; this is the largest",
}
BASIS: dict[str, str] = {
    "measured": "measured",
    "interpolated": "between measured n",
    "extrapolated": "beyond the data",
}
FIXED_N = "its n is fixed"
STATUS: dict[str, str] = {
    "optimal": "proven best",
    "feasible": "meets every requirement",
    "infeasible": "no plan meets every requirement",
    "node_limit": "best found before the search limit",
}
SOLVED_BY: dict[str, str] = {
    "planner": "Solved by the planner's own search of one budget.",
    "HiGHS": "Solved by HiGHS.",
}
OBJECTIVE: dict[str, str] = {
    "accuracy": "the most accuracy within the budget",
    "cost": "the least cost at the accuracy asked for",
    "net_value": "the most that answers are worth, less what they cost",
    "cost_per_correct": "the least cost for each correct answer",
}

SectionKey = Literal[
    "answer", "options", "parity", "curves", "volume", "over_time", "mix", "flops", "plan", "next",
    "checks", "warnings", "assumptions", "quality", "words", "sources",
]  # fmt: skip

TITLE: dict[SectionKey, str] = {
    "answer": "The answer",
    "options": "The options side by side",
    "parity": "How many samples make them equal",
    "curves": "Accuracy against samples",
    "volume": "Cost against volume",
    "over_time": "CAPEX against OPEX",
    "mix": "Who wins, by kind of traffic",
    "flops": "What equal compute buys",
    "plan": "The best plan",
    "next": "What to measure next",
    "checks": "What was checked, and what to do",
    "warnings": "What weakens this answer",
    "assumptions": "What it rests on",
    "quality": "The data behind it",
    "words": "Words used here",
    "sources": "Sources, and how to make this page again",
}
LEAD: dict[SectionKey, str] = {
    "answer": "",
    "options": "Each option serves every query of the day on its own GPUs. GPUs are whole, so part"
    " of what is bought stands idle; each query carries its share of that.",
    "parity": "Two counts decide between the sides: the samples that {side} needs to be as"
    " accurate as {reference}, and the samples at which it costs the same. Where it is accurate"
    " enough before it costs as much, it wins on both.",
    "curves": "Measured on {question_set}, in all and by difficulty.",
    "volume": "GPUs come whole and serve in replicas: cost climbs in steps, and at low volume the"
    " cheaper option per query need not be the cheaper one per day.",
    "over_time": "What is paid up front against what is paid every month, in whole GPUs bought as"
    " the volume moves. What is spent in any case is left out, and named.",
    "mix": "A benchmark is not your traffic. This is how the answer moves with the share of easy"
    " and hard queries.",
    "flops": "Compute alone, as papers count it: FLOPs of the generated tokens, with the verifier"
    " charged at its size. Neither memory nor whole GPUs are in it.",
    "plan": "Chosen by mathematical optimisation among everything measured of the models in the"
    " pool, with whole GPUs.",
    "next": "Measurements that would narrow the answer, the most useful first.",
    "warnings": "Each of these is a reason to trust a number above less.",
    "assumptions": "Numbers that the data do not hold. Each range holds the truth with 80%, and"
    " is drawn from; the last column names the {by} that changes it.",
    "checks": "Each line says what was looked at, how it stands, and what to do about it.",
    "quality": "What was read, and what was made of it. A file with a row that cannot be used is"
    " refused as a whole, with every such row named, so that none is left out in silence.",
    "words": "",
    "sources": "",
}
SAMPLES = "Behind an @ stands how many answers are drawn for each query; one of them is given."
OF_ONE = "Numbers of {own}."
OF_TWO = "Numbers of {letter}, {own}{mine}, beside those of {other_letter}, {other}{role}."
WARNING_SECTION: dict[str, SectionKey] = {
    "several_curves": "curves",
    "greedy_anchor": "curves",
    "n_questions_differ": "curves",
    "question_set_bridge": "curves",
    "interpolated": "curves",
    "far_gap": "curves",
    "extrapolated": "curves",
    "shape_generic": "options",
    "efficiency_borrowed": "options",
    "stale_price": "options",
    "one_provider": "options",
    "mix_assumed": "mix",
}
"""Where a warning is repeated, beside what it weakens. All are listed at the end."""

PARITY_PICTURE = "Samples at which the two are equal"
PARITY_HOW = (
    "Dot: middle; bar: 90% interval; an arrow: part of it lies beyond what was measured. Circles"
    " say from how many samples on it is as accurate, diamonds up to how many it costs no more."
    " {window}"
)
WINDOW = "Shaded: the window in which side {letter} is both cheaper and at least as accurate."
NO_WINDOW = (
    "Shaded: the gap. It costs more before it is as accurate, so in the middle case it never wins"
    " on both."
)
WHOLE = "in all"
ACCURATE, COSTS = "as accurate", "costs the same"

CURVE_HOW = (
    "Marks were measured; the line between them is interpolated, dashed beyond the data, dotted"
    " where far points leave it open. Bands: 90% intervals. A horizontal line is an option whose"
    " number of samples is fixed."
)
VOLUME_PICTURE = "Dollars a day, in whole GPUs"
VOLUME_HOW = (
    "Both axes grow tenfold a step. The lower line is cheaper at that volume. At low volume a stair"
    " is one more replica, further up it is several. Replicas have the GPUs that are cheapest when"
    " full. Middle case of the assumptions."
)
MIX_PICTURE = "Probability of being ahead"
MIX_HOW = (
    "Read upward from your share of easy queries. In the grey band (20 to 80%) the page names no"
    " winner: the data do not tell."
)
MIXES_HOW = (
    "One row a mix of traffic; the letter is the likelier side. In the grey band (under 80%) the"
    " page names no winner: the data do not tell."
)
MONEY_PICTURE = "Dollars so far, worth today"
MONEY_HOW = (
    "Each line starts at what is paid up front and climbs with every month. Where two cross, the"
    " money put into one has come back. Middle case of the assumptions."
)
SPREAD_PICTURE = "Dollars a day over the whole horizon"
SPREAD_HOW = (
    "Everything paid, spread evenly over the days, against the volume of the first month. Both axes"
    " grow tenfold a step."
)
UNSEEN = "beyond what was searched"
FLOP_PICTURE = "Best accuracy at each compute budget"
FLOP_HOW = (
    "Read upward from a budget to the most accurate option it buys. Circles have no verifier,"
    " diamonds have one. The horizontal axis grows tenfold a step."
)

DASHES = (
    "A dash in the range: taken as given; in the date: a choice, not a reading; in the last"
    " column: no {by} changes it."
)
BY_OPTION, BY_KEY = "option of the command", "key of the scenario"
NOT_STATED = "not stated"
NONE_CORRECT = "nothing is answered correctly"
NO_FEWER = "no smaller n was measured"
NO_GAIN = "more samples brought none"
NO_GPUS = "no GPU is rented by the day"
NO_LATENCY = "no price list says how fast it is"
NO_SIZE = "the model's size is not published"
BY_TOKEN = "bought by the token"
FULL = "in full batches"
MEAN_LOAD = "at the mean load"
NOT_SAVED = "not in this saved answer"
ONE_SAMPLE_ONLY = "takes one sample"
NO_CAPEX = "nothing is paid up front"
NO_BREAK_EVEN = "no break-even was asked for"
NOT_BY_BUCKET = "not measured on these questions"
NO_PARITY_MEDIAN = "not reached within the measured n in most draws"
BEYOND = "beyond what was measured"
UNDER_ONE = "under 1"
NO_PLAN = "No plan was made for this question."
NO_NEXT = "Nothing that the planner can name would change the answer."
NO_WARNINGS = "The planner found nothing to warn of."
PLAN_TITLE = "Inference plan"
