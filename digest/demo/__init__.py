"""The demonstration: a sample site, its newsletter and an inbox, all on this machine."""
