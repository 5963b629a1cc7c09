"""The demonstration: a made-up site, its readers and their mail, on one machine and without a network."""
