"""Archives are unpacked as files of whoever unpacks them, below the place, and hold nothing else."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from samjournal.server.exits import Refused
from samjournal.server.unpacking import unpack

SOMEBODY_ELSE = 4711


def _archive(folder: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    member = tarfile.TarInfo(name)
    member.uid = member.gid = SOMEBODY_ELSE
    member.type, member.size, member.linkname = kind, 3 if kind == tarfile.REGTYPE else 0, "/etc/passwd"
    with tarfile.open(folder / "some.tar.gz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(b"abc"))
    return folder / "some.tar.gz"


def test_files_belong_to_who_unpacks_them(tmp_path: Path) -> None:
    unpack(_archive(tmp_path, "base/1/2600"), tmp_path / "new")
    file = tmp_path / "new/base/1/2600"
    assert (file.read_bytes(), file.stat().st_uid, file.stat().st_gid) == (b"abc", os.geteuid(), os.getegid())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../out", tarfile.REGTYPE), ("/out", tarfile.REGTYPE), ("in", tarfile.SYMTYPE), ("in", tarfile.LNKTYPE)],
)
def test_what_leads_out_of_the_place_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    with pytest.raises(Refused):
        unpack(_archive(tmp_path, name, kind), tmp_path / "new")
    assert not (tmp_path / "new/in").is_symlink()
    assert not (tmp_path / "out").exists()
