"""From files to observations: one importer a format, every problem of a file at once."""
