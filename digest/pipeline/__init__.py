"""The shell: the few functions that act, each reading top to bottom."""
