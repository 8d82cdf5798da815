"""Drills of the running program: started, stopped and killed as a person at a terminal and a machine would do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.program import Running, free_port, program, run, serving, slowness, wait_for, working_in

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve") / "data"


@pytest.fixture
def server(data: Path) -> Iterator[Running]:
    with serving(data) as running:
        yield running


def test_cold_start_is_ready_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as running:
        assert running.get("/health/ready").json()["status"] == "ready"
        postmaster = running.postmaster
        assert running.stopped_by(signal.SIGINT) == 0
        assert not Path(f"/proc/{postmaster}").exists()


def test_ctrl_c_in_a_terminal_reaches_our_program_and_not_postgresql(server: Running) -> None:
    assert os.getsid(server.postmaster) != os.getsid(server.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_terminated_server_stops_its_database(data: Path, number: signal.Signals) -> None:
    with serving(data) as running:
        postmaster = running.postmaster
        assert running.stopped_by(number) == 0
        assert not Path(f"/proc/{postmaster}").exists()


def test_warm_start_does_not_do_the_work_of_the_first_again(data: Path) -> None:
    with serving(data):
        pass
    begun = time.monotonic()
    with serving(data):
        # The goal is three seconds, which bench measures; beside other tests only far more than that tells something.
        assert time.monotonic() - begun < 10 * slowness()


def test_killed_server_is_back_with_the_same_database(data: Path) -> None:
    with serving(data) as running:
        postmaster = running.postmaster
        running.process.kill()
        running.process.wait()
    begun = time.monotonic()
    with serving(data) as again:
        assert time.monotonic() - begun < 20
        assert again.postmaster == postmaster


def test_server_goes_on_when_its_database_was_killed(server: Running) -> None:
    os.kill(server.postmaster, signal.SIGKILL)
    begun = time.monotonic()
    while server.get("/health/ready").status_code != 200:
        assert server.get("/health/live").status_code == 200
        assert time.monotonic() - begun < 20
        time.sleep(0.05)
    assert server.get("/fhir/metadata").status_code == 200


@pytest.mark.drill
@pytest.mark.parametrize("moment", [0.1, 0.3, 0.6, 0.9, 1.2, 1.6])
def test_killed_while_starting_the_next_start_succeeds(tmp_path: Path, moment: float, *, is_drill: bool) -> None:
    if moment not in (0.3, 1.2) and not is_drill:
        pytest.skip("make prove tries more moments")
    folder = tmp_path / "data"
    process = program("serve", "--data-dir", folder, "--port", free_port(), "--demo", "0")
    time.sleep(moment)
    process.kill()
    process.wait()
    with serving(folder) as running:
        assert running.get("/health/ready").status_code == 200


def test_interrupted_while_starting_it_ends_and_leaves_no_database_running(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    process = program("serve", "--data-dir", folder, "--port", free_port(), "--demo", "0")
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    # On a busy machine the signal comes before the program has begun, and ends it as it ends any.
    assert process.wait(30) in {0, 130, -signal.SIGINT}
    assert not working_in(folder)


def test_interrupted_while_modules_are_imported_it_ends(tmp_path: Path) -> None:
    # An exception raised in here is written down by Python and forgotten.
    begin = """
import os, signal, sys
from samjournal.__main__ import main

class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

class Finder:
    def find_spec(self, name, *_):
        if name == "uvloop":
            Late()

