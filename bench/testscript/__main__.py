"""The command line: which scripts, against which server. Ends with 0 when every script passed, with 1 otherwise."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench.testscript.paths import NotUnderstood
from bench.testscript.reporting import report
from bench.testscript.requests import Server
from bench.testscript.running import Outcome, load, run, scripts

_SIGN = {"pass": "ok  ", "fail": "FAIL", "error": "FAIL", "skip": "--  "}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.testscript", description="Run FHIR TestScripts (R4).")
    parser.add_argument("path", type=Path, metavar="PATH", help="a TestScript as JSON or XML, or a folder of them")
    parser.add_argument("--base", default="http://127.0.0.1:8000/fhir", metavar="URL", help="default: %(default)s")
    parser.add_argument("--token", default="", metavar="T", help="a bearer token")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write a TestReport of each script there")
    parser.add_argument("--quiet", action="store_true", help="of what went well only the name of the script")
    options = parser.parse_args(arguments)
    if not options.path.exists():
        parser.error(f"there is no file or folder {options.path}")
    server = Server(options.base.rstrip("/"), options.token)
    counted: Counter[str] = Counter()
    for path in scripts(options.path):
        script, outcome = _outcome(path, server, alone=options.path.is_file())
        if outcome is not None:
            _show(path, outcome, quiet=options.quiet)
            counted[outcome.result] += 1
            if options.report:
                _keep(report(outcome, script), options.report / f"{path.stem}.json")
    print(", ".join(f"{counted[result]} {result}" for result in ("pass", "fail", "not run")))
    return 0 if counted["pass"] and not counted["fail"] and not counted["not run"] else 1


def _outcome(path: Path, server: Server, *, alone: bool) -> tuple[dict[str, Any], Outcome | None]:
    """A file's script and what came of it; None for one in a folder that is another resource, such as a fixture."""
    try:
        script = load(path)
    except NotUnderstood as error:
        return {}, Outcome(path.name, not_run=str(error))
    if script["resourceType"] != "TestScript":
        told = f"it is a {script['resourceType']}, not a TestScript"
        return {}, Outcome(path.name, not_run=told) if alone else None
    return script, run(script, server, folder=path.parent)


def _keep(made: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _show(path: Path, outcome: Outcome, *, quiet: bool) -> None:
    print(f"{outcome.result.upper()}  {outcome.name} ({path})")
    if outcome.not_run:
        print(f"    not run: {outcome.not_run}")
    for step in outcome.steps:
        if not quiet or step.result not in ("pass",):
            print(f"    {_SIGN[step.result]}  {step.where}: {step.text}")


if __name__ == "__main__":
    sys.exit(main())
