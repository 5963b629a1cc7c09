"""The usual Python way to mail a newsletter, as a line of JSON: every mail is made and sent by itself.

    python -m tests.benchmarks.usual_way PORT MAILS

Jinja2 renders, premailer inlines the styles, ``EmailMessage`` writes the mail and smtplib sends it, over one
connection that is kept open. Nothing is stored: who stops it does not know who has had it.
"""

from __future__ import annotations

import json
import smtplib
import sys
import time
from email.message import EmailMessage

from jinja2 import Environment
from premailer import transform

_ITEMS = 10
_PARAGRAPH = "Average caseloads in the community teams are down on last year, and nobody feels it. " * 14
_HTML = """\
<!DOCTYPE html>
<html><head><style>
body { font-family: Georgia, serif; color: #222222; margin: 0; }
h1 { font-size: 24px; margin: 0 0 12px 0; } h2 { font-size: 18px; margin: 24px 0 6px 0; }
p { font-size: 16px; line-height: 1.5; margin: 0 0 12px 0; } a { color: #0b5394; }
.foot { font-size: 13px; color: #666666; } .item { padding: 12px 0; border-top: 1px solid #dddddd; }
</style></head><body><h1>{{ title }}</h1><p>Hello {{ name }},</p>
{% for item in items %}<div class="item"><h2><a href="{{ item.url }}">{{ item.title }}</a></h2>
<p>{{ item.text }}</p></div>{% endfor %}
<p class="foot">Sent to {{ address }}. <a href="{{ leave }}">Leave</a></p></body></html>
"""
_TEXT = """\
{{ title }}

Hello {{ name }},
{% for item in items %}
{{ item.title }}
{{ item.text }}
{{ item.url }}
{% endfor %}
Sent to {{ address }}. Leave: {{ leave }}
"""


def send(port: int, mails: int) -> dict[str, float]:
    """Send so many mails, one after the other; return seconds and the size of one."""
    environment = Environment(autoescape=True)
    items = [
        {"title": f"Post {n}", "text": _PARAGRAPH, "url": f"https://blog.example/{n}/"} for n in range(_ITEMS)
    ]
    html, text = environment.from_string(_HTML), environment.from_string(_TEXT)
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(mails):
            address = f"reader{number}@reader.example"
            values = {
                "title": "Caseloads are falling",
                "name": f"Reader {number}",
                "items": items,
                "address": address,
                "leave": f"https://blog.example/leave/{number:016x}",
            }
            mail = EmailMessage()
            mail["From"], mail["To"] = "news@blog.example", address
            mail["Subject"] = "Caseloads are falling. Plus 9 more"
            mail["List-Unsubscribe"] = f"<{values['leave']}>"
            mail.set_content(text.render(values))
            mail.add_alternative(transform(html.render(values)), subtype="html")
            server.send_message(mail)
    return {"seconds": time.perf_counter() - began, "bytes": len(mail.as_bytes())}


if __name__ == "__main__":
    print(json.dumps(send(*map(int, sys.argv[1:]))))
