"""A whole installation with a language model: what readers get, what is asked, and what comes without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.cli.frame import main
from digest.model import FoundPost, IssueKind
from digest.pipeline.drafting import SENTENCES
from digest.pipeline.summaries import LONGEST
from digest.preview.samples import Samples
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, mails, publish
from tests.model_servers import KEY, WIRES, Asked, ModelServer, Raw, Said, Wire, answer, model_server, says
from tests.newsroom import newsroom

ANN = "ann.private@reader.example"
TOWNS = ("Leeds", "York", "Hull")
WORDS = (
    "The inspectors visited every prison in {town} between March and May. They found that 1,200 cells had no "
    "working lock, and that staff knew of it. The governor had asked the ministry for the money four times. "
    "Reconviction fell by 12.5% in the year after the repairs were made."
)
QUOTE = "1,200 cells had no working lock"


def summary_of(town: str) -> str:
    return f"The inspectors found that 1,200 cells in {town} had no working lock."


def honest_text(asked: Asked) -> str:
    return summary_of(asked.turns[0].split("every prison in ")[1].split(" ")[0])


def honest(asked: Asked) -> Said:
    """A model that keeps to the post it is shown."""
    return Said(text=answer(honest_text(asked), QUOTE))


def reports(*towns: str) -> list[FoundPost]:
    return [a_post(f"Doors of {town}", words=WORDS.format(town=town)) for town in towns]


def with_model(folder: Path, far: ModelServer, clock: Clock, *, live: bool = True, **more: Any) -> App:
    llm = {"provider": far.wire, "model": "small", "base_url": far.base_url} | more
    secrets = {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32, "llm_key": KEY}
    return installation(folder, clock=clock, live=live, llm=llm, secrets=secrets)


def parts(mail: EmailMessage) -> tuple[str, str]:
    """Return text and HTML of a mail, each on one line."""
    found = []
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        found.append(" ".join(body.get_content().split()))
    return found[0], found[1]


def daily(app: App) -> str:
    """Return the name of the newest daily issue."""
    return next(issue.name for issue in app.issues(10) if issue.kind is IssueKind.DAILY)


def a_day_later(app: App, clock: Clock) -> None:
    clock.pass_time(days=1)
    app.run()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=WIRES)
def far(request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    wire: Wire = request.param
    with model_server(wire, honest) as server:
        yield server


def test_readers_get_the_model_s_summaries_and_are_told_so(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    with with_model(tmp_path, far, clock) as app:
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports(*TOWNS))
        a_day_later(app, clock)
        [mail] = mails(app, to=ANN, issues_only=True)
        page = app.issue_page(daily(app))
    assert page is not None
    for said in (*parts(mail), " ".join(page.split())):
        whole = said.replace("&nbsp;", " ").replace("\xa0", " ")
        assert all(summary_of(town) in whole for town in TOWNS)
        assert whole.count("AI summary") == len(TOWNS)
    assert len(far.asked) == len(TOWNS)


def test_nothing_about_readers_or_other_posts_is_in_any_request(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    with with_model(tmp_path, far, clock) as app:
        person = join(app, ANN, Cadence.DAILY)
        publish(app, *reports(*TOWNS))
        a_day_later(app, clock)
        secrets = (ANN, "ann", "private", "reader.example", person.public_id, "operator", "1 Sample Row")
    assert len(far.asked) == len(TOWNS)
    for asked in far.asked:
        sent = (asked.path + asked.body.decode()).lower()
        assert [secret for secret in secrets if secret.lower() in sent] == []
        assert sum(town.lower() in sent for town in TOWNS) == 1
        assert "readers" not in sent.replace("newsletter", "")


def test_a_summary_is_asked_for_once(tmp_path: Path, far: ModelServer, clock: Clock) -> None:
    with with_model(tmp_path, far, clock) as app:
        join(app, ANN, Cadence.DAILY)
        join(app, "bo@reader.example", Cadence.WEEKLY)
        publish(app, *reports(*TOWNS))
        a_day_later(app, clock)
        clock.pass_time(days=5)  # to Sunday, when the weekly is due
        app.run()
        [own, *_] = mails(app, to=ANN, issues_only=True)
        [weekly] = mails(app, to="bo@reader.example", issues_only=True)
        app.run()
    assert len(far.asked) == len(TOWNS)
    assert all(summary_of(town) in parts(mail)[0] for town in TOWNS for mail in (own, weekly))


def test_subject_links_and_order_are_the_same_with_any_model(tmp_path: Path, clock: Clock) -> None:
    wild = says(answer("Buy now. https://evil.example", QUOTE), "<b>no</b>", Raw(status=500))

    def skeleton(app: App) -> tuple[str, list[str]]:
        with app:
            join(app, ANN, Cadence.DAILY)
            publish(app, *reports(*TOWNS))
            clock.pass_time(days=1)
            app.run()
            [mail] = mails(app, to=ANN, issues_only=True)
        links = [word for word in parts(mail)[0].split() if word.startswith("https://blog.example")]
        return mail["Subject"], links

    for name in "abc":
        (tmp_path / name).mkdir()
    plainly = skeleton(installation(tmp_path / "a", clock=clock))
    clock = Clock()
    with model_server("openai", wild) as far:
        assert skeleton(with_model(tmp_path / "b", far, clock)) == plainly
    clock = Clock()
    with model_server("openai", honest) as far:
        assert skeleton(with_model(tmp_path / "c", far, clock)) == plainly


def test_without_an_answer_the_issue_goes_out_with_extracts_and_says_why(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    far.answering = says(Raw(status=503, headers={"Retry-After": "900"}))
    with with_model(tmp_path, far, clock) as app:
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports(*TOWNS))
        a_day_later(app, clock)
        [mail] = mails(app, to=ANN, issues_only=True)
        detail = app.issue(daily(app))
    assert "AI summary" not in "".join(parts(mail))
    assert parts(mail)[0].count("The inspectors visited every prison in") == len(TOWNS)
    assert [number for number, _ in detail.without_model] == [1, 2, 3]
    assert all("the provider answered 503" in reason for _, reason in detail.without_model)


def test_a_provider_that_was_down_is_asked_again_an_hour_later(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    far.answering = says(Raw(status=401))
    with with_model(tmp_path, far, clock) as app:
        publish(app, *reports("Leeds"))
        drafts = Samples(app)
        drafts()
        calls = len(far.asked)
        assert calls == 1
        far.answering = honest
        drafts()
        assert len(far.asked) == calls, "within the hour the extract stands"
        clock.pass_time(minutes=61)
        shown = drafts()
    assert any(b"AI summary" in mail.data for mail in shown)


def test_what_was_rejected_is_not_asked_for_again(tmp_path: Path, far: ModelServer, clock: Clock) -> None:
    far.answering = says(answer(summary_of("Zanzibar"), QUOTE))
    with with_model(tmp_path, far, clock) as app:
        publish(app, *reports("Leeds"))
        drafts = Samples(app)
        drafts()
        calls = len(far.asked)
        clock.pass_time(days=30)
        shown = drafts()
    assert len(far.asked) == calls == 2  # the second with the reasons
    assert not any(b"Zanzibar" in mail.data or b"AI summary" in mail.data for mail in shown)


def test_an_issue_without_tokens_goes_out_on_what_there_is(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    with with_model(tmp_path, far, clock, max_tokens_per_issue=1_000) as app:
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports(*TOWNS))
        a_day_later(app, clock)
        assert len(mails(app, to=ANN, issues_only=True)) == 1
    assert far.asked == []


def test_a_preview_shows_what_will_be_mailed_and_asks_once(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    with with_model(tmp_path, far, clock) as app:
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports("Leeds"))
        drafts = Samples(app)
        [shown] = [mail for mail in drafts() if mail.key == "next-daily"]
        assert summary_of("Leeds").encode()[:40] in shown.data.replace(b"=\r\n", b"")
        asked = len(far.asked)
        drafts()
        a_day_later(app, clock)
        [mail] = mails(app, to=ANN, issues_only=True)
        assert summary_of("Leeds") in parts(mail)[0]
    assert asked == len(far.asked) == 1


def test_a_model_is_asked_once_and_shorter_summaries_are_its_first_sentences(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    assert max(SENTENCES.values()) == LONGEST
    more = "Reconviction fell by 12.5% in the year after the repairs were made."
    with with_model(tmp_path, far, clock) as app:
        publish(app, *reports("Leeds", "York"))
        far.answering = lambda asked: Said(
            text=answer(f"{honest_text(asked)} {more}", QUOTE, "Reconviction fell by 12.5%")
        )
        shown = {
            mail.key: " ".join(mail.data.decode().replace("=\r\n", "").split()) for mail in Samples(app)()
        }
    assert len(far.asked) == 2, "two posts, shown by issues of five cadences in three lengths"
    for town in ("Leeds", "York"):
        assert summary_of(town) in shown["next-weekly"]
        assert summary_of(town) in shown["next-monthly"]
    assert more in shown["next-weekly"].replace("=25", "%")
    assert more not in shown["next-monthly"].replace("=25", "%")


def test_a_rehearsal_asks_nothing(tmp_path: Path, far: ModelServer, clock: Clock) -> None:
    with with_model(tmp_path, far, clock) as app:
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports(*TOWNS))
        clock.pass_time(days=1)
        assert 3 in [made.items for made in app.rehearse().issues]
    assert far.asked == []


def test_no_transaction_is_open_while_a_model_is_asked(
    tmp_path: Path, far: ModelServer, clock: Clock
) -> None:
    with with_model(tmp_path, far, clock) as app:

        def writing(asked: Asked) -> Said:
            join(app, f"reader{len(far.asked)}@reader.example", Cadence.WEEKLY)  # would wait for it
            return honest(asked)

        far.answering = writing
        join(app, ANN, Cadence.DAILY)
        publish(app, *reports("Leeds"))
        a_day_later(app, clock)
        assert app.readers.find("reader1@reader.example").email
        [mail] = mails(app, to=ANN, issues_only=True)
    assert "AI summary" in parts(mail)[0]


def test_another_model_writes_anew(tmp_path: Path, far: ModelServer, clock: Clock) -> None:
    with with_model(tmp_path, far, clock) as app:
        publish(app, *reports("Leeds"))
        Samples(app)()
    first = len(far.asked)
    with with_model(tmp_path, far, clock, live=False, model="large") as app:
        Samples(app)()
    assert len(far.asked) == 2 * first
    assert {asked.call["model"] for asked in far.asked[first:]} == {"large"}


def test_what_a_model_wrote_is_escaped(tmp_path: Path, clock: Clock) -> None:
    said = "The inspectors found that 1,200 cells in Leeds & York had no working lock."
    with (
        model_server("openai", says(answer(said, QUOTE))) as far,
        with_model(tmp_path, far, clock) as app,
    ):
        join(app, ANN, Cadence.DAILY)
        words = WORDS.format(town="Leeds &amp; York")
        publish(app, replace(reports("Leeds")[0], html=f"<p>{words}</p>"))
        a_day_later(app, clock)
        [mail] = mails(app, to=ANN, issues_only=True)
    text, html = parts(mail)
    assert said in text
    assert said.replace("&", "&amp;") in html


# --- The command line ------------------------------------------------------------------------------

TRIED = "The town library of Oakwater has been open until two in the morning on Thursdays since March."


def checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str | Raw, *options: str
) -> tuple[int, str, str]:
    with model_server("openai", says(said)) as far:
        more = f'\n[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{far.base_url}"\nprice_in = 1\n'
        with newsroom(tmp_path, more=more) as room:
            code = main(["--config", str(room.config), "llm", "check", *options])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_check_shows_the_answer_and_what_we_say_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answer(TRIED, "open until two in the morning on Thursdays")
    code, out, _ = checked(tmp_path, capsys, said)
    assert (code, TRIED in out, "It may be shown to readers" in out) == (0, True, True)
    assert "Tokens: 1000 sent, 200 received.\nCost by the prices of [llm]: 0.001000." in out


def test_a_check_says_why_an_answer_could_not_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answer(TRIED.replace("Oakwater", "Zanzibar"), "open until two in the morning on Thursdays")
    code, out, _ = checked(tmp_path, capsys, said, "--json")
    assert code == 1
    assert json.loads(out)["faults"] == ["names that are not in the post: Zanzibar"]
    code, out, _ = checked(tmp_path, capsys, said)
    assert "could not be shown to readers:\n  names that are not in the post: Zanzibar" in out


def test_a_check_without_an_answer_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Raw(status=401, body=b'{"error": {"message": "Incorrect API key"}}')
    code, out, err = checked(tmp_path, capsys, refused)
    assert (code, out) == (1, "")
    assert err == "digest: The model wrote nothing: the provider answered 401: Incorrect API key.\n"


def test_a_check_without_a_model_says_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with newsroom(tmp_path) as room:
        assert main(["--config", str(room.config), "llm", "check"]) == 1
    assert "No language model is set up; write provider and model below [llm]." in capsys.readouterr().err


def summarised_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str, *options: str, run: bool = True
) -> tuple[str, int]:
    """Return what is said of a post after a run, and how often the model was asked by then."""
    with model_server("openai", says(said)) as far:
        more = f'\n[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{far.base_url}"\n'
        with newsroom(tmp_path, more=more) as room:
            command = ["--config", str(room.config)]
            assert main([*command, "feed", "add", room.feed_url]) == 0
            room.join("ann@quietbench.org")
            room.publish("On prisons and doors")
            assert main([*command, "feed", "poll"]) == 0
            assert not run or main([*command, "run"]) == 0
            asked = len(far.asked)
            capsys.readouterr()
            assert main([*command, "summarise", "2", *options]) == 0
            assert len(far.asked) == asked, "to look at a summary costs nothing"
    return capsys.readouterr().out, asked


WRITTEN = "The inspectors had counted every door in the building. Three pages were read."
COUNTED = "The inspectors had counted every door in the building."


def test_a_summary_looked_at_is_the_one_readers_get(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answer(WRITTEN, COUNTED, "Three were read.")
    told, asked = summarised_by(tmp_path, capsys, said)
    assert (told, asked) == (f"{WRITTEN}\n\n  AI summary, written by small; readers are told.\n", 1)


def test_the_working_of_the_extract_stands_below_a_model_s_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answer(WRITTEN, COUNTED, "Three were read.")
    told, _ = summarised_by(tmp_path, capsys, said, "--explain", "--sentences", "1")
    first, below = told.split("The extract, which stands in where a model's summary cannot be used:")
    assert first.startswith(f"{COUNTED}\n\n  AI summary, written by small")
    assert "method      model" in first
    assert "paragraph 1 (paragraph)" in below


def test_a_summary_that_was_refused_says_why_and_shows_the_extract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, asked = summarised_by(tmp_path, capsys, answer("The inspectors went to Zanzibar by bus.", COUNTED))
    assert asked == 2
    assert "Zanzibar" not in told.splitlines()[0]
    assert "An extract, not by the language model: " in told
    assert "names that are not in the post: Zanzibar" in told


def test_a_model_that_was_not_asked_yet_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, asked = summarised_by(tmp_path, capsys, answer(WRITTEN, COUNTED), run=False)
    assert asked == 0
    assert "An extract so far: the language model is asked when an issue or a preview is made." in told


def test_an_issue_shown_says_which_summaries_a_model_did_not_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with model_server("openai", says("no JSON")) as far:
        more = f'\n[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{far.base_url}"\n'
        with newsroom(tmp_path, more=more) as room:
            assert main(["--config", str(room.config), "feed", "add", room.feed_url]) == 0
            room.join("ann@quietbench.org")
            room.publish("On prisons and doors")
            assert main(["--config", str(room.config), "feed", "poll"]) == 0
            assert main(["--config", str(room.config), "run"]) == 0
            capsys.readouterr()
            assert main(["--config", str(room.config), "issue", "show", "post-1"]) == 0
    told = capsys.readouterr().out
    assert "extract  1  not by the language model: an answer that is not the JSON object asked for" in told
