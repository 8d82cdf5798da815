"""The documentation says what the code does: each list in it is compared with the code that it is a list of."""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from starlette.routing import Route

from samjournal.access import LEVELS, QUESTIONS, REPRESENTATION, ROLES, RULES
from samjournal.demo.personas import PERSONAS
from samjournal.fhir.release import RULES as RELEASES
from samjournal.fhir.reserved import PARTS
from samjournal.record import LOG_SEARCHED
from samjournal.record.audit_event import KINDS
from samjournal.rest.request import MAX_BODY
from samjournal.rest.routes import ROUTES
from samjournal.server import app, arguments, exits, sandbox
from samjournal.store.search.query import SEARCHED

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "samjournal"
PACKAGES = sorted(path.parent for path in SOURCE.glob("*/__init__.py"))
REGISTRIES = ("pypi.org", "pythonhosted.org", "npmjs.org", "npmjs.com", "yarnpkg.com", "index-url", '"resolved"')
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str) -> dict[str, list[str]]:
    """The rows of all tables of a page by what stands in their first cell, without backticks."""
    found = {}
    for line in text(name).splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            found[cells[0].replace("`", "")] = cells[1:]
    return found


def pages() -> list[Path]:
    """Every page of documentation: what git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.split() if listed.returncode == 0 else ()
    found = [ROOT / name for name in names] or [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted(page for page in found if page.exists())


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_package_says_what_it_is(package: Path) -> None:
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", sorted(SOURCE.glob("**/*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_package_has_a_row_in_architecture_and_names_files_that_exist(package: Path) -> None:
    row = rows("ARCHITECTURE.md")[package.name]
    missing = [name for name in re.findall(r"`([^`]+)`", row[-1]) if not (package / name).exists()]
    assert not missing


def test_files_named_in_the_walks_exist() -> None:
    walks = text("ARCHITECTURE.md").partition("## Five walks")[2].partition("## What the database holds")[0]
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|js|html))`", walks)
    assert len(named) > 15
    assert [name for name in named if not (SOURCE / name).exists()] == []


def test_the_floors_are_those_that_the_import_contract_keeps() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert "\n".join(["```", *layers, "```"]) in text("ARCHITECTURE.md")


def test_every_table_of_the_schema_is_in_architecture() -> None:
    sql = "".join(path.read_text(encoding="utf-8") for path in (SOURCE / "db" / "migrations").glob("*.sql"))
    tables = set(re.findall(r"^CREATE TABLE (\S+) \((?!SELECT)", sql, re.MULTILINE))
    first = " ".join(rows("ARCHITECTURE.md"))
    assert {table for table in tables if table not in first and not table.startswith("accounts.")} == set()


def routes() -> list[Route]:
    found = [route for route in (*app._site().routes, *sandbox.routes()) if isinstance(route, Route)]
    assert len(found) > 20
    return found


def test_every_page_is_in_the_list_of_pages_with_its_methods() -> None:
    listed = rows("docs/reference/routes.md")
    methods: dict[str, set[str]] = {}
    for route in routes():
        methods.setdefault(route.path, set()).update((route.methods or set()) - {"HEAD"})
    told = {path: set(listed[path][0].split(", ")) for path in methods if path in listed}
    assert told == methods
    assert {first for first in listed if first.startswith("/")} == set(methods)


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = arguments.parser()
    (action,) = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(action.choices)


def options(parser: argparse.ArgumentParser) -> set[str]:
    named = {name for action in parser._actions for name in action.option_strings if name.startswith("--")}
    within = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return named.union(*(options(inner) for each in within for inner in each.choices.values())) - {"--help"}


def sections(name: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_option_of_a_command_is_described_and_no_other(command: str) -> None:
    page = sections("docs/reference/cli.md")
    described = set(re.findall(r"^\| `(--[a-z-]+)", page["What every command takes"] + page[command], re.MULTILINE))
    assert described == options(commands()[command])


def test_every_exit_code_is_described() -> None:
    codes = {value for name, value in vars(exits).items() if name.isupper()}
    assert {str(code) for code in codes} <= set(rows("docs/reference/cli.md"))


def test_every_interaction_and_searched_type_is_described() -> None:
    listed = rows("docs/reference/api.md")
    named = {name for first in listed for name in first.split(", ")}
    assert {route.code for route in ROUTES} <= named
    assert set(rows("docs/reference/search.md")) >= SEARCHED


def test_the_limit_of_a_body_is_the_one_told() -> None:
    assert rows("docs/reference/api.md")["body"] == [f"{MAX_BODY // 2**20} MiB"]


@pytest.mark.parametrize("code", sorted(ROLES))
def test_every_role_is_described_with_what_it_writes_unread(code: str) -> None:
    row = rows("docs/reference/access.md")[code]
    role = ROLES[code]
    assert row[0] == role.names[0]
    assert row[-1] == (", ".join(sorted(role.writes_unread)) or "none")


def test_no_role_or_relation_is_described_that_does_not_exist() -> None:
    page = sections("docs/reference/access.md")
    assert set(re.findall(r"^\| `([a-z-]+)`", page["Roles"], re.MULTILINE)) == set(ROLES)
    assert set(re.findall(r"^\| `([a-z-]+)`", page["Relations"], re.MULTILINE)) == {*RULES, "reason"}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_relation_is_described_with_its_times(kind: str) -> None:
    rule = RULES[kind]
    _, starts, ends, runs_out = rows("docs/reference/access.md")[kind]
    assert starts.startswith(rule.starts)
    assert ends == rule.ends
    assert runs_out == f"{rule.run_out.days} days"
    assert not rule.before or str(rule.before.days) in starts


def test_every_part_and_every_rule_of_release_is_described() -> None:
    page = sections("docs/reference/access.md")
    for heading, codes in (
        ("Parts with access of their own", {part.code for part in PARTS.values()}),
        ("What the patient sees", {rule.code for rule in RELEASES}),
    ):
        assert set(re.findall(r"^\| `([a-z-]+)`", page[heading], re.MULTILINE)) == codes
    labels = {code for part in PARTS.values() for _, code in part.labels}
    assert set(re.findall(r"`([A-Za-z-]+)`", "".join(cells[0] for cells in part_rows()))) == labels


def part_rows() -> list[list[str]]:
    table = rows("docs/reference/access.md")
    return [[re.sub(r"`urn:[a-z:]+`", "", cell) for cell in table[part.code]] for part in PARTS.values()]


@pytest.mark.parametrize("kind", sorted(REPRESENTATION))
def test_every_kind_of_representation_is_described(kind: str) -> None:
    rule = REPRESENTATION[kind]
    made_by, starts, ends, levels = rows("docs/reference/access.md")[kind]
    assert (made_by, starts, ends) == (rule.made_by, rule.starts, rule.ends)
    assert tuple(re.findall(r"`([a-z-]+)`", levels)) == rule.levels


@pytest.mark.parametrize("code", sorted(LEVELS))
def test_every_level_of_representation_is_described(code: str) -> None:
    level = LEVELS[code]
    name, reads, log, blocks = rows("docs/reference/access.md")[code]
    assert name == level.names[0]
    listed = ", ".join(sorted(level.reads))
    assert reads.startswith("what the citizen reads" if level.reads == ROLES["citizen"].reads else listed)
    assert (log, blocks) == ("yes" if level.reads_log else "no", "yes" if level.decides else "no")


def test_no_representation_is_described_that_does_not_exist() -> None:
    page = sections("docs/reference/access.md")["Representation"]
    assert set(re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE)) == {*REPRESENTATION, *LEVELS}


def test_every_action_of_the_log_is_described_as_it_is_told() -> None:
    page = sections("docs/reference/audit-log.md")["As AuditEvents"]
    told = {cells[0]: cells[1:] for line in page.splitlines() if len(cells := _cells(line)) == 5}
    told = {name.strip("`"): rest for name, rest in told.items() if name.startswith("`")}
    assert {name: [kind.action, kind.type, kind.interaction or "", kind.outcome] for name, kind in KINDS.items()} == {
        name: [action, type_[:6], interaction, outcome] for name, (action, type_, interaction, outcome) in told.items()
    }
    logged = set(
        re.findall(r"`([a-z-]+)`", "".join(sections("docs/reference/access.md")["What is logged"].split("| ")[1:]))
    )
    assert KINDS.keys() <= logged
    parameters = {name for first in rows("docs/reference/audit-log.md") for name in first.split(", ")}
    assert set(LOG_SEARCHED) <= parameters


def test_every_rule_that_asks_of_looks_is_described_in_three_languages() -> None:
    page = sections("docs/reference/audit-log.md")["Looks that ask for a question"]
    told = {cells[0].strip("`"): cells[1:] for line in page.splitlines() if (cells := _cells(line)) and "`" in cells[0]}
    assert told == {code: [*rule.names, rule.description] for code, rule in QUESTIONS.items()}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


def dependencies() -> set[str]:
    lines = [line.strip() for path in (ROOT / "requirements").glob("*.in") for line in path.read_text().splitlines()]
    python = {line for line in lines if line and not line.startswith(("#", "-r"))}
    return python | set(json.loads(text("assets/package.json"))["dependencies"])


def test_every_dependency_has_a_reason_and_no_reason_is_left_over() -> None:
    listed = set(re.findall(r"^\| `([^`]+)`", text("docs/reference/dependencies.md"), re.MULTILINE))
    assert listed == dependencies()


def test_every_setting_is_described() -> None:
    read = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("**/*.py"))
    variables = set(re.findall(r'"(SAMJOURNAL_[A-Z_]+)"', read))
    variables |= set(re.findall(r"^([A-Z]+) \?=", text("Makefile"), re.MULTILINE))
    assert variables
    assert variables <= set(rows("docs/reference/settings.md"))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.login)
def test_every_persona_is_in_the_readme(persona: object) -> None:
    login, name = persona.login, persona.name  # type: ignore[attr-defined]
    row = rows("README.md")[login]
    assert row[0].startswith(name)
    assert all(role.unit_name in row[1] for role in persona.roles if role.unit_name)  # type: ignore[attr-defined]


def test_the_readme_has_exactly_the_personas() -> None:
    logins = re.findall(r"^\| `([a-z]+)` \|", text("README.md"), re.MULTILINE)
    assert logins == [persona.login for persona in PERSONAS]


def anchors(page: Path) -> set[str]:
    """The places that a link may name, as the usual renderers make them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, place = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (place and place not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[?{re.escape(version)}\b", text("CHANGELOG.md"), re.MULTILINE)


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


@pytest.mark.parametrize(
    "lock",
    [
        "requirements/run.txt",
        "requirements/test.txt",
        "requirements/uv.txt",
        "assets/package-lock.json",
        "tests/provider/package-lock.json",
        "tests/smart/clients/package-lock.json",
    ],
)
def test_locks_do_not_say_which_registry_they_were_made_from(lock: str) -> None:
    content = text(lock).replace('"resolved": "node_modules/', "")  # of a package that lies in another: no address
    assert [name for name in REGISTRIES if name in content] == []


def test_every_locked_python_package_has_hashes() -> None:
    for name in ("run", "test", "uv"):
        pinned = re.findall(r"^([a-z0-9][\w.\-]*)==.*?(?=^\S|\Z)", text(f"requirements/{name}.txt"), re.M | re.S)
        blocks = re.split(r"^(?=[a-z0-9])", text(f"requirements/{name}.txt"), flags=re.MULTILINE)[1:]
        assert len(blocks) == len(pinned)
        assert all("--hash=sha256:" in block for block in blocks)
