"""Which file system a database file lies on: SQLite's promises end where locks and fsync go over a network.

SQLite's own advice: https://sqlite.org/useovernet.html. Neighbours: ``engine`` opens the file;
``wiring`` refuses one on a network unless its operator insists.
"""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
"""What is mounted where, on Linux: elsewhere nothing is known, and nothing refused."""

_NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
)
_NETWORK_FUSE = frozenset(
    {f"fuse.{name}" for name in ("davfs2", "gcsfuse", "glusterfs", "rclone", "s3fs", "sshfs", "smbnetfs")}
)


def network_below(path: Path) -> str:
    """Return the kind of network file system that a file lies on, or will lie on; empty where it is local."""
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    kind = kind_of(path.resolve(), mounts)
    return kind if kind in _NETWORK | _NETWORK_FUSE else ""


def kind_of(path: Path, mounts: str) -> str:
    """Return the kind of file system at an absolute path by such a table; of two at one place, the later."""
    longest, found = -1, ""
    for line in mounts.splitlines():
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        mounted = Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), place))
        if place and path.is_relative_to(mounted) and len(mounted.parts) >= longest:
            longest, found = len(mounted.parts), kind
    return found


_OCTAL = re.compile(r"\\([0-7]{3})")  # how the table writes a space in a name: \040
