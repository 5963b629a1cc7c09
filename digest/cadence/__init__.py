"""When: due instants, in the publication's zone. Pure."""
