"""What is made of a report of the scanner. bench.weaknesses"""

from __future__ import annotations

import json
from pathlib import Path

from bench.weaknesses import DECIDED, MARKS, Scan, read, section


def test_remarks_are_left_out_and_each_finding_is_told_once(tmp_path: Path) -> None:
    one = {"info": "Lack of anti CSRF token", "path": "/portal/messages/new", "level": 2}
    remark = {"info": "Possible interesting methods", "path": "/", "level": 0}
    told = {
        "infos": {"crawled_pages_nbr": 7},
        "vulnerabilities": {"Cross Site Request Forgery": [one, one], "SQL Injection": []},
        "anomalies": {"Methods": [remark]},
    }
    report = tmp_path / "report.json"
    report.write_text(json.dumps(told))
    assert read("ragnhild", report) == Scan("ragnhild", 7, (("Lack of anti CSRF token", "/portal/messages/new"),))


def test_what_nobody_decided_stands_out() -> None:
    scans = [Scan("ragnhild", 7, (("Lack of anti CSRF token", "/x"), ("SQL Injection", "/y"))), Scan("magnus", 3, ())]
    lines = section(scans, 10).splitlines()
    assert (lines[0], lines[-1]) == MARKS
    assert f"| ragnhild | 7 | Lack of anti CSRF token | `/x` | {DECIDED['Lack of anti CSRF token']} |" in lines
    assert "| ragnhild | 7 | SQL Injection | `/y` | **no** |" in lines
    assert "| magnus | 3 | none | | |" in lines
