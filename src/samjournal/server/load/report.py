"""The report of a load that somebody signs: one file to read, one for programs. Without content of anybody's record.

write(path, run)      path with the ending .md and path with the ending .json
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from samjournal.server.exits import Refused
from samjournal.server.load.aside import Aside, Fault
from samjournal.server.load.progress import duration
from samjournal.server.load.tally import OUTCOMES, Tally
from samjournal.server.version import program_version

_LISTED = 500
"""So many faults, notes and files are listed to be read; the JSON has all."""
_QUOTED = r"""(?<!\w)'(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|“.*”"""
_NUMBER = r"(?:^|(?<=: )|(?<= as )|(?<=; ))-?\d[\d.eE+\-]*…?(?= )|(?<=\()-?\d[^()]*(?=\))"
_VALUE = re.compile(rf"(?P<sign>'[^\w\s]')|{_QUOTED}|{_NUMBER}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """What a report tells of: `stopped` says why the load did not come to its end."""

    tally: Tally
    aside: Aside
    began: datetime
    dry_run: bool
    stopped: str = ""


def places(path: Path) -> tuple[Path, Path]:
    """Where the two files of a report go. Raises Refused when they cannot be written there."""
    readable = path if path.suffix == ".md" else path.with_name(f"{path.name}.md")
    if not readable.parent.is_dir():
        raise Refused(f"The report cannot be written to {readable}: there is no folder {readable.parent}.")
    return readable, readable.with_suffix(".json")


def write(path: Path, run: Run) -> None:
    """Write both files."""
    readable, machine = places(path)
    readable.write_text("\n".join(_readable(run)) + "\n", encoding="utf-8")
    with machine.open("w", encoding="utf-8") as file:
        for part in _machine(run):
            file.write(part)


def without_values(text: str) -> str:
    """What is wrong, without the value that is wrong: that may be somebody's."""
    return _VALUE.sub(lambda match: match["sign"] or "…", text)


# For people


def _readable(run: Run) -> Iterator[str]:
    tally = run.tally
    yield "# Load report" + (" (dry run: nothing was written)" if run.dry_run else "")
    yield ""
    yield f"- Begun: {run.began:%Y-%m-%d %H:%M:%S %Z}"
    yield f"- Took: {duration(tally.seconds)}, {tally.resources / tally.seconds:,.0f} resources a second"
    yield f"- Program: Samjournal {program_version()}"
    yield f"- Result: {_result(run)}"
    yield ""
    yield from _counts(tally)
    yield from _files(tally)
    yield from _told("Faults", "error", tally.faults, run.aside)
    yield from _told("Notes", "note", tally.notes, run.aside)
    yield from _signatures()


def _result(run: Run) -> str:
    if run.stopped:
        return f"NOT FINISHED. {run.stopped}"
    if run.tally.faults:
        return f"finished, with {run.tally.faults:,} faults"
    return "finished, without faults"


def _counts(tally: Tally) -> Iterator[str]:
    yield "## Resources"
    yield ""
    yield "| Type | In the files | Stored | Unchanged | Left as it stands | Refused |"
    yield "|---|--:|--:|--:|--:|--:|"
    for type_, counts in sorted(tally.types.items()):
        yield _row(type_, counts.total(), *(counts[outcome] for outcome in OUTCOMES))
    yield _row("**All**", tally.resources, *(tally.sum(outcome) for outcome in OUTCOMES))
    yield ""
    yield "*Unchanged*: the record had it with the same content. *Left as it stands*: the record had this content"
    yield "before, and somebody changed it since. What could not be read at all is under faults only."
    yield ""


def _row(name: str, *numbers: int) -> str:
    return f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |"


def _files(tally: Tally) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield "| File | Bytes | SHA-256 key | State | Resources | Stored | Unchanged | Left | Refused |"
    yield "|---|--:|---|---|--:|--:|--:|--:|--:|"
    for file in tally.files[:_LISTED]:
        state = f"{file.state}: {file.passed}" if file.passed else file.state
        numbers = " | ".join(f"{file.outcomes[outcome]:,}" for outcome in OUTCOMES)
        yield f"| {file.name} | {file.size:,} | {file.key.hex()[:16]} | {state} | {file.found:,} | {numbers} |"
    yield from _more(len(tally.files))
    yield ""


def _told(title: str, severity: str, count: int, aside: Aside) -> Iterator[str]:
    if not count:
        return
    yield f"## {title}"
    yield ""
    yield "| File and line | Where | Rule | What |"
    yield "|---|---|---|---|"
    for one in islice((one for one in aside.faults() if one.severity == severity), _LISTED):
        what = without_values(one.text).replace("|", "\\|").replace("\n", " ")
        yield f"| {one.file}:{one.line} | {one.path} | {one.rule} | {what} |"
    yield from _more(count)
    yield ""


def _more(count: int) -> Iterator[str]:
    if count > _LISTED:
        yield ""
        yield f"{count - _LISTED:,} more are in the JSON file beside this one."


def _signatures() -> Iterator[str]:
    yield "## Sign-off"
    yield ""
    yield "The counts above were compared with those of the sender, and the faults were seen to."
    yield ""
    yield "| | Name | Role | Date | Signature |"
    yield "|---|---|---|---|---|"
    yield "| Delivered by | | | | |"
    yield "| Loaded by | | | | |"
    yield "| Approved by | | | | |"


# For programs


def _machine(run: Run) -> Iterator[str]:
    tally = run.tally
    head = {
        "program": f"samjournal {program_version()}",
        "began": run.began.isoformat(),
        "seconds": round(tally.seconds, 3),
        "dryRun": run.dry_run,
        "finished": not run.stopped,
        "stopped": run.stopped or None,
        "faultCount": tally.faults,
        "types": {
            type_: {outcome: counts[outcome] for outcome in OUTCOMES} for type_, counts in sorted(tally.types.items())
        },
    }
    yield _json(head)[:-1]
    yield ',"files":['
    for number, file in enumerate(tally.files):
        told: dict[str, Any] = {
            "name": file.name,
            "bytes": file.size,
            "key": file.key.hex(),
            "state": file.state,
            "passedOver": file.passed or None,
            "resources": file.found,
            "faults": file.faults,
            **{outcome: file.outcomes[outcome] for outcome in OUTCOMES},
        }
        yield (",\n" if number else "\n") + _json(told)
    for name, severity in (("faults", "error"), ("notes", "note")):
        yield f'],"{name}":['
        for number, one in enumerate(one for one in run.aside.faults() if one.severity == severity):
            yield (",\n" if number else "\n") + _json(_fault(one))
    yield "]}\n"


def _fault(one: Fault) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.line,
        "path": one.path,
        "rule": one.rule,
        "text": without_values(one.text),
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
