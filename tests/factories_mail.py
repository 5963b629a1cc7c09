"""Editions, publications and readers for tests of the mail: our own writing, one place for all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from digest.model import Edition, Image, IssueKind, Item, Publication, Recipient, Section, Sponsor, Theme

DATE = datetime(2026, 6, 14, 6, 0, tzinfo=UTC)

THEMES = {
    "on-probation": Theme(key="on-probation", name="On Probation", position=1),
    "prisons": Theme(key="prisons", name="Prisons", position=2),
    "courts": Theme(key="courts", name="Courts & Sentencing", position=3),
}


def publication(**changes: Any) -> Publication:
    """Return the publication every mail test sends for."""
    usual = Publication(
        name="The Quiet Bench",
        tagline="Justice research, read closely",
        site_url="https://quietbench.example/",
        public_url="https://mail.quietbench.example",
        language="en-GB",
        zone="Europe/London",
        author="Ada Marlow",
        postal_address="The Quiet Bench, 3 Mill Lane, York YO1 7AA, United Kingdom",
        privacy_url="https://quietbench.example/privacy",
        from_name="The Quiet Bench",
        from_address="letters@quietbench.example",
        reply_to="ada@quietbench.example",
        bounce_address="bounces@mail.quietbench.example",
        operator_address="operator@quietbench.example",
        list_id="letters.quietbench.example",
    )
    return replace(usual, **changes)


def image(name: str, **changes: Any) -> Image:
    """Return a header picture of the sample site."""
    usual = Image(
        url=f"https://quietbench.example/img/{name}.jpg",
        alt="A reading room with one lamp lit",
        credit="Illustration: The Quiet Bench, CC BY 4.0",
        width=1200,
        height=600,
    )
    return replace(usual, **changes)


def item(number: int, title: str, **changes: Any) -> Item:
    """Return one post as an issue shows it."""
    usual = Item(
        number=number,
        post_id=number + 1000,
        title=title,
        link=f"https://quietbench.example/2026/06/{number}",
        author="Ada Marlow",
        published_on=date(2026, 6, 8),
        language="en-GB",
        direction="ltr",
        standfirst="",
        summary="",
        html="",
        image=None,
        minutes=5,
        theme_key="",
    )
    return replace(usual, **changes)


LEAD = item(
    1,
    "Fewer cases, longer days: what the workload returns leave out",
    published_on=date(2026, 6, 9),
    standfirst="The new returns look like relief. Officers who filled them in describe something else.",
    summary=(
        "Average caseloads fell in five of the six areas that publish them. Time spent on records rose in "
        "all six, and nobody counts the minutes in between."
    ),
    image=image("lead"),
    minutes=7,
    theme_key="on-probation",
    html=(
        "<p>Every quarter the returns arrive, and every quarter two readings of them set off in opposite "
        'directions. Start with <a href="https://quietbench.example/returns">the returns themselves</a>.</p>'
        "<h2>What the returns count</h2><p>They count people on a list:</p>"
        "<ul><li>how many there are;</li><li>how serious the risk is;</li><li>how long they stay.</li></ul>"
        "<blockquote><p>“I have fewer names and less time for each of them.”</p><cite>An officer in the "
        "north</cite></blockquote>"
        "<h2>What they leave out</h2><p>Supervision happens in conversations. A form that took four minutes "
        "now takes eleven.</p>"
        "<table><tr><th>Area</th><th>Cases</th><th>Hours</th></tr><tr><td>North</td><td>38</td><td>51</td></tr>"
        "<tr><td>South</td><td>41</td><td>49</td></tr></table>"
        '<figure><img src="https://quietbench.example/img/desk.jpg" width="1040" height="520" alt="A desk at '
        'dusk"><figcaption>A desk at dusk. Photograph: A. Marlow</figcaption></figure>'
        "<p>The next set of returns could ask one more question: <em>how many minutes?</em></p>"
    ),
)

SPONSOR = Sponsor(
    name="Lantern Case Files",
    text="keeps notes, plans and court dates for supervision teams in one place.",
    link="https://lantern.example/?from=quietbench",
    link_text="See how Lantern works",
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 6, 30),
)

PRISON_SPONSOR = replace(
    SPONSOR,
    name="Harrow Learning",
    link="https://harrow.example/",
    link_text="Read about Harrow",
    theme_key="prisons",
)


def digest(**changes: Any) -> Edition:
    """Return a weekly edition of seven posts in three themes."""
    probation = item(
        2,
        "Reading four years of inspections in a week",
        summary="Three findings return in nearly every report, and only one of them is about money.",
        theme_key="on-probation",
        published_on=date(2026, 6, 11),
        image=image("shelves"),
        minutes=9,
    )
    landing = item(
        3,
        "Ten hours on paper: a day on two landings",
        summary="Timetables promise ten hours out of cell. Staff at two prisons walk through where they go.",
        theme_key="prisons",
        published_on=date(2026, 6, 10),
        image=image("landing", credit="Photograph: J. Osei / Openframe"),
    )
    friday = item(
        4,
        "Friday releases, a year after the rule changed",
        summary="The rule was cheap and simple. Chemists, landlords and officers say whether it worked.",
        theme_key="prisons",
        published_on=date(2026, 6, 12),
        minutes=4,
    )
    backlog = item(
        5,
        "The backlog in five plain charts",
        summary="Receipts, disposals, sitting days, trial length, and the measure ministers seldom quote.",
        theme_key="courts",
        published_on=date(2026, 6, 8),
        image=image("columns", width=800, height=600),
    )
    women = item(
        6,
        "Is a problem-solving court a quiet success?",
        standfirst="Early evidence on community sentences for women is careful, and hopeful.",
        theme_key="courts",
        published_on=date(2026, 6, 13),
        image=image("court", width=600, height=900),
        minutes=6,
    )
    bench = item(
        7,
        "Who sits on the bench now?",
        summary="A short note on this year’s recruitment, and what it says about age.",
        theme_key="courts",
        published_on=date(2026, 6, 14),
        minutes=2,
    )
    usual = Edition(
        name="weekly-2026-06-14",
        kind=IssueKind.WEEKLY,
        layout="digest",
        subject="Fewer cases, longer days. Plus 6 more",
        preheader="Also this week: four years of inspections, a day on two landings, and the backlog.",
        title="Caseloads, landings and a court that listens",
        intro="Seven posts this week. If you have five minutes, read the first: it changed my mind.",
        period_start=date(2026, 6, 8),
        period_end=date(2026, 6, 14),
        lead=LEAD,
        sections=(
            Section(theme=THEMES["on-probation"], sponsor=None, items=(probation,)),
            Section(theme=THEMES["prisons"], sponsor=PRISON_SPONSOR, items=(landing, friday)),
            Section(theme=THEMES["courts"], sponsor=None, items=(backlog, women, bench)),
        ),
        theme_names={key: theme.name for key, theme in THEMES.items()},
        sponsor=SPONSOR,
        next_on=date(2026, 6, 21),
        count=7,
    )
    return replace(usual, **changes)


def arabic(**changes: Any) -> Edition:
    """Return an Arabic weekly edition: right to left, with one title and one theme that run the other way."""
    spoken: dict[str, Any] = {"language": "ar", "direction": "rtl"}
    courts = replace(THEMES["courts"], name="المحاكم")
    lead = item(
        1,
        "قضايا أقل وأيام أطول: ما لا تذكره الإحصاءات",
        standfirst="تبدو الأرقام الجديدة كأنها انفراجة، ومن كتبوها يصفون شيئًا آخر.",
        summary="انخفض عدد القضايا في خمس مناطق من ست، وزاد الوقت الذي تأخذه السجلات في المناطق كلها.",
        image=image("lead", alt="غرفة قراءة يضيئها مصباح واحد", credit="رسم: The Quiet Bench"),
        minutes=7,
        theme_key="on-probation",
        **spoken,
    )
    english = item(2, "What is a “day out”? (Part 2)", summary="Two prisons, one week.", theme_key="prisons")
    landing = item(
        3,
        "يوم على طابقين من السجن",
        summary="يَعِد الجدول بعشر ساعات خارج الزنزانة، فأين تذهب؟",
        theme_key="prisons",
        image=image("landing"),
        minutes=2,
        **spoken,
    )
    hearing = item(4, "محكمة تصغي", minutes=1, theme_key="courts", **spoken)
    backlog = item(5, "كيف تراكمت القضايا؟", minutes=11, theme_key="courts", **spoken)
    usual = Edition(
        name="weekly-2026-06-14",
        kind=IssueKind.WEEKLY,
        layout="digest",
        subject="قضايا أقل وأيام أطول: ما لا تذكره الإحصاءات. و4 مقالات أخرى",
        preheader="هذا الأسبوع أيضًا: يوم على طابقين من السجن",
        title="قضايا أقل، ويوم على طابقين، ومحكمة تصغي",
        intro="خمسة مقالات هذا الأسبوع. إن كان لديك خمس دقائق فابدأ بالأول.",
        period_start=date(2026, 6, 8),
        period_end=date(2026, 6, 14),
        lead=lead,
        sections=(
            Section(theme=THEMES["prisons"], sponsor=PRISON_SPONSOR, items=(english, landing)),
            Section(theme=courts, sponsor=None, items=(hearing, backlog)),
        ),
        theme_names={"on-probation": "تحت المراقبة", "prisons": "Prisons", "courts": courts.name},
        sponsor=SPONSOR,
        left_out=2,
        count=5,
    )
    return replace(usual, **changes)


def single(**changes: Any) -> Edition:
    """Return an every-post edition: one post, short enough to be shown whole."""
    usual = Edition(
        name="post-1",
        kind=IssueKind.EVERY_POST,
        layout="post",
        subject=LEAD.title,
        preheader=LEAD.standfirst,
        title=LEAD.title,
        intro="",
        period_start=None,
        period_end=date(2026, 6, 9),
        lead=LEAD,
        sections=(),
        theme_names={"on-probation": "On Probation"},
        sponsor=SPONSOR,
        related=(
            item(
                0,
                "What four winters in bail hostels have in common",
                standfirst="Heating, mostly.",
                minutes=3,
            ),
            item(0, "Who visits?", published_on=date(2025, 12, 2)),
        ),
        count=1,
    )
    return replace(usual, **changes)


def recipient(**changes: Any) -> Recipient:
    """Return a reader of the weekly digest."""
    usual = Recipient(
        delivery_id=4711,
        public_id="a1b2c3d4e5f60718",
        address="ann@example.org",
        name="Ann Reader",
        since="3 March 2026",
        choices="You get the weekly digest of Prisons and Courts & Sentencing.",
        unsubscribe_url="https://mail.quietbench.example/unsubscribe/k1.a1b2c3d4e5f60718.c2lnbmF0dXJl",
        preferences_url="https://mail.quietbench.example/preferences/k1.a1b2c3d4e5f60718.c2lnbmF0dXJl?a=1&b=2",
    )
    return replace(usual, **changes)
