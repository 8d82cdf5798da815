"""The program `samjournal`: reads the command line, runs one command, and ends with a code that says how it went."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal.server import exits, logs
from samjournal.server.arguments import one_place, parsed, refuse_foreign


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parsed(arguments)
    try:
        one_place(options)
        logs.configure(file=options.log, level=logging.INFO if options.command == "serve" else logging.WARNING)
        return _run(COMMANDS[options.command](options))
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

    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        # The runner takes over only what is Python's own: it cancels the command, which then ends in good order.
        signal.signal(signal.SIGINT, signal.default_int_handler)
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
    from samjournal.accounts import LIMITS, limits_from
    from samjournal.notes import speech_provider
    from samjournal.rest import origins_of
    from samjournal.server.front import address_of, networks_of
    from samjournal.server.serve import Options, serve
    from samjournal.server.tls import tls_of

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
            messages_dir=options.messages_dir,
            connections=options.connections,
            sessions=limits_from(options.sessions) if options.sessions else LIMITS,
            speech=speech_provider(options.speech),
            address=address_of(options.address),
            proxies=networks_of(options.proxies),
            contact=options.security_contact,
            tls=tls_of(options.certificate, options.private_key),
            identity=options.identity,
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
            results=timedelta(days=options.results_as_work),
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


async def _organisations(options: argparse.Namespace) -> int:
    from pathlib import Path

    from samjournal.server import installing, organisations
    from samjournal.server.welcome import tell

    if (options.action == "list") == bool(options.target):
        raise exits.Usage("Name the file to add, or the id of the organisation that leaves; a list takes none.")
    if options.dry_run and options.action != "add":
        raise exits.Usage("--dry-run is for samjournal organisations add.")
    async with _pool(options) as pool:
        installing.check_owner(await installing.known(pool), key_file=options.key_file)
        match options.action:
            case "add":
                return await organisations.add(pool, Path(options.target), dry=options.dry_run, tell=tell)
            case "leave":
                return await organisations.leave(pool, options.target, tell=tell)
            case _:
                return await organisations.listed(pool, tell=tell)


async def _exchange(options: argparse.Namespace) -> int:
    from samjournal.server import exchanging, installing
    from samjournal.server.welcome import tell

    if options.action == "receive" and (missing := [path for path in options.paths if not path.exists()]):
        raise exits.Usage(f"There is no file or folder {missing[0]}.")
    async with _pool(options) as pool:
        await installing.known(pool)
        match options.action:
            case "receive":
                return await exchanging.receive(
                    pool, options.paths, options.out, tell=tell, part=options.part, file=options.connections
                )
            case "send":
                return await exchanging.send(pool, options.out, tell=tell)
            case "activate":
                return await exchanging.activate(pool, options.ids, tell=tell)
            case "addresses":
                return await exchanging.addresses(pool, options.connections, options.hers, tell=tell)
            case _:
                return await exchanging.make_rounds(pool, tell=tell)


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
    from samjournal.record import refuse_unsearched
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
            permit = for_system(options.system, scope=options.scope, request="token")
            if permit.scopes is not None:
                refuse_unsearched(permit.scopes)
            token = await tokens.for_system(pool, options.system, options.scope)
    sys.stdout.write(token + "\n")
    return exits.OK


async def _apps(options: argparse.Namespace) -> int:
    from samjournal.server import apps, installing
    from samjournal.server.welcome import tell

    if (options.action == "list") == (options.target is not None):
        raise exits.Usage("Name the file of the app to add, or the client id to remove; a list takes neither.")
    async with _pool(options) as pool:
        known = await installing.known(pool)
        if options.action != "list":
            installing.check_owner(known, key_file=options.key_file)
        return await apps.run(pool, options.action, options.target, tell=tell)


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

    refuse_foreign(options)
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
            handing_over.refuse_early(options.before, now=datetime.now(UTC))
            return await handing_over.retire(pool, folder, options.paths, options.before, actor=operator(), tell=tell)
        return await sealing.verify(pool, folder, tell=tell)


async def _record(options: argparse.Namespace) -> int:
    from samjournal.server import expunging, installing, sealing
    from samjournal.server.welcome import tell

    folder = sealing.folder_of(options.data_dir, options.audit_dir)
    if options.step == "carry-out" and not options.target:
        raise exits.Usage("Name the proposal: samjournal record expunge carry-out ID.")
    async with _pool(options, erases=True) as pool:
        installing.check_owner(await installing.known(pool), key_file=options.key_file)
        if options.step == "list":
            return await expunging.listed(pool, tell=tell)
        return await expunging.carry_out(pool, options.target, folder, tell=tell)


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


COMMANDS: Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int]]] = {
    "serve": _serve,
    "demo": _demo,
    "load": _load,
    "exchange": _exchange,
    "organisations": _organisations,
    "standards": _standards,
    "search-parameters": _search_parameters,
    "token": _token,
    "apps": _apps,
    "access": _access,
    "audit": _audit,
    "record": _record,
    "database": _database,
    "sandbox": _sandbox,
    "doctor": _doctor,
    "backup": _backup,
    "restore": _restore,
}
"""What each command does, with the options that `arguments.parsed` read."""
