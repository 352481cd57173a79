"""The same candidate with longer or shorter samples: what a slider of the page asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.cost.fleets import Fleet, operating_fleet
from planner.domain.observation import ALL
from planner.options.candidate import Candidate
from planner.options.spending import samples_per_prompt
from planner.options.whole import as_full_as_the_load


@dataclass(frozen=True)
class SampleLengths:
    """A candidate whose samples may be longer or shorter."""

    made: Candidate

    def times(self, times: float) -> Candidate:
        """The candidate whose samples have `times` the tokens, its fleet found anew for them.

        A fleet whose batch something else set, a latency cap say, keeps that batch. Raises
        InfeasibleError where no replica holds one sequence any more.
        """
        made = self.made
        tokens = {bucket: mean * times for bucket, mean in made.output_tokens.items()}
        longer = replace(made, output_tokens=tokens)
        if made.fleet is None:
            return longer
        if times == 1.0:
            return made
        if self._keeps_batch:
            return longer
        longer = replace(longer, fleet=_operating(longer, made.fleet))
        return as_full_as_the_load(longer)

    @cached_property
    def _keeps_batch(self) -> bool:
        made = self.made
        if made.supply.terms.cold_start is not None:
            return False
        own = _operating(made, made.on_fleet)
        return not np.array_equal(own.batch, made.on_fleet.batch)


def _operating(made: Candidate, like: Fleet) -> Fleet:
    """Its fleet at its operating batch."""
    beside = made.reader if made.reader_fleet is None else None
    shares = made.verifier if made.reader_fleet is None else None
    return operating_fleet(
        like.generator,
        made.supply.hardware,
        made.supply.prompt(ALL),
        made.output_tokens[ALL],
        samples_per_prompt=samples_per_prompt(made.supply, beside),
        verifier=beside,
        engine_efficiency=made.supply.efficiency_of(f"{made.model}|{shares}"),
    )
