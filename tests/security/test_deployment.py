"""What we tell operators to run it by holds what docs/explanation/security.md says."""

from __future__ import annotations

import configparser
import re
import ssl

import pytest

from architecture.test_documentation import ROOT, text
from samjournal.server.tls import SUITES

NGINX = "deploy/nginx.conf"


def said(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} (.+);", text(NGINX), re.MULTILINE)


def test_the_proxy_speaks_tls_of_today_alone() -> None:
    assert said("ssl_protocols") == ["TLSv1.2 TLSv1.3"]
    (suites,) = said("ssl_ciphers")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.set_ciphers(SUITES)
    assert set(suites.split(":")) <= {one["name"] for one in ours.get_ciphers()}


def test_the_proxy_overwrites_what_a_visitor_says_of_where_he_is() -> None:
    headers = dict(one.split(maxsplit=1) for one in said("proxy_set_header"))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["Host"] == "$host"


def test_pages_are_led_to_https_and_the_api_is_told() -> None:
    plain = text(NGINX).partition("listen 443")[0]
    assert re.search(r"location /fhir \{ return 403; \}", plain)
    assert re.search(r"return 308 https://samjournal", plain)


def test_the_proxy_shows_no_folder_no_numbers_and_answers_to_no_other_name() -> None:
    assert said("autoindex") == ["off"]
    assert said("server_tokens") == ["off"]
    assert re.search(r"location = /metrics \{ return 404; \}", text(NGINX))
    assert said("ssl_reject_handshake") == ["on"]
    assert "root " not in text(NGINX)


@pytest.mark.parametrize("unit", sorted(path.name for path in (ROOT / "deploy").glob("*.service")))
def test_services_run_as_an_account_that_may_little(unit: str) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(text(f"deploy/{unit}"))
    service = read["Service"]
    assert service["User"] == "samjournal"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert "--reload" not in service["ExecStart"]
    assert "--i-know-this-is-a-demo" not in service["ExecStart"]
    assert not [line for line in text(f"deploy/{unit}").splitlines() if re.search(r"(?i)password|secret|token=", line)]


def test_the_wheel_holds_no_tests_and_no_list_of_versions() -> None:
    project = text("pyproject.toml")
    assert 'packages = ["src/samjournal"]' in project
    held = [path for path in (ROOT / "src" / "samjournal").rglob("*") if path.name in (".git", "tests", "conftest.py")]
    assert held == []


def test_time_to_mend_is_promised() -> None:
    page = text("docs/explanation/security.md")
    times = re.search(
        r"\| a release with the mended part is out within \| (\d+) days \| (\d+) days \| (\d+) days \|", page
    )
    assert times is not None
    assert int(times[1]) <= 3 < int(times[2]) <= 14 < int(times[3]) <= 30
    assert "renewed at least every 90 days" in page
