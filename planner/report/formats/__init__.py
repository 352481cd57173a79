"""Output formats, one file each: a new one adds a line to `planner.report.FORMATS`."""
