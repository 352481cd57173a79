"""What the figures of a page become where volume, price, lengths, utilisation or n are others.

`lines` packs the draws of sides and plans; `figures` is the arithmetic over them, which the page's
script repeats in the browser.
"""

from planner.economics.what_if.figures import Figures, Moved, figures
from planner.economics.what_if.lines import LENGTHS, Packer

__all__ = ["LENGTHS", "Figures", "Moved", "Packer", "figures"]
