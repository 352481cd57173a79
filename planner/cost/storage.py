"""What a reader should know of the way weights are stored and experts are routed."""

from __future__ import annotations

from planner.cost.hardware import Hardware
from planner.cost.shape import Shape
from planner.domain.weights import WeightFormat
from planner.errors import Note


def format_notes(shape: Shape, published: WeightFormat, hardware: Hardware) -> list[Note]:
    """Notes on a model's weight format and routing on an accelerator.

    published: the format in which the model is published, and in which its accuracy was measured
    as far as is known.
    """
    notes = []
    borrowed = hardware.kernels(shape.weights).note
    if borrowed is not None:
        notes.append(borrowed)
    if shape.weights != published:
        notes.append(
            Note(
                "weights_changed",
                f"Weights are priced in {shape.weights}; accuracies were measured with weights as"
                f" published, in {published} as far as is known, and may be lower.",
            )
        )
    if shape.weights == "fp8-tensor":
        notes.append(
            Note(
                "fp8_scales",
                "fp8 is taken with one scale a tensor; with one scale a row a decode step of few"
                " sequences was measured 1.45 to 1.65 times as long (--weights fp8-row).",
            )
        )
    if shape.experts and not (shape.expert_probabilities or shape.experts_touched):
        notes.append(
            Note(
                "routing_even",
                f"{shape.name} is taken to use its experts evenly, an upper bound of what is read:"
                " with skewed routing 20 to 45% fewer experts were read at 16 tokens a step. Its"
                " card takes expert_probabilities or experts_touched.",
            )
        )
    return notes
