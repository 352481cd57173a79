"""Every fixed word of the page of fitted curves. Numbers are put in by the sections."""

from __future__ import annotations

from typing import Literal

from planner.domain.curves import Axis
from planner.domain.pictured import Basis

SectionKey = Literal[
    "fitted", "curves", "table", "surfaces", "sizes", "quality", "warnings", "sources"
]

TITLE: dict[SectionKey, str] = {
    "fitted": "What the curves say",
    "curves": "Accuracy against samples",
    "table": "Every curve",
    "surfaces": "Samples and depth, or samples and thinking, together",
    "sizes": "Sizes that were not measured",
    "quality": "How good the data are",
    "warnings": "What weakens these curves",
    "sources": "What was read, and how to make this page again",
}
LEAD: dict[SectionKey, str] = {
    "fitted": "",
    "curves": "One chart for each question set and difficulty bucket. A letter and colour stand"
    " for the same model and method in all charts of a question set.",
    "table": "Accuracy in percent; beneath it half of the 90% interval in points, for new"
    " questions of the same kind and, in brackets, for the very questions measured (exact at a"
    " measured n). ×4 is four times beyond the measured n: the fitted shapes say so, not the data.",
    "surfaces": "What was measured at several n and several depths, or numbers of thinking tokens:"
    " the logit of accuracy is a part along log n, a part along the other axis and a small product"
    " of both, through every measured cell. In percent; beneath, half of the 90% interval in"
    " points, for new questions of the same kind. ° lies between measured cells, * beyond them.",
    "sizes": "A logistic regression over the sizes that were measured, of one family of models with"
    " one method at a time. It knows nothing of what else a new model brings.",
    "quality": "What the logs behind the curves told of questions, samples and verifiers when they"
    " were measured.",
    "warnings": "Each of these could change a curve.",
    "sources": "",
}
PAGE_TITLE = "Curves fitted to {inputs}"
NO_INPUTS = "observations that are not named"

NO_CURVES = "No curve could be fitted: there are no observations that can be used."
MORE_CURVES = (
    "Shown are the first {shown} of {count} curves: `planner fit --json` prints them all, and"
    " `-o curves.json` writes them for `planner report`."
)
ONE_POINTS = (
    "Everything was measured at one n only, so nothing is known of more samples: measure a second n"
    " to get a curve."
)
NO_GAIN = (
    "No curve gains half a point or more from more samples within what was measured; at best"
    " {name} goes from {first} at n = {n_first} to {last} at n = {n_last} ({place})."
)
MOST_GAIN = (
    "{name} gains most from more samples: from {first} at n = {n_first} to {last} at n = {n_last}"
    " ({place})."
)
OVERLAP = " The two 90% intervals overlap."
CANNOT_BE_BOUGHT = (
    " That is what a perfect verifier would pick: no method that can be bought has a curve here."
)
BY_BUCKET = "{name} gains most on {most} ({points_most}) and least on {least} ({points_least})."
BEST = (
    "The most accurate on {question_set}, coverage aside: {name}, {accuracy} at n = {n}{flattered}."
)
FLATTERED = " (picked as the highest of {count}, which flatters it a little)"
FALLS = (
    "{count} by half a point or more after a peak within the data, where samples beyond the peak"
    " are wasted; most of all {name}, from {first} at n = {n_first} to {last} at n = {n_last}"
    " ({place}).{overlap}{proof}"
)
FALL_UNPROVEN = " That fall is not proven: it shows in {share} of the draws."
FALL_PROVEN = " That fall is proven: it shows in {share} of the draws."
NO_FALLS = "No curve falls by half a point or more within the data."
SATURATED = (
    "{count} within the data: from some n on, no doubling of the samples gains half a point."
    " The first is {first} from n = {n_first} ({place_first}); the last is {last} from"
    " n = {n_last} ({place_last})."
)
SATURATED_ONE = (
    "One curve saturates within the data: no doubling of {first} gains half a point from"
    " n = {n_first} on ({place_first})."
)
RISING = (
    "{count} still climbing at the largest n measured, by half a point or more a doubling:"
    " measuring further could show more."
)
FLAT = "{count} no change with n beyond the noise of the measurement."
TWO_POINTS = "{count} on two points only: the bend between them is assumed, not measured."
ONE_POINT = "{count} measured at one n only: usable there, without a curve."

HOW = (
    "Marks were measured; the line is the fitted curve, dashed beyond the data, dotted where"
    " measured points are more than four times apart. Bands and bars: 90% intervals for new"
    " questions of the same kind. A horizontal line is a method whose number of samples is fixed."
    " The horizontal axis doubles at each step."
)
NO_CHART = (
    "{places} measured at one n only, and so without a chart: the accuracies are in the table."
)
DRAWN = (
    "{question_set}: drawn are {shown} of {total} pairs of model and method, the most accurate of"
    " those that can be bought and have a curve first; the other {more} are in the table."
)
CHARTS_LEFT = "{count} left out beyond the first {most}; the accuracies are in the table."

