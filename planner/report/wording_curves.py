"""Every fixed word of the page of fitted curves. Numbers are put in by the sections."""

from __future__ import annotations

from typing import Literal

SectionKey = Literal["fitted", "curves", "table", "quality", "warnings", "sources"]

TITLE: dict[SectionKey, str] = {
    "fitted": "What the curves say",
    "curves": "Accuracy against samples",
    "table": "Every curve",
    "quality": "How good the data are",
    "warnings": "What weakens these curves",
    "sources": "What was read, and how to make this page again",
}
LEAD: dict[SectionKey, str] = {
    "fitted": "",
    "curves": "One chart for each question set and difficulty bucket. A letter and colour stand"
    " for the same model and method in all charts of a question set.",
    "table": "Accuracy in percent; beneath it, half of the 90 % interval in points. * lies beyond"
    " the measured n: the fitted shape says so, not the data.",
    "quality": "What the logs behind the curves told of questions, samples and verifiers when they"
    " were measured.",
    "warnings": "Each of these could change a curve.",
    "sources": "",
}
PAGE_TITLE = "Curves fitted to {inputs}"
NO_INPUTS = "observations that are not named"

NO_CURVES = "No curve could be fitted: there are no observations that can be used."
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
OVERLAP = " The two 90 % intervals overlap."
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
    " ({place}).{overlap}"
)
NO_FALLS = "No curve falls by half a point or more within the data."
SATURATED = (
    "{count} within the data: from some n on, doubling the samples gains less than half a point on"
    " average."
    " The first is {first} from n = {n_first} ({place_first}); the last is {last} from"
    " n = {n_last} ({place_last})."
)
SATURATED_ONE = (
    "One curve saturates within the data: {first} gains less than half a point a doubling from"
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
    "Dots were measured; the line is the fitted curve, dashed beyond the data, dotted where"
    " measured points are more than four times apart. Bands and bars: 90 % intervals for new"
    " questions of the same kind. A horizontal line is a method whose number of samples is fixed."
    " The horizontal axis doubles at each step."
)
NO_CHART = (
    "{places} measured at one n only, and so without a chart: the accuracies are in the table."
)
DRAWN = (
    "{question_set}: drawn are the {shown} most accurate of {total} pairs of model and method,"
    " those measured at several n before the others, and coverage last; the other {more} are in the"
    " table."
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
