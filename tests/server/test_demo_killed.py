"""A demo whose own process is killed, again and again, ends as if it had not been."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from samjournal.demo.region import generate
from server.program import PROGRAM, run, serving

pytestmark = pytest.mark.drill
PEOPLE = 150
KILLS = 4


def _begun(folder: Path) -> subprocess.Popen[str]:
    line = [*PROGRAM, "demo", "--data-dir", str(folder), "--inhabitants", str(PEOPLE), "--depth", "register"]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_demo_that_is_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path: Path, *, is_drill: bool) -> None:
    if not is_drill:
        pytest.skip("takes minutes: make prove runs it")
    import httpx

    folder, rng = tmp_path / "data", random.Random(2026)
    for _ in range(KILLS):
        making = _begun(folder)
        time.sleep(rng.uniform(1.0, 5.0))
        os.kill(making.pid, signal.SIGKILL)
        making.communicate()
    making = _begun(folder)
    told, _ = making.communicate(timeout=300)
    assert making.returncode == 0, told
    with serving(folder) as server:
        token = run("token", "--data-dir", folder, "--system", "drill").stdout.strip()
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{server.address}/fhir", headers=headers, timeout=60) as client:
            about = client.get("/Basic/demo-region").json()
            moment = datetime.fromisoformat(about["identifier"][1]["value"])
            made = list(generate(PEOPLE, 2026, moment, "register"))
            for type_, count in Counter(one["resourceType"] for one in made).items():
                assert client.get(f"/{type_}?_summary=count").json()["total"] == count, type_
            for one in made[:: len(made) // 60]:
                found = client.get(f"/{one['resourceType']}/{one['id']}").json()
                assert found.pop("meta")["versionId"] == "1"
                assert found == {key: value for key, value in json.loads(json.dumps(one)).items() if key != "meta"}
