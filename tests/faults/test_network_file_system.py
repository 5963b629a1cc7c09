"""An SQLite file on a network file system: told before anything begins, by the kernel's table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.store import file_system
from tests.installation import Clock, installation

TABLE = """\
/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/local ext4 rw 0 0
//box/mail /srv/our\\040mail cifs rw 0 0
/dev/vdc /srv/twice ext4 rw 0 0
sshfs /srv/twice fuse.sshfs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/digest.db", "ext4"),
        ("/home/ann/digest.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homes/ann/digest.db", "ext4"),
        ("/home/local/digest.db", "ext4"),
        ("/srv/our mail/digest.db", "cifs"),
        ("/srv/twice/digest.db", "fuse.sshfs"),
    ],
)
def test_row_73_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    assert file_system.kind_of(Path(path), TABLE) == kind


@pytest.fixture
def on_nfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the kernel's table calls a network's; a real one wants a server and mounting."""
    table = tmp_path / "mounts"
    table.write_text(f"server:/x {tmp_path / 'there'} nfs4 rw 0 0\n")
    monkeypatch.setattr(file_system, "MOUNTS", table)
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def test_row_73_a_database_on_a_network_file_system_is_refused_before_it_is_made(on_nfs: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"lies on nfs4.*Use a local disk or PostgreSQL"):
        installation(on_nfs, clock=Clock())
    assert not list(on_nfs.glob("*.db-*"))


def test_row_73_its_operator_may_insist(on_nfs: Path) -> None:
    database = {"url": f"sqlite:///{on_nfs}/digest.db", "allow_network": True}
    with installation(on_nfs, clock=Clock(), database=database) as app:
        assert not app.run().failed


def test_row_73_where_nothing_is_known_of_mounts_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_system, "MOUNTS", tmp_path / "none")
    assert file_system.network_below(tmp_path / "digest.db") == ""
