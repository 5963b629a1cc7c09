from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import NotAllowed
from tests.installation import Clock, installation


def test_without_an_address_that_no_mail_may_lack_nothing_goes_live(tmp_path: Path) -> None:
    nowhere = {"postal_address": ""}
    with installation(tmp_path, clock=Clock(), live=False, publication=nowhere) as app:
        with pytest.raises(NotAllowed, match=r"publication\.postal_address is empty"):
            app.go_live()
        assert not app.status().live
