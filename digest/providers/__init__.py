"""Backends: each hands finished messages to the next system and says what became of them."""
