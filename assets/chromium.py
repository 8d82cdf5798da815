"""Finds a Chrome or Chromium for the browser tests, or installs Debian's; prints a sentence when it can do neither.

`python assets/chromium.py` exits 0 in every case: without a browser the tests that need one are reported as skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

# The first is the same browser without a window, which takes a third of the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "chrome",
    "microsoft-edge",
)
PLACES = (
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = "No Chrome or Chromium found: `sudo apt install chromium`, or name one with CHROMIUM=/path/to/it."


def find() -> str | None:
    """The path of a browser that starts, if the machine has one. The variable CHROMIUM goes first."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    found = [path for name in NAMES if (path := shutil.which(name))]
    played = sorted(str(path) for path in Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    for path in [*named, *found, *(place for place in PLACES if Path(place).exists()), *reversed(played)]:
        if _starts(path):
            return path
    return None


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser is a stub that asks for snap; asking for the version tells them apart.
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and any(name in asked.stdout for name in (b"Chrom", b"Edge"))


def install() -> None:
    """Debian's Chromium by apt, where that is allowed without a password."""
    if not shutil.which("apt-get") or "ID=debian" not in _release():
        return
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if become and (
        not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    ):
        return
    print("Installing a browser for the browser tests (apt-get install chromium-headless-shell) ...", flush=True)
    environment = [*become, "env", "DEBIAN_FRONTEND=noninteractive"]
    _run([*environment, "apt-get", "update", "-q"])
    # Older releases have the whole browser only.
    for name in ("chromium-headless-shell", "chromium"):
        done = _run([*environment, "apt-get", "install", "-y", "-q", "--no-install-recommends", name])
        if done.returncode == 0:
            return
    print("apt-get could not install it:", (done.stderr or done.stdout).strip().splitlines()[-1:])


def _run(line: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, capture_output=True, text=True, check=False)


def _release() -> str:
    try:
        return Path("/etc/os-release").read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    browser = find()
    if browser is None:
        install()
        browser = find()
    print(f"Browser tests use {browser}." if browser else ADVICE + " The browser tests are skipped.")
