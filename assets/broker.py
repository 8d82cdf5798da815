"""Fetches a real AMQP broker for the tests: RabbitMQ and Erlang as Debian has them, unpacked, not installed.

    python assets/broker.py             fetches it; prints a sentence, and exits 0 also when it cannot
    home() -> Path | None               where it lies unpacked
    started(folder, queues)             a broker of one's own for a while, which is killed like any other process

Nothing is put into the system and nobody has to be root: apt brings the packages and checks them by the archive's
signature and hashes, dpkg-deb unpacks them in `.venv/broker`. What is there already is used again.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / ".venv" / "broker"
LIBRARIES = (
    *("asn1", "crypto", "eldap", "inets", "mnesia", "os-mon", "parsetools"),
    *("public-key", "runtime-tools", "ssl", "syntax-tools", "tools", "xmerl"),
)
PACKAGES = ("rabbitmq-server", "erlang-base", *(f"erlang-{one}" for one in LIBRARIES), "openssh-sftp-server")
SFTP = VENDOR / "usr" / "lib" / "openssh" / "sftp-server"
"""What serves files behind OpenSSH; it comes along for the tests of SFTP."""
USER, PASSWORD = "tester", "a-password-of-tests"
ADVICE = "No broker: it comes from a Debian archive (apt-get), which was not found here or did not answer."


def home() -> Path | None:
    """Where the broker lies, if it was unpacked whole."""
    return VENDOR if (VENDOR / "whole").exists() else None


def install() -> str:
    """Fetch and unpack it; says why it could not."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "this machine has no apt-get and dpkg-deb"
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".broker-") as scratch:
        folder = Path(scratch)
        wrong = _download(folder)
        if not wrong:
            wrong = _unpacked(folder, folder / "whole")
        if not wrong:
            shutil.rmtree(VENDOR, ignore_errors=True)
            (folder / "whole").rename(VENDOR)
    return wrong


def _download(folder: Path) -> str:
    """By the lists that the machine has; where they are missing or old, by lists of our own."""
    if not _run(["apt-get", "download", "-q", *PACKAGES], folder):
        return ""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    own = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    own += ["-o", "APT::Update::Post-Invoke-Success=", "-o", "APT::Update::Post-Invoke="]
    own += ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    _run(["apt-get", *own, "update", "-q"], folder)
    return _run(["apt-get", *own, "download", "-q", *PACKAGES], folder)


def _unpacked(packages: Path, into: Path) -> str:
    found = sorted(packages.glob("*.deb"))
    running = [subprocess.Popen(["dpkg-deb", "-x", one, into], stderr=subprocess.DEVNULL) for one in found]
    codes = [one.wait() for one in running]
    if any(codes):
        return "dpkg-deb could not unpack what was downloaded"
    (into / "whole").touch()
    return ""


