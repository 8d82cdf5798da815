"""Archives of files, unpacked as those of whoever unpacks them and nowhere but where they belong."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from samjournal.server.exits import Refused


def unpack(source: Path, place: Path) -> None:
    """Unpack the files and folders of a tar archive below `place`. Raises Refused for anything else that it holds."""
    with tarfile.open(source) as archive:
        # The first Pythons that we run on have no filter: what it guards against is looked at here as well.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(place, members=_ours(archive, source))  # noqa: S202


def _ours(archive: tarfile.TarFile, source: Path) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        path = PurePosixPath(member.name)
        if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
            raise Refused(f"{source} holds {member.name[:120]}, which is no file below where it is unpacked.")
        # Unpacked by root, files would go to those who have the numbers of whoever made the archive.
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        yield member
