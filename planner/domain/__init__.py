"""The types that cross a border: frozen, checked, saved as JSON. No arithmetic lives here."""
