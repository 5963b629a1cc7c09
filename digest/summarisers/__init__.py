"""Summarisers: how a post becomes one to three sentences."""
