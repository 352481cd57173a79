"""The words of the sliders. Those of the verdict stand in `reports/templates/what_if.js` too."""

from __future__ import annotations

SURE = 0.8
"""As in `planner.economics.verdict`, which loads the numerics."""

TITLE = "What if it were otherwise"
LEAD: dict[str, str] = {
    "answer": "Move a slider: dollars, verdict and break-even follow, from the same draws as the"
    " answer above. Green is better than where the page was made, orange is worse.",
    "plan": "Move a slider: what the plan and its baseline cost follows, from the same draws as the"
    " plan above. Green is better than where the page was made, orange is worse.",
}
CHART = "Dollars a day by volume, with 90 % intervals"
BEATS = "The plan beats {baseline} in {chance} of the draws."
WITHIN = "It keeps to {usd} a day in {chance} of them."
CHEAPER = "is cheaper at equal accuracy"
DOMINATES = "costs no more and is at least as accurate, and gains in one of the two"
DECIDED = "{name} {how}, with a probability of {chance}."
UNSURE = "Undecided: {name} {how} with a probability of only {chance}."
TOO_LITTLE = "Undecided: {name} {how}, but by too little to matter ({chance} of the draws)."
NO_BREAK_EVEN = (
    "No volume up to {most} queries a day is known from which {name} stays the cheapest: in"
    " {chance} of the draws there is one."
)
BREAK_EVEN = (
    "Break-even: {name} is the cheapest {start} (median over the draws, to the next of ten volumes"
    " a decade; 90 % interval {low} to {high})."
)
EVERY = "at every volume from {volume} queries a day on"
FROM = "from about {volume} queries a day on"
HELD: dict[str, str] = {
    "answer": "What no slider moves: latency, which is that of full batches; accuracy, but by n;"
    " the mix of traffic; and everything below this section.",
    "plan": "What no slider moves: which option answers which queries, so that at other values a"
    " better plan may exist (planner solve finds it); latency; accuracy, but by n; and everything"
    " below this section.",
}
LENGTHS = "Output tokens move in {steps} steps, as the batch that fits is found anew for each."
NO_N = "No option here has a number of samples that could be changed by itself."
OTHER_CRITERION = (
    "The sliders judge by cost at equal accuracy, whatever the question asked to be judged by."
)