def _run(command: list[str], folder: Path) -> str:
    """What went wrong, "" for nothing."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    told = [line for line in done.stderr.splitlines() if line.startswith("E:")]
    return "" if done.returncode == 0 else " ".join(told[-1:] or [f"{command[0]} ended with {done.returncode}"])


# --- Running ----------------------------------------------------------------------------------------------------------


@dataclass
class Broker:
    """A broker that runs. `queues` are declared when it starts, each with its arguments; what is in them stays when it
    is killed and started again."""

    folder: Path
    port: int
    queues: Mapping[str, Mapping[str, Any]]
    certificates: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    names: subprocess.Popen[bytes] | None = None
    ports: tuple[int, int] = field(default_factory=lambda: (free(), free()))

    @property
    def scheme(self) -> str:
        return "amqps" if self.certificates else "amqp"

    def start(self) -> None:
        """Returns when it takes connections. Raises RuntimeError, with the end of its log."""
        for name in ("home", "data", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "definitions.json").write_text(json.dumps(_definitions(self.queues)))
        (self.folder / "enabled_plugins").write_text("[rabbitmq_amqp1_0].\n")
        (self.folder / "rabbitmq.conf").write_text(self._configured())
        environment = self._environment()
        epmd = [f"{environment['BINDIR']}/epmd", "-port", str(self.ports[0]), "-address", "127.0.0.1"]
        self.names = subprocess.Popen(epmd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = (self.folder / "output").open("ab")
        self.process = subprocess.Popen(_command(environment), env=environment, cwd=self.folder, stdout=log, stderr=log)
        log.close()
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        assert self.process is not None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with socket.socket() as tried:
                tried.settimeout(1)
                if tried.connect_ex(("127.0.0.1", self.port)) == 0 and (self.folder / "data" / "ready").exists():
                    return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError("The broker did not start: " + (self.folder / "output").read_text()[-2000:])

    def kill(self) -> None:
        """At once, as when the power goes."""
        for one in (self.process, self.names):
            if one is not None:
                one.kill()
                one.wait()
        self.process = self.names = None

    def _configured(self) -> str:
        lines = [f"load_definitions = {self.folder}/definitions.json", "default_user = none", "log.console = false"]
        lines += ["log.file.level = warning", "disk_free_limit.absolute = 50MB", "heartbeat = 20"]
        if self.certificates:
            lines += ["listeners.tcp = none", f"listeners.ssl.1 = 127.0.0.1:{self.port}"]
            lines += [f"ssl_options.cacertfile = {self.certificates}/ca.pem"]
            lines += [f"ssl_options.certfile = {self.certificates}/broker.pem"]
            lines += [f"ssl_options.keyfile = {self.certificates}/broker.key"]
        else:
            lines += [f"listeners.tcp.1 = 127.0.0.1:{self.port}"]
        return "\n".join(lines) + "\n"

    def _environment(self) -> dict[str, str]:
        erlang = VENDOR / "usr" / "lib" / "erlang"
        rabbit = next((VENDOR / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
        runtime = next(erlang.glob("erts-*")) / "bin"
        return {
            "PATH": f"{runtime}:{os.environ.get('PATH', '')}",
            "HOME": f"{self.folder}/home",
            "LANG": "C.UTF-8",
            "ROOTDIR": str(erlang),
            "BINDIR": str(runtime),
            "EMU": "beam",
            "PROGNAME": "erl",
            "ERL_LIBS": f"{rabbit}/plugins",
            "ERL_MAX_ETS_TABLES": "50000",
            "ERL_MAX_PORTS": "65536",
            "ERL_EPMD_PORT": str(self.ports[0]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "SYS_PREFIX": "",
            "RABBITMQ_HOME": str(rabbit),
            "RABBITMQ_NODENAME": f"tests{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self.ports[1]),
            "RABBITMQ_CONF_ENV_FILE": f"{self.folder}/none",
            "RABBITMQ_CONFIG_FILE": f"{self.folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{self.folder}/none",
            "RABBITMQ_CONFIG_FILES": f"{self.folder}/none.d",
            "RABBITMQ_MNESIA_BASE": f"{self.folder}/data",
            "RABBITMQ_PID_FILE": f"{self.folder}/data/ready",
            "RABBITMQ_LOG_BASE": f"{self.folder}/log",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{self.folder}/data/config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self.folder}/enabled_plugins",
            "RABBITMQ_PLUGINS_DIR": f"{rabbit}/plugins",
        }


def _command(environment: Mapping[str, str]) -> list[str]:
    """As the package's own script starts it, without the shells around it: what is killed is the broker itself."""
    return [
        *(f"{environment['BINDIR']}/erlexec", "-pa", "", "-noinput", "-s", "rabbit", "boot"),
        *("-boot", "start_sasl", "+W", "w", "+B", "i", "+P", "65536", "+sbwt", "none", "+S", "2:2"),
        *("-start_epmd", "false"),
        *("-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"),
        *("-kernel", "prevent_overlapping_partitions", "false", "-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
    ]


def _definitions(queues: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "users": [{"name": USER, "password": PASSWORD, "tags": [], "limits": {}}],
        "vhosts": [{"name": "/"}],
        "permissions": [{"user": USER, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        "queues": [
            {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": dict(arguments)}
            for name, arguments in queues.items()
        ],
    }


def free() -> int:
    """A port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(
    folder: Path, queues: Mapping[str, Mapping[str, Any]], *, certificates: Path | None = None
) -> Iterator[Broker]:
    """A broker with these queues, on a free port of this machine. With `certificates` (ca.pem, broker.pem, broker.key)
    it speaks TLS alone."""
    broker = Broker(folder, free(), queues, certificates)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def main() -> None:
    """Have it, or say why not."""
    why = ""
    if home() is None:
        print("Fetching RabbitMQ for the tests of messages (apt-get download, 32 MB) ...", flush=True)
        why = install()
    print(f"{ADVICE} ({why}) The tests of queues are skipped." if why else "Tests of queues use RabbitMQ of Debian.")


if __name__ == "__main__":
    main()
