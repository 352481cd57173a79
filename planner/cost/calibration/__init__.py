"""Fits the efficiencies of the time form to measurements, and says how far a profile is from them.

timed        measured rows against the form, grouped by model             -> Timed
fit          least squares for each weight format and phase               -> Fit
check        errors of a profile on measurements                          -> Calibration
engine       engine efficiency from tokens a second                       -> EngineFit
profile      the accelerator card with what was fitted
"""

from planner.cost.calibration.check import checked
from planner.cost.calibration.engine import engine_fit
from planner.cost.calibration.fit import Fit, fit_profile
from planner.cost.calibration.profile import fitted_card

__all__ = ["Fit", "checked", "engine_fit", "fit_profile", "fitted_card"]
