"""The fleets of a workshop: replicas of the same models are one fleet, whoever asks for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from planner.cost.fleets import Fleet, operating_fleet, reading_fleet
from planner.cost.shape import Shape
from planner.cost.supply import Supply
from planner.domain.observation import ALL
from planner.options.lengths import SampleLengths
from planner.options.spending import samples_per_prompt


@dataclass
class FleetBook:
    """Fleets on one supply, each made once."""

    supply: Supply
    _serving: dict[tuple[str, str | None, bool], Fleet] = field(default_factory=dict)
    _reading: dict[str, Fleet] = field(default_factory=dict)

    def serving(
        self,
        model: str,
        shape: Shape,
        lengths: SampleLengths,
        verifier: str | None = None,
        reader: Shape | None = None,
    ) -> Fleet:
        """One fleet for a model and the verifier beside it; thinking at length makes it another."""
        key = (model, verifier, lengths.thinks)
        if key not in self._serving:
            self._serving[key] = operating_fleet(
                shape,
                self.supply.hardware,
                self.supply.prompt(ALL),
                lengths.mean[ALL],
                samples_per_prompt=samples_per_prompt(self.supply, reader),
                verifier=reader,
                engine_efficiency=self.supply.efficiency_of(f"{model}|{verifier}"),
            )
        return self._serving[key]

    def reading(self, reader: Shape) -> Fleet:
        """A verifier's own fleet, for whatever model generates."""
        if reader.name not in self._reading:
            self._reading[reader.name] = reading_fleet(
                reader, self.supply.hardware, self.supply.efficiency_of(f"reader|{reader.name}")
            )
        return self._reading[reader.name]
