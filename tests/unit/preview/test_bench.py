import pytest

from digest.preview.bench import Choice, Part, Tab, View, lay_out, measure, read_choice, with_query
from digest.preview.frame import Scheme
from digest.preview.mail_view import read_mail
from tests.mails_for_pages import a_mail

FRESH = Choice()


def the_bench(choice=FRESH, *, links_open=False):
    return lay_out(
        read_mail(a_mail()),
        choice,
        address=lambda other: with_query("./", other.query()),
        frame_url=lambda scheme: f"frame?{scheme}",
        download_url="mail.eml",
        links_open=links_open,
    )


def test_a_choice_survives_the_address():
    choice = Choice(tab=Tab.SOURCE, view=View.PHONE, scheme=Scheme.DARK, part=Part.HTML)

    assert read_choice(choice.query()) == choice


def test_words_that_mean_nothing_here_count_as_not_said():
    assert read_choice({"tab": "<script>", "view": "", "scheme": "sepia"}) == Choice()


def test_each_switch_keeps_the_other_choices():
    bench = the_bench(Choice(tab=Tab.RENDERED, view=View.PHONE, scheme=Scheme.DARK))

    assert [(tab.label, tab.on, tab.url) for tab in bench.tabs[:2]] == [
        ("Rendered", True, "./?view=phone&scheme=dark"),
        ("Plain text", False, "./?tab=text&view=phone&scheme=dark"),
    ]
    assert [(scheme.label, scheme.on, scheme.key) for scheme in bench.schemes] == [
        ("Light", False, "t"),
        ("Dark", True, ""),
    ]


@pytest.mark.parametrize(
    ("view", "devices"),
    [(View.BOTH, ["desktop", "phone"]), (View.DESKTOP, ["desktop"]), (View.PHONE, ["phone"])],
)
def test_the_view_decides_which_frames_stand_there(view, devices):
    assert [frame.device for frame in the_bench(Choice(view=view)).frames] == devices


def test_the_source_is_the_whole_mail_or_its_html():
    assert the_bench().source == a_mail().decode()
    assert the_bench(Choice(part=Part.HTML)).source.startswith("<p>Rich words")


def test_frames_open_links_only_where_that_is_wanted():
    assert the_bench().sandbox == ""
    assert the_bench(links_open=True).sandbox == "allow-popups allow-popups-to-escape-sandbox"


@pytest.mark.parametrize(
    ("octets", "kilobytes", "advised"),
    [(0, "0.0", ""), (81_919, "80.0", ""), (81_920, "80.0", "Close"), (104_448, "102.0", "Gmail will cut")],
)
def test_the_meter_speaks_up_before_gmail_cuts(octets, kilobytes, advised):
    meter = measure(octets)

    assert meter.kilobytes == kilobytes
    assert meter.advice.startswith(advised)
    assert bool(meter.advice) is bool(advised)


def test_a_query_is_encoded_and_left_out_when_empty():
    assert with_query("./", {"mail": "a&b c"}, {"tab": "text"}) == "./?mail=a%26b+c&tab=text"
    assert with_query("./", {}) == "./"
