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
CHART = "Dollars a day by volume, with 90% intervals"
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
    "Break-even: {name} is the cheapest {start}, the median over the draws (90% interval {low} to"
    " {high}); {middle}."
)
MIDDLE = "with every input in its middle from {volume}"
NO_MIDDLE = "with every input in its middle at no volume looked at"
EVERY = "at every volume from {volume} queries a day on"
FROM = "from about {volume} queries a day on"
HELD: dict[str, str] = {
    "answer": "What no slider moves: latency, which is that of full batches; accuracy, but by n;"
    " the mix of traffic; how many GPUs a replica has, so that asking anew at a lower volume may"
    " decide nothing; and everything below this section.",
    "plan": "What no slider moves: which option answers which queries, so that at other values a"
    " better plan may exist (planner solve finds it); latency; accuracy, but by n; and everything"
    " below this section.",
}
LENGTHS = "Output tokens move in {steps} steps, as the batch that fits is found anew for each."
NO_N = "No option here has a number of samples that could be changed by itself."
ONE_N = (
    "The break-even takes in each draw the n at which the sides are equally accurate there; a"
    " volume told elsewhere for one n, such as @4, is of that n and of the middle case, and may"
    " differ."
)
TRAINING = (
    "What is trained, spread over the horizon, is in the break-even and in nothing else here."
)
OTHER_CRITERION = (
    "The sliders judge by cost at equal accuracy, whatever the question asked to be judged by."
)
