"""Charts of the page, one file each: plain numbers in, SVG out. Altair is imported inside."""
