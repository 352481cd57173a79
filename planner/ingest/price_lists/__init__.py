"""Published lists of token prices, turned into a price card: one file a list.

`read_price_list` reads one; `write_price_card` saves it as TOML in a folder of the user's cards,
where it stands beside the bundled ones and holds from its date.
"""

from planner.ingest.price_lists.read import PriceList, read_price_list
from planner.ingest.price_lists.write import write_price_card

__all__ = ["PriceList", "read_price_list", "write_price_card"]
