"""The command line of `samjournal`: its commands and options, what each takes, and what goes with what.

parsed(arguments) -> Namespace        as argparse reads them, with the paths that it leaves out
one_place(options)                    where the record is, by option or environment: exactly one place
refuse_foreign(options)               what one action of `audit` takes, the others refuse
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from samjournal.server import exits
from samjournal.server.version import program_version

_EPILOG = """exit codes: 0 done; 1 a fault of ours, see the log; 2 the command line is wrong; 3 not ready, or another
program has the folder or the port: try again; 4 refused; 5 done, and there are findings"""


_NAMING = ("record", "apps", "organisations")
"""Commands whose action is followed by one name or file."""


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse leaves paths out that come behind both a word and an option."""
    made = parser()
    options, rest = made.parse_known_args(arguments)
    plain = not any(word.startswith("-") for word in rest)
    if rest and options.command in ("standards", "audit") and plain:
        options.paths += map(Path, rest)
    elif len(rest) == 1 and options.command in _NAMING and plain and options.target is None:
        options.target = rest[0]
    elif rest and options.command == "search-parameters" and plain:
        options.ids += rest
    elif rest:
        made.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(
        prog="samjournal", description="One health record for a whole region.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"samjournal {program_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", "run the server")
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

    _facing_the_world(serve)

    serve.add_argument(
        "--speech",
        default=os.environ.get("SAMJOURNAL_SPEECH", ""),
        metavar="COMMAND",
        help="a program that turns speech (WAV on its standard input) into text, for dictation (default: none)",
    )

    serve.add_argument(
        "--connections",
        type=Path,
        metavar="FILE",
        default=_path("SAMJOURNAL_CONNECTIONS"),
        help="the TOML file of the connections that messages go by (default: files in --messages-dir alone)",
    )

    serve.add_argument(
        "--messages-dir",
        type=Path,
        metavar="DIR",
        default=_path("SAMJOURNAL_MESSAGES_DIR"),
        help="where messages come and go as files (default: messages in the data folder)",
    )

    serve.add_argument(
        "--sessions",
        type=Path,
        metavar="FILE",
        default=_path("SAMJOURNAL_SESSIONS"),
        help="the TOML file of how long people stay signed in (default: as docs/reference/sessions.md says)",
    )
    serve.add_argument(
        "--identity",
        type=Path,
        metavar="FILE",
        default=_path("SAMJOURNAL_IDENTITY"),
        help="the TOML file of the providers that people sign in by (default: none; in a demo as the made-up people)",
    )

    _audit_dir(serve)

    demo = _command(commands, "demo", "make a demo region of synthetic people in an empty record")
    demo.add_argument("--inhabitants", type=_count, default=500, metavar="N", help="how many (default: %(default)s)")
    demo.add_argument(
        "--depth",
        choices=("register", "years"),
        default="years",
        help="people, households and GP lists only, or years of history with them (default: %(default)s)",
    )
    demo.add_argument("--seed", type=_count, metavar="S", help="other people from another number (default: 2026)")

    load = _command(commands, "load", "load FHIR resources and Bundles (JSON, NDJSON, XML, gz) from files or folders")
    load.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    load.add_argument("--dry-run", action="store_true", help="read, resolve and check everything, and write nothing")
    load.add_argument(
        "--report", type=Path, metavar="FILE", help="write a report to sign to FILE.md, and one for programs beside it"
    )

    load.add_argument(
        "--results-as-work",
        type=_days,
        default=7,
        metavar="DAYS",
        help="final results of so many days back that nobody has acknowledged wait for people; 0: none (default: 7)",
    )

    exchange = commands.add_parser("exchange", help="take and send messages as files, test places, make rounds")
    actions = exchange.add_subparsers(dest="action", required=True, metavar="ACTION")
    receive = _command(actions, "receive", "take messages from files, as if they had come by transport")
    receive.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders of messages")
    receive.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the receipts are written")
    receive.add_argument(
        "--part",
        type=_part,
        default=(1, 1),
        metavar="K/N",
        help="the K-th of N parts of the files, for N at once",
    )
    receive.add_argument(
        "--connections", type=Path, metavar="FILE", help="who is trusted to sign messages (TOML; default: not asked)"
    )
    send = _command(actions, "send", "make the messages that wait, and write those that go as files")
    send.add_argument("--out", type=Path, required=True, metavar="DIR", help="where they are written, in its ut")
    activate = _command(actions, "activate", "send a test message to places that are not open yet")
    activate.add_argument("ids", nargs="+", metavar="ID", help="ids of Endpoints in status test")
    addresses = _command(actions, "addresses", "ask the address register for parties, and keep what it says")
    addresses.add_argument("hers", nargs="+", metavar="HERID", help="HER-ids of services, people or organisations")
    addresses.add_argument(
        "--connections", type=Path, required=True, metavar="FILE", help="where the register is set up (TOML)"
    )
    _command(actions, "rounds", "make the round of the night now")

    organisations = _command(commands, "organisations", "add organisations by a file, list them, or let one leave")
    organisations.add_argument("action", choices=("add", "leave", "list"))
    organisations.add_argument("target", nargs="?", metavar="FILE|ID", help="the TOML file to add, the id that leaves")
    organisations.add_argument("--dry-run", action="store_true", help="check, tell what would be done, write nothing")
    _key_file(organisations)

    standards = _command(commands, "standards", "add code systems and other standards, or list them")
    standards.add_argument("action", choices=("add", "list"))
    standards.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders to add")
    standards.add_argument("--system", metavar="NAME", help="the code system of lists that do not say it themselves")
    standards.add_argument("--edition", metavar="VERSION", help="the version of lists (default: their own, or today)")
    standards.add_argument("--part", action="store_true", help="they are no whole editions: withdraw nothing")
    standards.add_argument("--dry-run", action="store_true", help="read and judge everything, store nothing")

    searched = _command(commands, "search-parameters", "search by SearchParameters that are stored, or no more")
    searched.add_argument("action", choices=("activate", "deactivate", "list"))
    searched.add_argument("ids", nargs="*", metavar="ID", help="ids of SearchParameters")

    token = _command(commands, "token", "print a bearer token, valid for four hours")
    whom = token.add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", metavar="LOGIN", help="for a person, in one role")
    whom.add_argument("--system", metavar="NAME", help="for a system")
    token.add_argument("--role", help="which role, if the person has several")
    token.add_argument("--acts-for", metavar="ID", help="the patient whom a citizen acts for")
    token.add_argument("--scope", metavar="SCOPES", help="what the system may do (default: read and write every type)")
    _key_file(token)

    apps = _command(commands, "apps", "register apps and systems that connect by SMART on FHIR, list or remove them")
    apps.add_argument("action", choices=("add", "list", "remove"))
    apps.add_argument("target", nargs="?", metavar="FILE|ID", help="the description of an app (JSON), or its client id")
    _key_file(apps)

    access = _command(commands, "access", "print what opens a record, who held which role, or why one is open")
    access.add_argument("action", choices=("rules", "roles", "explain"))
    access.add_argument("--at", type=_day, metavar="DAY", help="the rules or roles of a past day")
    access.add_argument("--user", metavar="LOGIN", help="to whom")
    access.add_argument("--role", help="in which role, if the person has several")
    access.add_argument("--patient", metavar="ID", help="the id of the Patient")
    _key_file(access)

    audit = _command(commands, "audit", "check the log of looks, count what it holds, or hand it over")
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

    erased = _command(commands, "record", "erase what one proposed and another confirmed, both signed in")
    erased.add_argument("action", choices=("expunge",))
    erased.add_argument("step", choices=("carry-out", "list"))
    erased.add_argument("target", nargs="?", metavar="ID", help="the id of what was confirmed")
    _audit_dir(erased)
    _key_file(erased)

    database = _command(commands, "database", "make the schema and the roles of a database, or print the roles")
    database.add_argument("action", choices=("roles", "prepare"))

    sandbox = _command(commands, "sandbox", "list the ready-made systems of a demo, or print a token of one")
    sandbox.add_argument("--client", metavar="NAME", help="print a token of this one, alone, valid for four hours")

    doctor = _command(commands, "doctor", "look for what is wrong and say what to do")
    how = doctor.add_mutually_exclusive_group()
    how.add_argument("--rebuild", action="store_true", help="make projections and search anew where they differ")
    how.add_argument("--quick", action="store_true", help="leave out what reads the whole record")

    backup = _command(commands, "backup", "write a consistent backup while the server runs")
    backup.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a folder that does not exist yet")

    restore = _command(commands, "restore", "restore a backup into an empty data folder")
    restore.add_argument("--from", dest="source", type=Path, required=True, metavar="FOLDER")
    _audit_dir(restore)
    return parser


def _part(text: str) -> tuple[int, int]:
    which, _, of = text.partition("/")
    if not (which.isdecimal() and of.isdecimal() and 1 <= int(which) <= int(of) <= 64):
        raise argparse.ArgumentTypeError(f"{text!r} is no part: 1/2 is the first of two.")
    return int(which), int(of)


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text.capitalize()}.", epilog=_EPILOG
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the embedded PostgreSQL")
    parser.add_argument("--database", metavar="DSN", help="a PostgreSQL server (18 or newer) instead")
    parser.add_argument("--log", type=Path, metavar="FILE", help="log to a file (default: standard error)")
    return parser


def _facing_the_world(serve: argparse.ArgumentParser) -> None:
    """What `server.front` goes by, and TLS without a proxy."""
    serve.add_argument(
        "--address",
        default=os.environ.get("SAMJOURNAL_ADDRESS", ""),
        metavar="URL",
        help="what the world calls the server, such as https://samjournal.example.no (default: where it listens)",
    )
    serve.add_argument(
        "--proxies",
        default=os.environ.get("SAMJOURNAL_PROXIES", ""),
        metavar="LIST",
        help="machines before it whose X-Forwarded-For is believed, such as 127.0.0.1,10.0.0.0/24 (default: none)",
    )
    serve.add_argument(
        "--certificate", type=Path, metavar="FILE", help="speak TLS with this certificate and what it hangs on (PEM)"
    )
    serve.add_argument("--private-key", type=Path, metavar="FILE", help="the key of that certificate (PEM)")
    serve.add_argument(
        "--security-contact",
        default=os.environ.get("SAMJOURNAL_SECURITY_CONTACT", ""),
        metavar="URI",
        help="where to tell of a weakness, for security.txt: mailto:… or https://… (default: not told)",
    )


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


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= 200:
        raise argparse.ArgumentTypeError("0 to 200 days")
    return days


def one_place(options: argparse.Namespace) -> None:
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


def refuse_foreign(options: argparse.Namespace) -> None:
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
