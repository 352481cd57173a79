"""The words of a plan's page."""

from __future__ import annotations

from planner.domain.tornado import InputKind

TITLE = {
    "answer": "The answer",
    "plan": "The plan, class by class",
    "changes": "What changes against today",
    "curves": "Accuracy against samples",
    "frontier": "What more or less money buys",
    "tornado": "What it hangs on",
    "winners": "Who wins at other volumes and prices",
    "why": "Why this plan",
}
LEAD = {
    "plan": "Which option answers which queries, and what is rented for it: whole GPUs, whole"
    " replicas.",
    "curves": "What the options stand on, in all and by difficulty. The plan buys points of these"
    " curves.",
    "why": "What else was possible, and what would have to change for it to be chosen.",
    "made": "The same files, seed and version give the same bytes.",
}
BEATS = (
    "To beat the baseline is to be more accurate for no more money, or at least as accurate for"
    " less."
)
OF_SIDE = {0: ", the plan", 1: ", the baseline"}
"""Said after an option which is the whole of one of them."""
TODAY, PLAN = "Today", "The plan"
BESIDE = "Models, training, GPUs left over"
OPTIMISM = "Optimism taken off"
CHANGES = "Against {baseline}, the plan spends {usd} and answers {points} of 100 correctly."
WATERFALL_USD = "Dollars a day, from today to the plan"
WATERFALL_ACCURACY = "Correct answers, from today to the plan"
WATERFALL_HOW = (
    "From the top: today's figure; then each class and bucket begins where the one before ended;"
    " at the bottom the plan's. Green and filled helps, orange and hollow hurts, grey is a total."
)
FRONTIER_PICTURE = "Accuracy at each budget"
FRONTIER = (
    "Each point is the most accurate plan for its budget, with whole GPUs and every requirement"
    " kept."
)
NEXT_STEP = "The next step up from the plan costs {usd} a day more and gains {points} points."
FRONTIER_HOW = (
    "Read upward from a budget. The steps come of whole GPUs; the horizontal axis grows tenfold a"
    " step. Accuracies are those that plans are chosen on, before optimism is taken off."
)
NO_DATA = "The files that were read are not named in this saved result."
REPAIRED = "Understood or repaired on reading"
NOTHING_REPAIRED = "Nothing had to be repaired."
SIDE_BY_SIDE = "Scenarios side by side"
COMPARED = "Figure by figure"
COMPARED_LEAD = "Each column is the best plan of its own scenario, on the same seed and draws."
DRAWN = "Dollars and accuracy"
SCENARIOS_HOW = "Dot: middle case; bar: 90% interval. Both axes begin at zero."
TORNADO = (
    "Each input at the ends of its 80% range, the others in the middle, decided anew: {what},"
    " {value} with all in the middle."
)
CHANGING = "What wins changes with: {inputs}."
STEADY = "At none of these ends does what wins change."
TORNADO_PICTURE = "From the low end of each input to its high end"
TORNADO_HOW = (
    "The upright line: every input in the middle. Hollow bars: the input at its low end; filled"
    " bars: at its high end. The longest is what to know better first."
)
NEXT_LEAD = (
    "At one end of its range each of these makes another plan the best; the widest in effect first."
)
NEXT_STEADY = "Within its range no input by itself makes another plan the best."
NEXT_COMMAND = (
    "What each measurement costs, how likely it changes the plan and what it gains; --next puts it"
    " on this page:"
)
NEXT_AGAIN = "The same in a terminal; --budget and --cost-per-question change what is worth it:"
NEXT_HOW = (
    "The chance is that of another plan being the best once this is known. A measurement that"
    " cannot change the plan is worth nothing, however uncertain its number is."
)
BUY = "worth its cost"
NO_QUESTIONS = "no questions"
HOW_TO_KNOW: dict[InputKind, str] = {
    "accuracy": "run it on more questions of this difficulty",
    "transfer": "grade answers to your own queries",
    "price": "ask for a quote and write it into [[supply]]",
    "tokens": "count them on your own queries",
    "engine": "time your engine once: planner calibrate",
    "utilisation": "read it off the fleet you run",
    "volume": "read it off your logs, with its growth",
    "mix": "count the difficulty of your own queries",
}
DRAWS = 400
"""Those of the commands where none is given."""
ASSUMED_RANGE = "the planner's range"
WINNERS = "What is best where volume and prices are others. Today's price is ×1."
WINNERS_PICTURE = "The winner at each volume and price"
WINNERS_HOW = (
    "Find your volume on the left and your price below; the letter is who wins there. A dash:"
    " nobody, for no plan keeps every requirement or the data do not tell."
)
