"""What one issue may spend on a model."""

from __future__ import annotations

from digest.summarisers.budget import Budget, Limits, Tokens, estimated

SHARE = Tokens(sent=400, received=200)


def test_tokens_run_out() -> None:
    budget = Budget(Limits(tokens=1300))
    assert [budget.take(SHARE) for _ in range(3)] == [True, True, False]
    assert (budget.spent, budget.calls) == (Tokens(sent=800, received=400), 2)


def test_what_a_call_did_not_use_is_there_for_the_next() -> None:
    budget = Budget(Limits(tokens=1000))
    assert budget.take(SHARE)
    assert not budget.take(SHARE)
    budget.settle(SHARE, Tokens(sent=10, received=5))
    assert budget.take(SHARE)
    assert budget.spent == Tokens(sent=410, received=205)


def test_money_runs_out() -> None:
    limits = Limits(cost=0.005, price_in=5.0, price_out=10.0)  # a share costs 0.004
    budget = Budget(limits)
    assert [budget.take(SHARE) for _ in range(2)] == [True, False]
    assert budget.cost == 0.004


def test_time_runs_out_and_never_goes_below_nothing() -> None:
    now = [100.0]
    budget = Budget(Limits(seconds=60.0), lambda: now[0])
    now[0] = 130.0
    assert budget.seconds_left() == 30.0
    now[0] = 500.0
    assert budget.seconds_left() == 0.0


def test_tokens_are_estimated_on_the_cautious_side() -> None:
    assert estimated(b"x" * 299, 800) == Tokens(sent=100, received=800)
