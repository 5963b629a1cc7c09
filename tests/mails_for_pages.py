"""Mails that the tests of the preview and the inbox look at."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

HERE = Path(__file__).parent
HOSTILE_HTML = (HERE / "data" / "inbox" / "hostile.html").read_text(encoding="utf-8")
TEMPLATES = {
    f"preview/{path.name}": path.read_text(encoding="utf-8")
    for path in (HERE.parent / "templates" / "preview").iterdir()
}


def a_mail(
    *,
    subject: str = "Four courts, one backlog",
    text: str = "Plain words.\n",
    html: str = '<p>Rich words, <a href="https://site.example/one">one link</a>.</p>\n',
    to: str = "Ann Okafor <ann@example.org>",
) -> bytes:
    """Return a finished mail as our own renderer shapes it: text, then HTML, quoted-printable."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Plain Words <news@example.org>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Mon, 23 Nov 2026 07:00:00 +0000"
    mail.set_content(text, cte="quoted-printable")
    if html:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail.set_boundary("parts")
    return mail.as_bytes()
