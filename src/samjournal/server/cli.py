"""The program `samjournal`: reads the command line, runs one command, and ends with a code that says how it went."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from samjournal.server import exits, logs
from samjournal.server.settings import program_version

_EPILOG = """exit codes: 0 done; 1 a fault of ours, see the log; 2 the command line is wrong; 3 not ready, or another
program has the folder or the port: try again; 4 refused; 5 done, and there are findings"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parsed(arguments)
    try:
        _one_place(options)
        logs.configure(file=options.log, level=logging.INFO if options.command == "serve" else logging.WARNING)
        return _run(options.run(options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left (`| head`): nobody is there to be told.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return exits.OK
    except Exception as error:
        return _explain(error)


def _run(command: Coroutine[Any, Any, int]) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(command)


def _explain(error: Exception) -> int:
    """Tell a person what stopped the command, and return its exit code."""
    from samjournal.db.migrate import SchemaRefused
    from samjournal.db.pool import TooOld, Unavailable
    from samjournal.db.postgres import CannotStart
    from samjournal.db.rights import RightsRefused
    from samjournal.fhir.errors import FhirError

    codes: tuple[tuple[type[Exception], Callable[[Any], int]], ...] = (
        (exits.Stop, lambda stop: int(stop.code)),
        (CannotStart, lambda _: exits.NOT_READY),
        (Unavailable, lambda _: exits.NOT_READY),
        (TooOld, lambda _: exits.REFUSED),
        (SchemaRefused, lambda _: exits.REFUSED),
        (RightsRefused, lambda _: exits.REFUSED),
        (FhirError, lambda _: exits.REFUSED),
    )
    for kind, code in codes:
        if isinstance(error, kind):
            sys.stderr.write(f"samjournal: {error}\n")
            return code(error)
    logging.getLogger("samjournal").error("the program failed", exc_info=error)
    sys.stderr.write(
        f"samjournal: this is our mistake ({type(error).__name__}); the log says where. Please report it.\n"
    )
    return exits.FAULT


# The commands


async def _serve(options: argparse.Namespace) -> int:
    from samjournal.rest import origins_of
    from samjournal.server.serve import Options, serve

    return await serve(
        Options(
            data_dir=options.data_dir,
            database=options.database,
            host=options.host,
            port=options.port,
            demo=options.demo,
            sure=options.i_know_this_is_a_demo,
            log=options.log,
            origins=origins_of(options.origins),
            audit_dir=options.audit_dir,
        )
    )


async def _demo(options: argparse.Namespace) -> int:
    from samjournal.server import installing
    from samjournal.server.demo import make_demo
    from samjournal.server.welcome import tell

    async with _pool(options) as pool:
        await installing.settled(pool, demo=True, data_dir=options.data_dir)
        made = await make_demo(
            pool,
            inhabitants=options.inhabitants,
            tell=tell,
            depth=options.depth,
            seed=options.seed,
            data_dir=options.data_dir,
        )
        if not made:
            tell(f"A region of {options.inhabitants:,} is there already.")
    return exits.OK


async def _load(options: argparse.Namespace) -> int:
    from samjournal.server import aside

    if missing := [path for path in options.paths if not path.exists()]:
        raise exits.Usage(f"There is no file or folder {missing[0]}.")
    several = (os.cpu_count() or 1) > 1
    if several and not options.dry_run and aside.is_much(options.paths):
        aside.begin("samjournal.server.load.beside")
    from samjournal.server import installing
    from samjournal.server.load import AT_ONCE, load
    from samjournal.server.welcome import tell

    async with _pool(options) as pool:
        await installing.known(pool)
        return await load(
            pool,
            options.paths,
            tell=tell,
            terminal=sys.stdout if sys.stdout.isatty() else None,
            dry_run=options.dry_run,
            report=options.report,
            beside=AT_ONCE if several else 0,
        )


async def _standards(options: argparse.Namespace) -> int:
    from samjournal.server import installing, standards
    from samjournal.server.welcome import tell

    if options.action == "add" and not options.paths:
        raise exits.Usage("Name the files or folders to add: samjournal standards add PATH.")
    if missing := [path for path in options.paths if not path.exists()]:
        raise exits.Usage(f"There is no file or folder {missing[0]}.")
    async with _pool(options) as pool:
        await installing.known(pool)
        if options.action == "list":
            return await standards.listed(pool, tell=tell)
        wish = standards.Wish(options.paths, options.system, options.edition, options.part, options.dry_run)
        return await standards.add(pool, wish, tell=tell)


async def _search_parameters(options: argparse.Namespace) -> int:
    from samjournal.server import installing, parameters
    from samjournal.server.welcome import tell

    if (options.action == "list") == bool(options.ids):
        raise exits.Usage("Name the SearchParameters to activate or deactivate by their ids; a list takes none.")
    async with _pool(options) as pool:
        await installing.known(pool)
        return await parameters.run(pool, options.action, options.ids, tell=tell)


async def _token(options: argparse.Namespace) -> int:
    from samjournal.access import for_system
    from samjournal.accounts import tokens
    from samjournal.server import installing

    if options.user and options.scope:
        raise exits.Usage("--scope is for --system; a person's token can do what the role can.")
    if options.system and (options.role or options.acts_for):
        raise exits.Usage("--role and --acts-for are for --user; a system has scopes.")
    async with _pool(options) as pool:
        installing.check_owner(await installing.known(pool), key_file=options.key_file)
        if options.user:
            token = await tokens.for_user(pool, options.user, options.role, acts_for=options.acts_for)
        else:
            for_system(options.system, scope=options.scope, request="token")  # refuses a scope that cannot be read
            token = await tokens.for_system(pool, options.system, options.scope)
    sys.stdout.write(token + "\n")
    return exits.OK


async def _access(options: argparse.Namespace) -> int:
    from samjournal.server import access, installing
    from samjournal.server.welcome import tell

    if options.action == "rules":
        if options.user or options.patient or options.role:
            raise exits.Usage("The rules are the same for all: samjournal access rules takes none of these.")
        if options.at is None:
            access.rules(tell)
            return exits.OK
        async with _pool(options) as pool:
            await installing.known(pool)
            return await access.rules_at(pool, options.at, tell=tell)
    if options.action == "roles":
        if not options.user or options.patient or options.role:
            raise exits.Usage("Say whose: samjournal access roles --user LOGIN, and --at DAY for one day.")
    elif not options.user or not options.patient or options.at:
        raise exits.Usage("Say who and whom: samjournal access explain --user LOGIN --patient ID.")
    async with _pool(options) as pool:
        installing.check_owner(await installing.known(pool), key_file=options.key_file)
        if options.action == "roles":
            return await access.roles(pool, options.user, options.at, tell=tell)
        return await access.explain(pool, options.user, options.role, options.patient, tell=tell)


async def _audit(options: argparse.Namespace) -> int:
    from samjournal.server import auditing, handing_over, installing, sealing
    from samjournal.server.access import operator
    from samjournal.server.welcome import tell

    _refuse_foreign(options)
    folder = sealing.folder_of(options.data_dir, options.audit_dir)
    if folder is None and options.action != "statistics":
        raise exits.Usage("Say where the public key and the heads are: --audit-dir DIR.")
    async with _pool(options, owns=options.action == "retire") as pool:
        known = await installing.known(pool)
        if options.action == "statistics":
            return await auditing.statistics(pool, options.begin, options.end, csv=options.csv, tell=tell)
        assert folder is not None
        if options.action in ("export", "retire"):
            installing.check_owner(known, key_file=options.key_file)
        if options.action == "export":
            return await handing_over.export(pool, folder, options.paths[0], options.begin, options.end, tell=tell)
        if options.action == "retire":
            return await handing_over.retire(pool, folder, options.paths, options.before, actor=operator(), tell=tell)
        return await sealing.verify(pool, folder, tell=tell)


async def _record(options: argparse.Namespace) -> int:
    from samjournal.server import expunging, installing, sealing
    from samjournal.server.welcome import tell

    folder = sealing.folder_of(options.data_dir, options.audit_dir)
    if options.step != "list" and not (options.target and options.by):
        raise exits.Usage(
            "Say what and who: samjournal record expunge propose Type/id --decision REFERENCE --by LOGIN,"
            " then samjournal record expunge confirm ID --by OTHER."
        )
    if (options.step == "propose") != bool(options.decision):
        raise exits.Usage("--decision, where the decision is filed, goes with propose.")
    async with _pool(options, erases=True) as pool:
        installing.check_owner(await installing.known(pool), key_file=options.key_file)
        if options.step == "list":
            return await expunging.listed(pool, tell=tell)
        wish = expunging.Wish(
            options.target, options.by, options.role, options.decision or "", options.version, options.everything
        )
        if options.step == "propose":
            return await expunging.propose(pool, wish, tell=tell)
        return await expunging.confirm(pool, wish, folder, tell=tell)


def _refuse_foreign(options: argparse.Namespace) -> None:
    """What one action of `audit` takes, the others refuse."""
    if options.csv and options.action != "statistics":
        raise exits.Usage("--csv is for samjournal audit statistics.")
    if (options.begin or options.end) and options.action not in ("statistics", "export"):
        raise exits.Usage("--from and --to are for samjournal audit statistics and export.")
    if options.action == "export" and len(options.paths) != 1:
        raise exits.Usage("Name the folder to make: samjournal audit export --to DAY PATH.")
    if options.action == "retire" and (options.before is None or not options.paths):
        raise exits.Usage("Name the month and the exports: samjournal audit retire --before 2026-11 PATH.")
    if options.action in ("verify", "statistics") and (options.paths or options.before):
        raise exits.Usage(f"samjournal audit {options.action} takes no folder and no --before.")


async def _sandbox(options: argparse.Namespace) -> int:
    from samjournal.server import installing, sandbox

    async with _pool(options) as pool:
        if not (await installing.known(pool)).demo:
            raise exits.Refused("Sandbox clients are there in a demo only. Here, use `samjournal token --system NAME`.")
        told = await sandbox.issue(pool, sandbox.client(options.client)) if options.client else sandbox.told()
    sys.stdout.write(told + "\n")
    return exits.OK


async def _doctor(options: argparse.Namespace) -> int:
    from samjournal.server.doctor import examine

    async with _pool(options, migrate=False) as pool:
        findings = await examine(pool, data_dir=options.data_dir, rebuild=options.rebuild, quick=options.quick)
    return exits.FINDINGS if findings else exits.OK


async def _backup(options: argparse.Namespace) -> int:
    from samjournal.server.backup import backup

    async with _dsn(options) as dsn:
        await backup(dsn, options.to)
    return exits.OK


async def _restore(options: argparse.Namespace) -> int:
    from samjournal.server.backup import restore

    if options.data_dir is None:
        raise exits.Refused(
            "A backup is restored into a data folder. A PostgreSQL server of your own is restored with its own tools;"
            " the backup's base.tar.gz and pg_wal.tar.gz are what pg_basebackup made."
        )
    await restore(options.source, options.data_dir, audit_dir=options.audit_dir)
    return exits.OK


async def _database(options: argparse.Namespace) -> int:
    from samjournal.server import roles
    from samjournal.server.welcome import tell

    if options.action == "roles":
        roles.show(tell)
        return exits.OK
    async with _dsn(options) as dsn:
        return await roles.prepare(dsn, tell=tell)


# Where the record is


@asynccontextmanager
async def _dsn(options: argparse.Namespace) -> AsyncIterator[str]:
    if options.database:
        yield options.database
        return
    from samjournal.db.postgres import reach

    if not (options.data_dir / "made").exists() and options.command != "demo":
        raise exits.NotReady(
            f"There is no record in {options.data_dir}. Make one with `samjournal serve`, or name another folder."
        )
    async with reach(options.data_dir, purpose=options.command) as dsn:
        yield dsn


@asynccontextmanager
async def _pool(
    options: argparse.Namespace, *, migrate: bool = True, erases: bool = False, owns: bool = False
) -> AsyncIterator[Any]:
    from samjournal.db.pool import connect
    from samjournal.server import roles

    async with _dsn(options) as dsn:
        if migrate:
            dsn = await roles.ready(dsn, is_own=options.data_dir is not None, erases=erases, owns=owns)
        pool = await connect(dsn, size=6, statement_timeout=3600 if erases else 60)
        try:
            yield pool
        finally:
            await pool.close()


def _one_place(options: argparse.Namespace) -> None:
    """Exactly one of the two; what is on the command line goes before what is in the environment."""
    without_record = {("access", "rules"), ("database", "roles")}
    if (options.command, getattr(options, "action", None)) in without_record and getattr(options, "at", None) is None:
        return
    if options.data_dir is None and options.database is None:
        options.data_dir, options.database = (
            _path("SAMJOURNAL_DATA_DIR"),
            os.environ.get("SAMJOURNAL_DATABASE"),
        )
    if (options.data_dir is None) == (options.database is None):
        raise exits.Usage(
            "Say where the record is: --data-dir DIR (embedded PostgreSQL) or --database DSN (a server), one of them."
        )


# The command line


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse leaves paths out that come behind both a word and an option."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    plain = not any(word.startswith("-") for word in rest)
    if rest and options.command in ("standards", "audit") and plain:
        options.paths += map(Path, rest)
    elif len(rest) == 1 and options.command == "record" and plain and options.target is None:
        options.target = rest[0]
    elif rest and options.command == "search-parameters" and plain:
        options.ids += rest
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="samjournal", description="One health record for a whole region.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"samjournal {program_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", _serve, "run the server")
    serve.add_argument("--host", default="127.0.0.1", help="address to answer on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8000, help="port to answer on (default: %(default)s)")
    serve.add_argument(
        "--demo", type=_count, metavar="N", help="be a demo; in an empty record, make N inhabitants first"
    )
    serve.add_argument("--i-know-this-is-a-demo", action="count", default=0, help="twice: a demo on any address")

    serve.add_argument(
        "--origins",
        default=os.environ.get("SAMJOURNAL_ORIGINS", ""),
        metavar="LIST",
        help="origins whose pages may ask the API from a browser, such as https://app.example (default: none)",
    )

    _audit_dir(serve)

    demo = _command(commands, "demo", _demo, "make a demo region of synthetic people in an empty record")
    demo.add_argument("--inhabitants", type=_count, default=500, metavar="N", help="how many (default: %(default)s)")
    demo.add_argument(
        "--depth",
        choices=("register", "years"),
        default="years",
        help="people, households and GP lists only, or years of history with them (default: %(default)s)",
    )
    demo.add_argument("--seed", type=_count, metavar="S", help="other people from another number (default: 2026)")

    load = _command(
        commands, "load", _load, "load FHIR resources and Bundles (JSON, NDJSON, XML, gz) from files or folders"
    )
    load.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    load.add_argument("--dry-run", action="store_true", help="read, resolve and check everything, and write nothing")
    load.add_argument(
        "--report", type=Path, metavar="FILE", help="write a report to sign to FILE.md, and one for programs beside it"
    )

    standards = _command(commands, "standards", _standards, "add code systems and other standards, or list them")
    standards.add_argument("action", choices=("add", "list"))
    standards.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders to add")
    standards.add_argument("--system", metavar="NAME", help="the code system of lists that do not say it themselves")
    standards.add_argument("--edition", metavar="VERSION", help="the version of lists (default: their own, or today)")
    standards.add_argument("--part", action="store_true", help="they are no whole editions: withdraw nothing")
    standards.add_argument("--dry-run", action="store_true", help="read and judge everything, store nothing")

    searched = _command(
        commands, "search-parameters", _search_parameters, "search by SearchParameters that are stored, or no more"
    )
    searched.add_argument("action", choices=("activate", "deactivate", "list"))
    searched.add_argument("ids", nargs="*", metavar="ID", help="ids of SearchParameters")

    token = _command(commands, "token", _token, "print a bearer token, valid for four hours")
    whom = token.add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", metavar="LOGIN", help="for a person, in one role")
    whom.add_argument("--system", metavar="NAME", help="for a system")
    token.add_argument("--role", help="which role, if the person has several")
    token.add_argument("--acts-for", metavar="ID", help="the patient whom a citizen acts for")
    token.add_argument("--scope", metavar="SCOPES", help="what the system may do (default: read and write every type)")
    _key_file(token)

    access = _command(commands, "access", _access, "print what opens a record, who held which role, or why one is open")
    access.add_argument("action", choices=("rules", "roles", "explain"))
    access.add_argument("--at", type=_day, metavar="DAY", help="the rules or roles of a past day")
    access.add_argument("--user", metavar="LOGIN", help="to whom")
    access.add_argument("--role", help="in which role, if the person has several")
    access.add_argument("--patient", metavar="ID", help="the id of the Patient")
    _key_file(access)

    audit = _command(commands, "audit", _audit, "check the log of looks, count what it holds, or hand it over")
    audit.add_argument("action", choices=("verify", "statistics", "export", "retire"))
    audit.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="the folder of an export")
    audit.add_argument("--from", dest="begin", type=_day, metavar="DAY", help="from this day (default: four weeks ago)")
    audit.add_argument("--to", dest="end", type=_day, metavar="DAY", help="until this day, included (default: today)")
    audit.add_argument(
        "--before", type=_month, metavar="MONTH", help="retire what was sealed before it, such as 2026-11"
    )
    audit.add_argument("--csv", action="store_true", help="as CSV, for a spreadsheet")
    _audit_dir(audit)
    _key_file(audit)

    erased = _command(commands, "record", _record, "erase something by decision: one proposes, another confirms")
    erased.add_argument("action", choices=("expunge",))
    erased.add_argument("step", choices=("propose", "confirm", "list"))
    erased.add_argument("target", nargs="?", metavar="WHAT", help="Type/id to propose; the id of a proposal to confirm")
    erased.add_argument("--version", type=_count, metavar="N", help="that version alone, which is not the newest")
    erased.add_argument("--everything", action="store_true", help="of a Patient: and all that lies under it")
    erased.add_argument("--decision", metavar="REFERENCE", help="where the decision is filed, such as 2026/4711-3")
    erased.add_argument("--by", metavar="LOGIN", help="who proposes, or confirms")
    erased.add_argument("--role", help="in which role, if the person has several")
    _audit_dir(erased)
    _key_file(erased)

    database = _command(
        commands, "database", _database, "make the schema and the roles of a database, or print the roles"
    )
    database.add_argument("action", choices=("roles", "prepare"))

    sandbox = _command(commands, "sandbox", _sandbox, "list the ready-made systems of a demo, or print a token of one")
    sandbox.add_argument("--client", metavar="NAME", help="print a token of this one, alone, valid for four hours")

    doctor = _command(commands, "doctor", _doctor, "look for what is wrong and say what to do")
    how = doctor.add_mutually_exclusive_group()
    how.add_argument("--rebuild", action="store_true", help="make projections and search anew where they differ")
    how.add_argument("--quick", action="store_true", help="leave out what reads the whole record")

    backup = _command(commands, "backup", _backup, "write a consistent backup while the server runs")
    backup.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a folder that does not exist yet")

    restore = _command(commands, "restore", _restore, "restore a backup into an empty data folder")
    restore.add_argument("--from", dest="source", type=Path, required=True, metavar="FOLDER")
    _audit_dir(restore)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text.capitalize()}.", epilog=_EPILOG
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the embedded PostgreSQL")
    parser.add_argument("--database", metavar="DSN", help="a PostgreSQL server (18 or newer) instead")
    parser.add_argument("--log", type=Path, metavar="FILE", help="log to a file (default: standard error)")
    parser.set_defaults(run=run)
    return parser


def _audit_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--audit-dir",
        type=Path,
        metavar="DIR",
        default=_path("SAMJOURNAL_AUDIT_DIR"),
        help="the key that seals the log, and the heads of its seals (default: audit in the data folder)",
    )


def _key_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        default=_path("SAMJOURNAL_KEY_FILE"),
        help="the owner's key, where this is not a demo",
    )


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: choose one between 1024 and 65535")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day: write 2026-11-28") from None


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a month: write 2026-11") from None


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number of people cannot be negative")
    return number


if __name__ == "__main__":
    sys.exit(main())
