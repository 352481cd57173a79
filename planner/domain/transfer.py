"""From benchmark to production: how far the accuracy of real traffic may be from the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.plan import Assumption

COMMON_SD_LOGIT = 0.5
"""Of the shift of a query class that all options share: at 50% it is 12 points of accuracy."""
OPTION_SD_LOGIT = 0.2
"""Of the shift that an option has beside: at 50% it is 5 points."""

Logits = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]


class Transfer(Strict):
    """`[transfer]` of a scenario: standard deviations in logits, and what a pilot has told."""

    common_sd_logit: Logits = COMMON_SD_LOGIT
    """Of what all options of a query class share; 0: traffic is as the benchmark."""
    option_sd_logit: Logits = OPTION_SD_LOGIT
    """Of what a model with a method has beside; it changes which option is best."""
    pilot: Path | None = None
    """Observations of real traffic: each row's question_set or bucket names a query class."""

    @property
    def nothing(self) -> bool:
        """True where traffic is taken to be as the benchmark."""
        return self.common_sd_logit == 0 and self.option_sd_logit == 0

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The two standard deviations, as the page lists them."""
        told = "" if self.pilot is None else f"; updated by the pilot {self.pilot.name}"
        return tuple(
            Assumption(
                name=f"transfer from benchmark to traffic, {what}",
                value=value,
                unit="logits, standard deviation",
                source=("assumed" if value == usual else "given with the scenario") + told,
                key=f"[transfer] {key}",
            )
            for what, key, value, usual in (
                (
                    "all options of a class",
                    "common_sd_logit",
                    self.common_sd_logit,
                    COMMON_SD_LOGIT,
                ),
                ("each option", "option_sd_logit", self.option_sd_logit, OPTION_SD_LOGIT),
            )
        )
