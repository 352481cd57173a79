"""Money and certainty: parities, break-evens, and who wins in how many draws."""
