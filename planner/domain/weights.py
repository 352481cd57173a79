"""How a model's weights are stored: formats that the time form knows, and their other names."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

WeightFormat = Literal["bf16", "fp8-tensor", "fp8-row", "int4"]
"""bf16; 8-bit floats with one scale a tensor, or one a row; 4-bit integers with a scale a group,
multiplied in bf16. Embeddings and the output head stay in bf16."""

FORMATS: tuple[WeightFormat, ...] = get_args(WeightFormat)

_NAMES: dict[str, WeightFormat] = {
    "bfloat16": "bf16",
    "fp16": "bf16",
    "float16": "bf16",
    "half": "bf16",
    "fp8": "fp8-tensor",
    "fp8-e4m3": "fp8-tensor",
    "float8": "fp8-tensor",
    "fp8-channel": "fp8-row",
    "awq": "int4",
    "gptq": "int4",
    "w4a16": "int4",
}
"""Other names. 16-bit formats take the same time and memory."""


def weight_format(raw: Any) -> WeightFormat:
    """The format of a name; "fp8" is one scale a tensor. Raises ValueError with all formats."""
    key = str(raw).strip().lower().replace("_", "-")
    for name in FORMATS:
        if key == name:
            return name
    if key not in _NAMES:
        raise ValueError(
            f"there is no such weight format; write one of {', '.join(FORMATS)}, or fp8"
        )
    return _NAMES[key]


Weights = Annotated[WeightFormat, BeforeValidator(weight_format)]
"""A field of a card or a scenario that names a format."""
