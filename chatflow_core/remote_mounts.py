"""Which file systems tell nobody of changes made on other machines."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")

_OCTAL = re.compile(r"\\([0-7]{3})")

_REMOTE = frozenset(
    [
        "9p",
        "afs",
        "ceph",
        "cifs",
        "drvfs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.sshfs",
        "lustre",
        "nfs",
        "nfs4",
        "ncpfs",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
        "fuse.vmhgfs-fuse",
    ]
)


def remote_file_system(directory: Path) -> str | None:
    """Say that a directory lies on a file system whose events do not tell of other machines' changes.

    Known on Linux only, from ``/proc/self/mountinfo`` (see `proc_pid_mountinfo(5)`).

    Args:
        directory: The directory.

    Returns:
        The reason in words; None for a local file system, or where it cannot be told.
    """
    real = os.path.realpath(directory)
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    longest, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        if "-" not in fields:
            continue
        # Spaces and the like are octal escapes in the mount point.
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:
            longest, kind = len(point), fields[fields.index("-") + 1]
    return f"{kind} is a network file system" if kind in _REMOTE else None
