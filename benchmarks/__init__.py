"""One script per question asked of speed or quality; each prints a ratio or a figure."""
