"""What no line of the program does, and where it does what is worth watching: lists of docs/explanation/security.md."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import dataclass
from functools import cache

import pytest

from architecture.test_documentation import ROOT, SOURCE, dependencies, sections

PAGE = "docs/explanation/security.md"


@dataclass(frozen=True)
class Module:
    """What a file imports, with its whole name, and what it calls, by the name that stands there."""

    imports: frozenset[str]
    calls: tuple[tuple[str, ast.Call], ...]
    constants: frozenset[str]


@cache
def text_of(file: str) -> str:
    return (SOURCE / file).read_text(encoding="utf-8")


@cache
def modules() -> dict[str, Module]:
    """Every file, read once."""
    return {
        str(path.relative_to(SOURCE)): _read(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))
    }


def _read(text: str) -> Module:
    imports, calls, constants = set(), [], set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            calls.append((_name(node.func), node))
        elif isinstance(node, ast.Import):
            imports.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports.add(node.module)
            constants.update(one.name for one in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            constants.update(one.id for one in targets if isinstance(one, ast.Name) and one.id.isupper())
    return Module(frozenset(imports), tuple(calls), frozenset(constants))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_name(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def importing(*names: str) -> set[str]:
    """The modules that import one of some packages, or something of it."""
    return {
        file
        for file, module in modules().items()
        if any(one == name or one.startswith(f"{name}.") for one in module.imports for name in names)
    }


def calling(*names: str) -> set[str]:
    return {file for file, module in modules().items() if any(name.endswith(names) for name, _ in module.calls)}


def listed(heading: str) -> set[str]:
    """The modules in the table of a section of the page."""
    return set(re.findall(r"^\| `([\w/]+\.py)`", sections(PAGE)[heading], re.MULTILINE))


def test_no_code_is_made_of_words() -> None:
    assert importing("pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "code", "codeop") == set()
    made = [
        (file, name)
        for file, module in modules().items()
        for name, _ in module.calls
        if name in ("eval", "exec", "compile", "__import__", "ast.literal_eval")
    ]
    assert made == []


def test_programs_are_started_without_a_shell_and_are_listed() -> None:
    starting = importing("subprocess") | calling("create_subprocess_exec")
    assert starting == listed("Programs that are started")
    assert calling("os.system", "os.popen", "create_subprocess_shell", "os.execl", "pty.spawn") == set()
    with_shell = [
        (file, name)
        for file, module in modules().items()
        for name, call in module.calls
        if any(word.arg == "shell" for word in call.keywords)
    ]
    assert with_shell == []


def test_modules_that_connect_are_listed() -> None:
    library = importing("http.client", "urllib.request", "smtplib", "ftplib", "asyncssh", "httpx", "requests", "socket")
    assert library | calling("asyncio.open_connection") <= listed("Connections to others")


def test_modules_that_keep_secrets_are_listed() -> None:
    keeping = importing("secrets", "hmac", "cryptography", "ssl", "asn1crypto", "joserfc")
    assert keeping <= listed("Cryptography")


def test_what_must_not_be_guessed_comes_from_the_system() -> None:
    assert {file for file in importing("random") if not file.startswith("demo/")} == set()
    few = [
        (file, ast.unparse(call))
        for file, module in modules().items()
        for name, call in module.calls
        if name.startswith("secrets.token") and (not call.args or ast.literal_eval(call.args[0]) < 16)
    ]
    # The name of a key, which everybody may know.
    assert few in ([], [("smart/identity.py", "secrets.token_hex(4)")])


def test_no_weak_hash_and_no_weak_cipher() -> None:
    weak = re.compile(
        r"hashlib\.(md5|sha1)\b|hashes\.MD5|TripleDES|\bARC4\b|Blowfish|modes\.ECB|getrandbits|hashes\.SHA1"
    )
    found = {(file, found[0]) for file in modules() for found in weak.finditer(text_of(file))}
    # Of XML signatures for whom the operator says so, and as the default of OAEP, where it breaks nothing.
    assert found == {("exchange/signatures.py", "hashes.SHA1"), ("exchange/cms.py", "hashes.SHA1")}


def test_xml_is_read_without_entities_and_without_net() -> None:
    """lxml's own defaults are not relied on; definitions of messages, which we ship or the operator adds, may include
    one another by files."""
    assert importing("xml.sax.handler", "xml.sax.expatreader", "xml.dom", "xml.etree", "xmlrpc") == set()
    for file, module in modules().items():
        for name, call in module.calls:
            if not name.endswith("etree.XMLParser") or file == "exchange/schemas.py":
                continue
            told = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert told.get("resolve_entities") == "False", file
            assert told.get("no_network") == "True", file
            assert told.get("load_dtd", "False") == "False", file


def test_nothing_speaks_ldap_memcache_graphql_latex_or_webrtc() -> None:
    """What is not there needs no guarding; the day one of these comes, so do its rows in the table."""
    spoken = re.compile(r"ldap|memcache|graphql|strawberry|latex|aiortc|webrtc|websocket|wsproto|soap|zeep|saml|redis")
    assert {name for name in dependencies() if spoken.search(name.lower())} == set()
    assert importing("ldap3", "ldap", "pymemcache", "graphql", "websockets", "wsproto", "aiortc") == set()


def test_no_part_evaluates_xpath_of_others() -> None:
    """Paths over XML are words of ours: what stands in the call is a constant, or made of constants of the module."""
    odd = [
        (file, ast.unparse(call))
        for file, module in modules().items()
        for name, call in module.calls
        if name.endswith(".xpath") and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert odd == []


def test_templates_are_files_of_ours() -> None:
    made = calling("render_str", "from_string", "eval_expr", "add_template")
    assert made == set()
    for file, module in modules().items():
        for name, call in module.calls:
            if name.endswith("render_template"):
                assert file == "ui/pages.py", ast.unparse(call)


def test_markup_is_marked_safe_in_few_places() -> None:
    marked = {file for file, module in modules().items() if "minijinja" in module.imports}
    assert marked == {"ui/pages.py"}
    filters = re.compile(r"\|\s*safe\b|autoescape")
    templates = sorted(SOURCE.glob("*/templates/**/*.html"))
    assert templates
    # A QR code is a picture that a library makes of an address of ours.
    assert {one.name for one in templates if filters.search(one.read_text(encoding="utf-8"))} <= {"phone.html"}


def test_no_password_is_kept_or_asked_for() -> None:
    """People prove who they are elsewhere, systems by keys: none is chosen, forgotten, guessed, reset or hinted at. The
    code of a shared PC proves nothing anywhere else, and ends with the shift."""
    asks = re.compile(r"type=\"password\"|current-password|new-password|one-time-code", re.IGNORECASE)
    templates = sorted(SOURCE.glob("*/templates/**/*.html"))
    assert [one.name for one in templates if asks.search(one.read_text(encoding="utf-8"))] == [
        "lock.html",
        "pin.html",
    ]
    schema = "".join(one.read_text(encoding="utf-8") for one in SOURCE.glob("db/migrations/*.sql"))
    columns = re.findall(r"^\s+(\w*(?:passw|secret_question|hint|otp|totp|pin_code)\w*)\s", schema, re.M | re.I)
    assert columns == []
    assert importing("bcrypt", "passlib", "crypt", "pyotp") == set()
    assert importing("argon2") == {"accounts/shared.py"}
    assert calling("hashlib.scrypt", "hashlib.pbkdf2_hmac") == set()


def test_words_go_to_the_log_by_one_formatter() -> None:
    """No other file, socket or library is written to behind the list of logs."""
    handlers = re.compile(r"\.(?:\w*Handler|basicConfig|dictConfig|fileConfig)\(|import syslog|sentry")
    found = {file for file in modules() if handlers.search(text_of(file))}
    assert found - {"server/serve.py"} == {"server/logs.py"}


def test_certificates_and_host_keys_are_always_checked() -> None:
    loose = re.compile(
        r"CERT_NONE|CERT_OPTIONAL|check_hostname\s*=\s*False|_create_unverified|verify\s*=\s*False|known_hosts\s*=\s*None"
        r"|disable_warnings|verify_mode\s*="
    )
    assert [file for file in modules() if loose.search(text_of(file))] == []
    for file, module in modules().items():
        for name, call in module.calls:
            if name == "asyncssh.connect":
                assert "known_hosts" in {word.arg for word in call.keywords}, file


def test_no_redirect_of_others_is_followed() -> None:
    """http.client follows none; what would follow is not used."""
    assert importing("urllib.request", "requests", "aiohttp") == set()
    following = re.compile(r"follow_redirects\s*=\s*True|allow_redirects|HTTPRedirectHandler")
    assert [file for file in modules() if following.search(text_of(file))] == []


def test_patterns_are_ours_and_words_in_them_are_escaped() -> None:
    """Patterns that are not constants of the module stand in a list. FHIRPath's own `matches` takes a pattern of who
    adds a search parameter, which takes a right of its own."""
    known = {"demo/writing.py", "exchange/signatures.py", "fhir/fhirpath/texts.py", "notes/blocks.py"}
    known |= {"server/fresh.py"}
    known |= {"store/search/display.py", "terminology/lists.py"}
    found = set()
    for file, module in modules().items():
        for name, call in module.calls:
            if not re.fullmatch(r"re\.(compile|match|search|fullmatch|sub|split|findall|finditer)", name):
                continue
            words = {one.id for one in ast.walk(call.args[0]) if isinstance(one, ast.Name)}
            if words - module.constants - {"re"}:
                found.add(file)
    assert found <= known, found - known


def test_words_of_formats_are_ours() -> None:
    """No `.format` on a text that somebody sent: only on constants, words of a catalogue, or our own names."""
    odd = [
        (file, ast.unparse(call))
        for file, module in modules().items()
        for name, call in module.calls
        if name.endswith((".format", ".format_map")) and "request" in ast.unparse(call.func)
    ]
    assert odd == []


def test_no_secret_stands_in_the_repository() -> None:
    secret = (
        r"BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----$|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[bp]-[0-9]"
    )
    if not (ROOT / ".git").exists():
        pytest.skip("what is no checkout has no list of its files")
    found = subprocess.run(
        ["git", "grep", "-lE", secret, "--", "src", "deploy", "docs", "assets", "requirements", "bench", "Makefile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stdout


def test_memory_is_that_of_python() -> None:
    """No pointers of ours: no ctypes, no code in C in this repository."""
    using = importing("ctypes", "cffi")
    assert using <= {"server/memory.py"}, using  # malloc_trim, which takes one number and gives one
    assert sorted(ROOT.glob("src/**/*.[ch]")) == []
