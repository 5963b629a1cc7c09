"""``digest chaos``: the real ``digest run``, killed at every moment, and what became of every mail."""
