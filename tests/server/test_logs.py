"""What the logs may hold: the shape of a path, and no more of an error than its class and place."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from samjournal.server.app import words
from samjournal.server.logs import configure, shape


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/fhir/Patient/ragnhild", "/fhir/Patient/{}"),
        ("/fhir/Patient/ragnhild/_history/2", "/fhir/Patient/{}/_history/{}"),
        ("/fhir/metadata", "/fhir/metadata"),
        ("/workspace/patients/elias/blood-pressure", "/workspace/patients/{}/blood-pressure"),
        ("/fhir/Patient/Ola Nordmann", "/fhir/Patient/{}"),
        ("/fhir/01017012345", "/fhir/{}"),
        ("/fhir/Nordmann", "/fhir/{}"),
        ("/fhir/Patient/Patient", "/fhir/Patient/{}"),
        ("/portal/results/kolesterol", "/portal/results/{}"),
        ("/diabetes", "/{}"),
        ("/", "/"),
    ],
)
def test_path_is_written_without_ids_and_names(path: str, written: str) -> None:
    assert shape(path, words()) == written


def test_error_is_logged_by_class_and_place_and_not_by_its_text(tmp_path: Path) -> None:
    log = tmp_path / "log"
    kept = logging.getLogger().handlers[:]
    try:
        configure(file=log)
        try:
            raise ValueError("Ragnhild has heart failure")
        except ValueError:
            logging.getLogger("samjournal").warning("failed", exc_info=sys.exc_info())
    finally:
        logging.getLogger().handlers[:] = kept
    line = json.loads(log.read_text())
    assert line["error"] == "ValueError"
    assert "Ragnhild" not in log.read_text()
