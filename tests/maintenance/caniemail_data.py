"""Builds ``digest/quality/caniemail.json`` from the npm package ``caniemail``: ``make caniemail``.

Only the newest state of each feature in the mail programs that matter is kept, with its notes. Node is not
needed: the package is an archive with one JSON file in it.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLIENTS = (
    "apple-mail.macos", "apple-mail.ios", "gmail.desktop-webmail", "gmail.ios", "gmail.android",
    "gmail.mobile-webmail",
    "outlook.windows", "outlook.macos", "outlook.outlook-com", "outlook.ios", "outlook.android",
    "yahoo.desktop-webmail", "yahoo.ios", "yahoo.android", "samsung-email.android", "thunderbird.macos",
    "protonmail.desktop-webmail", "fastmail.desktop-webmail", "hey.desktop-webmail", "gmx.desktop-webmail",
    "web-de.desktop-webmail",
)  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_PLATFORMS = {"outlook-com": "Outlook.com", "windows": "Outlook for Windows", "macos": "macOS"}
NOTICE = (
    "MIT License. Copyright (c) 2019 HTeuMeuLeu (the data, github.com/hteumeuleu/caniemail). "
    "Copyright Avi Goldman, Andrew Powell (the package). The full notice is in caniemail.LICENSE."
)


def latest(versions: Mapping[str, str]) -> str:
    """Return the newest state of a feature in one program: "y", "n", "a" or "u", and its notes.

    Keys that are all dates are compared as dates, because some files list them backwards; otherwise the
    last in the
    file counts, because dates and version numbers are mixed there in the right order.
    """
    if not versions:
        return "u"
    if all(_DATE.fullmatch(key) for key in versions):
        return versions[max(versions)]
    return versions[list(versions)[-1]]


def compact(data: Mapping[str, Any], *, source: str) -> dict[str, Any]:
    """Return what the gate needs of caniemail's own JSON."""
    names = data["nicenames"]
    return {
        "source": source,
        "data_date": data["last_update_date"][:10],
        "notice": NOTICE,
        "clients": {client: _client_name(client, names) for client in CLIENTS},
        "features": {feature["slug"]: _feature(feature) for feature in data["data"]},
    }


def _client_name(client: str, names: Mapping[str, Any]) -> str:
    family, _, platform = client.partition(".")
    if family == "outlook" and platform in {"outlook-com", "windows"}:
        return _PLATFORMS[platform]
    return f"{names['family'][family]} ({names['platform'][platform]})"


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    states = []
    notes: dict[str, str] = {}
    for client in CLIENTS:
        family, _, platform = client.partition(".")
        state = latest(feature["stats"].get(family, {}).get(platform, {}))
        states.append(state[0])
        if state[0] in "na":
            for number in re.findall(r"#(\d+)", state):
                said = (feature["notes_by_num"] or {}).get(number)
                if said:
                    notes[number] = " ".join(said.split())
    kept = {"title": feature["title"], "tested": feature["last_test_date"], "states": "".join(states)}
    return kept | ({"notes": list(notes.values())} if notes else {})


def main(archive: Path, target: Path) -> None:
    """Write the compact file and the licence beside it."""
    with tarfile.open(archive) as opened:
        read = {
            name: opened.extractfile(f"package/{name}")
            for name in ("package.json", "data/caniemail.json", "LICENSE")
        }
        package, data, licence = (member.read().decode() if member else "" for member in read.values())
    version = json.loads(package)["version"]
    made = compact(json.loads(data), source=f"npm caniemail {version}")
    lines = ",\n".join(
        f"{json.dumps(slug)}: {json.dumps(one, ensure_ascii=False)}" for slug, one in made["features"].items()
    )
    head = json.dumps(
        {key: value for key, value in made.items() if key != "features"}, ensure_ascii=False, indent=1
    )
    target.write_text(f'{head[:-2]},\n "features": {{\n{lines}\n}}}}\n', encoding="utf-8")
    target.with_suffix(".LICENSE").write_text(
        licence.replace("Copyright ©", "Copyright (c) 2019 HTeuMeuLeu\n\nCopyright ©", 1), encoding="utf-8"
    )
    size = f"{target.stat().st_size:,} bytes"
    print(f"{target}: {len(made['features'])} features as of {made['data_date']}, {size}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
