"""The level of a question: how mentors' corrections move the points that the automatic grader gives.

Fitting is pure arithmetic; storing and applying have modules of their own. Only points move: a map that never falls
changes the order of no two answers, and no verdict, no quotation and no band.
"""

from sessions.levels.applying import Curves, curves_of, levelled_points
from sessions.levels.fitting import ENOUGH_CORRECTIONS, Correction, Level, fit_level
from sessions.levels.keeping import refit_levels

__all__ = [
    "ENOUGH_CORRECTIONS",
    "Correction",
    "Curves",
    "Level",
    "curves_of",
    "fit_level",
    "levelled_points",
    "refit_levels",
]