sys.meta_path.insert(0, Finder())
sys.exit(main())
"""
    line = [sys.executable, "-c", begin, "doctor", "--data-dir", str(tmp_path)]
    assert subprocess.run(line, timeout=60, check=False).returncode == -signal.SIGINT


def test_second_server_on_the_same_folder_is_told_so(server: Running) -> None:
    again = run("doctor", "--data-dir", server.data)
    assert again.returncode in {0, 5}
    second = run("restore", "--data-dir", server.data, "--from", server.data)
    assert second.returncode in {3, 4}


def test_taken_port_is_told_with_another_to_try(server: Running, tmp_path: Path) -> None:
    port = server.address.rsplit(":", 1)[1]
    refused = run("serve", "--data-dir", tmp_path / "other", "--port", port)
    assert refused.returncode == 3
    assert f"PORT={int(port) + 1}" in refused.stderr
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("flags", [(), ("--i-know-this-is-a-demo",)])
def test_demo_refuses_to_be_seen_by_others_unless_told_twice(tmp_path: Path, flags: tuple[str, ...]) -> None:
    refused = run("serve", "--data-dir", tmp_path, "--demo", "0", "--host", "0.0.0.0", "--port", "0", *flags)
    assert refused.returncode == 4
    assert "demo" in refused.stderr


def test_token_is_printed_alone_and_opens_the_api(server: Running) -> None:
    printed = run("token", "--data-dir", server.data, "--system", "drill")
    token = printed.stdout.strip()
    assert printed.returncode == 0
    assert printed.stdout.count("\n") == 1
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{server.address}/fhir/Patient", headers=headers).status_code == 200
    assert httpx.get(f"{server.address}/fhir/Patient").status_code == 401


def test_production_gives_tokens_to_the_owner_of_the_key_file_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder, demo=False):
        assert run("token", "--data-dir", folder, "--system", "x").returncode == 4
        wrong = tmp_path / "wrong.key"
        wrong.write_text("00")
        assert run("token", "--data-dir", folder, "--system", "x", "--key-file", wrong).returncode == 4
        right = folder / "owner.key"
        assert run("token", "--data-dir", folder, "--system", "x", "--key-file", right).returncode == 0
        assert right.stat().st_mode & 0o077 == 0


def test_every_answer_has_a_request_id_and_a_log_line_without_ids_or_queries(server: Running) -> None:
    answer = server.get("/fhir/Patient/ragnhild?name=solbakk")
    log, number = server.data.parent / "server.log", answer.headers["x-request-id"]
    # The line is written when the answer has left, which may be after it came here.
    wait_for(lambda: number in log.read_text(), server.process, log)
    line = next(line for line in log.read_text().splitlines() if number in line)
    assert '"path":"/fhir/Patient/{}"' in line
    assert "ragnhild" not in line
    assert "solbakk" not in line


def test_backup_of_a_working_server_restores_to_the_same_record(server: Running, tmp_path: Path) -> None:
    token = run("token", "--data-dir", server.data, "--system", "drill").stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    sent = {"resourceType": "Organization", "name": "Fjordheim sykehus"}
    made = httpx.post(f"{server.address}/fhir/Organization", json=sent, headers=headers)
    assert made.status_code == 201
    assert run("backup", "--data-dir", server.data, "--to", tmp_path / "backup").returncode == 0
    restored = run("restore", "--from", tmp_path / "backup", "--data-dir", tmp_path / "new")
    assert restored.returncode == 0, restored.stderr
    with serving(tmp_path / "new") as copy:
        path = f"/fhir/Organization/{made.json()['id']}"
        assert httpx.get(copy.address + path, headers=headers).content == made.content


def test_damaged_backup_is_refused_and_nothing_is_made(server: Running, tmp_path: Path) -> None:
    assert run("backup", "--data-dir", server.data, "--to", tmp_path / "backup").returncode == 0
    with (tmp_path / "backup" / "base.tar.gz").open("r+b") as file:
        file.seek(5000)
        file.write(b"x")
    refused = run("restore", "--from", tmp_path / "backup", "--data-dir", tmp_path / "new")
    assert refused.returncode == 4
    assert not (tmp_path / "new").exists()


def test_restore_over_a_record_and_backup_over_a_backup_are_refused(data: Path, tmp_path: Path) -> None:
    assert run("backup", "--data-dir", data, "--to", tmp_path / "backup").returncode == 0
    assert run("backup", "--data-dir", data, "--to", tmp_path / "backup").returncode == 4
    assert run("restore", "--from", tmp_path / "backup", "--data-dir", data).returncode == 4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("doctor",), 2),
        (("doctor", "--data-dir", "x", "--database", "y"), 2),
        (("doctor", "--data-dir", "/nowhere"), 3),
        (("token", "--data-dir", "/nowhere"), 2),
        (("backup", "--database", "postgresql:///none?host=/nowhere", "--to", "/nowhere/backup"), 3),
        (("restore", "--database", "postgresql:///none", "--from", "/nowhere"), 4),
    ],
)
def test_command_line_that_cannot_work_ends_with_a_sentence(arguments: tuple[str, ...], code: int) -> None:
    ended = run(*arguments)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip()
