"""The verdict on an issue: every promise can be seen broken, and none is where nothing went wrong."""

from __future__ import annotations

from dataclasses import replace

from digest.chaos.verdict import Case, Row, Taken, Verdict, judge
from digest.delivery.states import DeliveryState

S = DeliveryState
ANN, BEN, CAI = "ann@example.org", "ben@example.org", "cai@example.org"


def row(reader: str, state: DeliveryState = S.ACCEPTED, *, flagged: bool = False) -> Row:
    return Row(reader=reader, state=state, flagged=flagged)


def taken(*mails: tuple[str, int]) -> list[Taken]:
    return [Taken(reader=reader, run=run) for reader, run in mails]


GOOD = Case(
    issue="post-1",
    ended=True,
    expected=3,
    readers=frozenset({ANN, BEN, CAI}),
    rows=[row(ANN), row(BEN), row(CAI)],
    taken=taken((ANN, 1), (BEN, 1), (CAI, 2)),
    kills=[1],
    connections=2,
)


def broken(**changes: object) -> list[str]:
    return [what.split(" (")[0] for what in judge(replace(GOOD, **changes)).broken]  # type: ignore[arg-type]


def test_an_issue_that_everybody_was_sent_once_keeps_every_promise() -> None:
    assert judge(GOOD) == Verdict(deliveries=3, kills=1)


def test_a_reader_who_was_sent_nothing_is_lost_though_the_ledger_says_accepted() -> None:
    verdict = judge(replace(GOOD, taken=taken((ANN, 1), (BEN, 1))))
    assert (verdict.lost, verdict.broken) == (1, ("P1: 1 readers were skipped (post-1)",))


def test_a_reader_without_a_delivery_is_lost() -> None:
    verdict = judge(replace(GOOD, rows=[row(ANN), row(BEN)], expected=2, taken=taken((ANN, 1), (BEN, 1))))
    assert verdict.lost == 1
    assert verdict.broken == ("P1: 1 readers were skipped (post-1)",)


def test_a_held_mail_is_nobodys_loss() -> None:
    verdict = judge(
        replace(
            GOOD,
            rows=[row(ANN), row(BEN), row(CAI, S.HELD, flagged=True)],
            taken=taken((ANN, 1), (BEN, 1)),
        )
    )
    assert verdict == Verdict(deliveries=2, kills=1, flagged=1, held=1)


def test_an_issue_that_never_ends_or_does_not_add_up_breaks_p1() -> None:
    assert broken(ended=False) == ["P1: it did not come to its end"]
    assert broken(expected=4) == ["P1: its 3 deliveries, 3 of them settled, are not the 4 it was frozen for"]
    assert broken(expected=None) == [
        "P1: its 3 deliveries, 3 of them settled, are not the None it was frozen for"
    ]
    assert broken(rows=[row(ANN), row(BEN), row(CAI, S.QUEUED)]) == [
        "P1: its 3 deliveries, 2 of them settled, are not the 3 it was frozen for"
    ]


def test_a_second_copy_that_is_flagged_is_counted_against_the_death_before_it() -> None:
    verdict = judge(
        replace(
            GOOD,
            rows=[row(ANN, flagged=True), row(BEN, flagged=True), row(CAI)],
            taken=taken((ANN, 1), (BEN, 1), (CAI, 2), (ANN, 2), (BEN, 3)),
        )
    )
    assert verdict == Verdict(deliveries=5, kills=1, duplicated=2, flagged=2, worst_per_kill=2)


def test_a_second_copy_without_a_flag_breaks_p2() -> None:
    assert broken(taken=[*GOOD.taken, Taken(reader=ANN, run=2)]) == [
        "P2: 1 readers were sent two and the ledger does not say so"
    ]


def test_more_second_copies_than_connections_break_p2() -> None:
    flagged = [row(reader, flagged=True) for reader in (ANN, BEN, CAI)]
    twice = taken((ANN, 1), (BEN, 1), (CAI, 1), (ANN, 2), (BEN, 2), (CAI, 2))
    assert broken(rows=flagged, taken=twice) == ["P2: one death cost 3 second copies, with 2 connections"]


def test_a_third_copy_breaks_p2() -> None:
    thrice = taken((ANN, 1), (BEN, 1), (CAI, 1), (ANN, 2), (ANN, 3))
    assert broken(rows=[row(ANN, flagged=True), row(BEN), row(CAI)], taken=thrice) == [
        "P2: a reader was sent 3 copies"
    ]


def test_a_second_copy_breaks_p3_where_doubt_is_to_be_held() -> None:
    rows = [row(ANN, flagged=True), row(BEN), row(CAI)]
    assert broken(rows=rows, taken=[*GOOD.taken, Taken(reader=ANN, run=2)], hold=True) == [
        "P3: 1 readers were sent two, though doubt is to be held"
    ]


def test_whoever_left_is_no_loss_and_a_mail_to_them_breaks_p4() -> None:
    rows = [row(ANN), row(BEN), row(CAI, S.SUPPRESSED)]
    left = judge(replace(GOOD, rows=rows, taken=taken((ANN, 1), (BEN, 1)), left={CAI}))
    assert left == Verdict(deliveries=2, kills=1, left=1)
    assert broken(rows=rows, left={CAI}, after_leaving={CAI}) == [
        "P4: 1 readers were mailed after they had left"
    ]


def test_verdicts_add_up_and_the_worst_death_stays_the_worst() -> None:
    one = Verdict(deliveries=3, kills=1, duplicated=1, worst_per_kill=2, broken=("P1",))
    two = Verdict(deliveries=4, lost=1, worst_per_kill=1, broken=("P2",))
    assert one + two == Verdict(
        deliveries=7, kills=1, lost=1, duplicated=1, worst_per_kill=2, broken=("P1", "P2")
    )