NO_MEASURED_FILE = "{file}: not known, for {reason}."
NO_FILES = "The file of curves does not say what it was fitted to, so nothing is known of the data."
DEPLOYABLE = "The bucket of a question is known before it is answered in full."
NOT_DEPLOYABLE = (
    "The bucket of a question is known only from the right answers or a person's grading: a"
    " service needs a router to tell it."
)
ROUTER_SAMPLES = "{count} a query is paid to tell it."
QUALITY_CAPTION = (
    "Verifiers. AUC: the chance that a right sample is scored above a wrong one; .5 is a coin toss."
    " Calibration error: mean distance of the score from the share that is right. False positives:"
    " wrong samples that pass the threshold; false negatives: right samples that do not."
)
GAP_CAPTION = (
    "What is picked from n samples, on the same questions: by a perfect verifier (coverage), by the"
    " verifier, and by majority vote. Missed: what the verifier leaves of coverage, in points."
)
BUCKETS_CAPTION = "Questions in each difficulty bucket."
ROUTER_CAPTION = (
    "Routing on {question_set}: where the signal sends the questions of each true bucket, in"
    " percent of the row."
)
NO_VOTE = "no answers were logged"
ONE_KIND = "all right, or all wrong"
NO_PROBABILITY = "scores are no probabilities"
NO_VERIFIERS = "No verifier scores were logged, so that nothing is known of a verifier."
NOT_MEASURED = "Not measured: {what}{others}: {why}."
LEFT_OUT = "Left out: {rows} of {where}: {why}."
THE_REST = "the rest"
ROW_LEFT_OUT = "Left out of the curves: {where}: {why}."
MORE_OF_A_KIND = "{count} more of this kind in the file of curves."
"""After the first few warnings of one code."""
EMPTY = "The planner found nothing to warn of."
MADE_BY = "In the folder of the data:"

STATUS: dict[str, str] = {
    "fitted": "three points or more",
    "two_points": "two points only",
    "one_point": "one point only",
    "flat": "flat within the noise",
    "perfect": "perfect throughout",
}
"""Statuses in a cell; what they mean stands in the file of curves."""
PROVEN = "proven"
UNPROVEN = "not proven"
MORE_FAMILIES = "{count} more"
FACTS_CAPTION = (
    "Family: the shapes that the data allow, by weight. Ceiling: where the heaviest family"
    " ends; beneath, the 90% interval over all families. Saturates: from this n on no doubling"
    " gains half a point. Peak: the best n, where accuracy falls after it. Twice the samples: what"
    " twice the largest n measured would gain, in points. Falls: the share of the draws that are"
    " lower at the last n than at the best measured one; proven from 95%."
)

ONE_POINTS_CAPTION = "Measured at one n only: usable there, without a curve."
ALONG: dict[Axis, str] = {
    "n_samples": "n = {value}",
    "depth": "depth {value}",
    "thinking_tokens": "{value} tokens",
}
"""A place on an axis, as a heading."""
ACCURACY_HEADING: dict[Axis, str] = {
    "n_samples": "Accuracy, %",
    "depth": "Accuracy by depth, %",
    "thinking_tokens": "Accuracy by thinking, %",
}
SURFACE_ROWS = "Accuracy, %"
SURFACE_MARK: dict[Basis, str] = {"measured": "", "interpolated": "°", "extrapolated": "*"}
GAIN_HEADING = "Twice the samples gain, points"
ALONG_CAPTION: dict[Axis, str] = {
    "n_samples": "",
    "depth": "Along depth, at a fixed n: revisions in a chain, or search steps.",
    "thinking_tokens": "Along thinking tokens, at a fixed n.",
}
ALONG_ONLY = (
    "Nothing was measured along the number of samples; curves along depth or thinking tokens are in"
    " the table."
)
READ_POINTS = "± is half of the 90% interval, in points."
READ_CURVES = (
    "± is half of the 90% interval in points, for new questions of the same kind; in brackets, for"
    " the very questions measured (exact at a measured n). Ceiling: where the heaviest family"
    " ends; beneath, the 90% interval over all families. Saturates: from this n on no doubling"
    " gains half a point. Peak: the best n, where accuracy falls after it. Falls: share of the"
    " draws that are lower at the last n than at the best measured one; proven from 95%."
)
MORE_CAUTIONS = "{count} more of this kind; all of them are in the JSON."
READ_BEYOND = " ×4: four times beyond the measured n. The fitted shapes say so, not the data."

SIZES_OF = "Sizes told from {name}"
SIZE_MARK = {True: " (measured)", False: ""}
SIZES_MEASURED = "Measured: {sizes}; at n = {ns}."
SIZE_LEFT_OUT = (
    "Leaving each size out and telling it from the others is off by {mean} points on average"
    " ({each})."
)
NO_SIZE_LEFT_OUT = "No size could be left out: nothing is known of how well sizes are told."
SCATTER = "Over-dispersion {dispersion}: 1 is the scatter that sampling questions has."
SCATTER_LARGE = (
    "Over-dispersion {dispersion}: much more scatter than sampling questions has (1). Size and n do"
    " not explain these accuracies alone."
)
CLUSTERED = "Intervals (90%) hold the error of the sizes left out; they are {reason}."
FAMILY_ASSUMED = (
    "Neither names nor cards say which family these models are of: they are taken for one."
)
SIZE_WAS_MEASURED = "A size asked for was measured: its own curve knows more."
SIZE_BEYOND = "* beyond the sizes or the sample counts that were measured."
SIZE_REFUSED = "Not told: {where}{others}: {why}."
AND_GROUPS = " (and {count} more)"
MORE_REASONS = "{count} more reasons are in the JSON."
