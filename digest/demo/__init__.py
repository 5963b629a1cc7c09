"""The demonstration: a sample site, an inbox that keeps its mail, and what ties them together."""
