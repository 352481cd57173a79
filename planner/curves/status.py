"""How well a curve is determined."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """How well a curve is determined; the value is the sentence for the page."""

    FITTED = "a family is fitted through three or more measured points"
    TWO_POINTS = "only two points are known: the bend between them is assumed, not measured"
    ONE_POINT = "measured at one n only: usable there, without a curve"
    FLAT = "no change with n is visible beyond the noise of the measurement"
    PERFECT = "every measured point is perfect: more samples cannot show a gain"
