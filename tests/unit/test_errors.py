from __future__ import annotations

from digest.errors import GateRefused


def test_a_refusal_of_the_gate_names_its_rules_once_and_for_all() -> None:
    rules = ["DOC-06", "UNS-01"]
    refusal = GateRefused("Two rules are broken.", rules=rules)
    rules.clear()
    assert (str(refusal), refusal.rules) == ("Two rules are broken.", ("DOC-06", "UNS-01"))
