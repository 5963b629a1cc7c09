"""Placements: sold by the day, told before they end, counted by who really got them."""

from datetime import date, timedelta

import pytest

from digest.errors import NotAllowed, UnknownName
from digest.pipeline.sponsor_report import checksum
from subscribers.model import Cadence
from tests.installation import BEGINNING, OPERATOR, Clock, a_post, installation, join, mails, publish

TODAY = BEGINNING.date()


def place(app, name, *, theme="", days=30, label=""):
    return app.placements.place(
        name=name,
        text="helps.",
        link="https://sponsor.example/",
        link_text=name,
        theme=theme,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=days),
        label=label,
    )


@pytest.fixture
def clock():
    return Clock()


def test_a_slot_is_sold_once(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        place(app, "Harbour")
        with pytest.raises(NotAllowed, match="Harbour has that slot"):
            place(app, "Lantern", days=3)


def test_a_placement_is_removed_by_its_number(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        place(app, "Harbour")
        ((number, _),) = app.placements.numbered()
        assert app.placements.remove(number).name == "Harbour"
        assert app.placements.every() == []
        with pytest.raises(UnknownName, match="digest sponsor list"):
            app.placements.remove(number)


def test_the_operator_is_told_once_two_weeks_before_the_end(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        place(app, "Harbour", days=20, label="Our partner")
        app.run()
        assert mails(app, to=OPERATOR) == []
        assert app.status().ending_sponsors == ()
        clock.pass_time(days=6)
        app.run()
        app.run()
        (told,) = mails(app, to=OPERATOR)
        assert str(told["Subject"]) == "Plain Sentence: The placement of Harbour ends on 2026-12-13."
        assert [one.name for one in app.status().ending_sponsors] == ["Harbour"]


def test_only_readers_who_saw_a_sponsor_are_counted(tmp_path, clock):
    """A reader of one theme never meets the sponsor of another."""
    with installation(tmp_path, clock=clock) as app:
        publish(app, a_post("Old", category="Prisons"), a_post("Older", category="Courts"))
        keys = {theme.name: theme.key for theme in app.themes()}
        join(app, "ann@reader.example", Cadence.DAILY)
        join(app, "ben@reader.example", Cadence.DAILY, frozenset({keys["Courts"]}))
        place(app, "Harbour")
        place(app, "Lantern", theme="Prisons")
        clock.pass_time(days=1)
        app.run()
        publish(
            app,
            *(a_post(f"Prison {n}", category="Prisons") for n in range(3)),
            *(a_post(f"Court {n}", category="Courts") for n in range(3)),
        )
        clock.pass_time(days=1)
        app.run()
        report = app.placements.report("", app.clock().date(), app.clock().date())
        assert {line.sponsor: line.delivered for line in report.lines} == {"Harbour": 2, "Lantern": 1}
        assert report.delivered == 3
        assert report.checksum == checksum(report.lines)
        assert app.placements.report("Lantern", app.clock().date(), app.clock().date()).delivered == 1
        assert app.placements.report("", TODAY - timedelta(days=9), TODAY - timedelta(days=1)).lines == ()
        with pytest.raises(UnknownName, match="Known: Harbour, Lantern"):
            app.placements.report("Nobody", TODAY, app.clock().date())


def test_mail_of_test_mode_counts_for_no_sponsor(tmp_path, clock):
    with installation(tmp_path, clock=clock, live=False) as app:
        join(app, "ann@reader.example", Cadence.DAILY)
        place(app, "Harbour")
        publish(app, a_post("One"))
        clock.pass_time(days=1)
        app.run()
        assert mails(app, to=OPERATOR, issues_only=True)
        assert app.placements.report("", TODAY, date(2027, 1, 1)).delivered == 0
