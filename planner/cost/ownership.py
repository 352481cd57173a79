"""What a GPU-hour costs where the GPU is bought, and the energy of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OwnedHour:
    """Dollars of an hour of one owned GPU, by what they are spent on; arrays or numbers alike."""

    power: Array
    hosting: Array
    depreciation: Array

    @property
    def running(self) -> Array:
        """What an hour costs once the GPU is paid for."""
        return self.power + self.hosting

    @property
    def total(self) -> Array:
        """The rent that owning is equal to."""
        return self.running + self.depreciation


def kwh_per_gpu_day(watts: ArrayLike, power_factor: ArrayLike, pue: ArrayLike) -> Array:
    """Energy of one GPU in service for a day: watts / 1000 x 24 x power_factor x pue.

    watts: of the accelerator's card. power_factor: mean draw of the GPU with its part of the server
    over those watts. pue: power of the site over that of its servers.
    """
    kw = np.asarray(watts, dtype=np.float64) / units.WATTS_PER_KW
    return np.asarray(kw * units.HOURS_PER_DAY * np.asarray(power_factor) * np.asarray(pue))


def owned_hour(
    *,
    kwh_per_gpu_day: ArrayLike = 0.0,
    usd_per_kwh: ArrayLike = 0.0,
    hosting_usd_per_gpu_hour: ArrayLike = 0.0,
    purchase_usd: ArrayLike = 0.0,
    life_days: float = 1.0,
    resale: ArrayLike = 0.0,
) -> OwnedHour:
    """Dollars of an hour of an owned GPU, in service or idle.

    power        = kwh_per_gpu_day / 24 x usd_per_kwh
    depreciation = purchase_usd x (1 - resale) / (life_days x 24)
    Straight line, undiscounted; interest, people and spares are left out.
    """
    power = np.asarray(kwh_per_gpu_day, dtype=np.float64) / units.HOURS_PER_DAY
    lost = np.asarray(purchase_usd, dtype=np.float64) * (1 - np.asarray(resale, dtype=np.float64))
    return OwnedHour(
        power=np.asarray(power * np.asarray(usd_per_kwh)),
        hosting=np.asarray(hosting_usd_per_gpu_hour, dtype=np.float64),
        depreciation=np.asarray(lost / (life_days * units.HOURS_PER_DAY)),
    )
