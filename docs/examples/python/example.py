"""A laboratory sends results to Samjournal: the whole story of an integration, with Python's own library only.

python3 example.py [http://127.0.0.1:8000] [system|value of a patient's identifier]
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

LAB = "urn:example:laboratory"  # The system of your own numbers: choose one, and keep it.
ATTEMPTS = 5
JSON = "application/fhir+json"


class Refused(Exception):
    """An answer that is an error. `code` is that of the catalogue, docs/reference/errors.md."""

    def __init__(self, status: int, outcome: dict[str, Any]) -> None:
        self.status = status
        issues = outcome.get("issue", [])
        codings = [coding for issue in issues for coding in issue.get("details", {}).get("coding", [])]
        self.code = next((one["code"] for one in codings if one["system"] == "urn:samjournal:error"), "")
        super().__init__(f"{status} {self.code}: {'; '.join(issue.get('diagnostics', '') for issue in issues)}")


class Client:
    """Requests with a token. Whatever may be sent twice is sent again when the server asks for patience."""

    def __init__(self, base: str, client_id: str) -> None:
        self.base, self.client_id = base, client_id
        self.sign_in()

    def sign_in(self) -> None:
        """Get a token: it is valid for four hours, and a new one is had in the same way."""
        form = urlencode({"grant_type": "client_credentials", "client_id": self.client_id}).encode()
        with urlopen(Request(f"{self.base}/sandbox/token", form)) as answer:
            self.token = json.load(answer)["access_token"]

    def send(
        self, method: str, path: str, body: Any = None, *, repeatable: bool = False, **headers: str
    ) -> tuple[Any, Any]:
        """The resource and the headers of the answer. Raises Refused."""
        url = path if path.startswith("http") else f"{self.base}/fhir/{path}"
        sent = {"Accept": JSON, "Content-Type": JSON}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = json.dumps(body).encode() if body is not None else None
        # A create without a condition would be stored twice, so when nobody knows whether it was done, ask a person.
        may_repeat = repeatable or method != "POST" or "If_None_Exist" in headers
        for attempt in range(1, ATTEMPTS + 1):
            sent["Authorization"] = f"Bearer {self.token}"
            try:
                with urlopen(Request(url, data, sent, method=method), timeout=60) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None, answer.headers
            except HTTPError as error:
                refused = Refused(error.code, json.loads(error.read() or b"{}"))
                if refused.code == "token-needed" and attempt == 1:
                    print("  the token has run out: get another")
                    self.sign_in()
                    continue
                nothing_was_done = error.code in (429, 503) and refused.code != "outcome-unknown"
                unsure = refused.code == "outcome-unknown" and may_repeat
                if attempt == ATTEMPTS or not (nothing_was_done or unsure):
                    raise refused from None
                pause = float(error.headers.get("Retry-After") or 2**attempt)
            except OSError:  # The connection broke, and nobody knows what was done.
                if attempt == ATTEMPTS or not may_repeat:
                    raise
                pause = 2.0**attempt
            print(f"  asked to wait {pause:.0f} s")
            time.sleep(pause)
        raise AssertionError

    def pages(self, path: str) -> Any:
        """Every match of a search, page by page: follow the links, never make them."""
        while path:
            bundle, _ = self.send("GET", path)
            yield from (entry["resource"] for entry in bundle.get("entry", []))
            path = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")


def result(patient: str, number: str, code: str, text: str, value: float) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": LAB, "value": number}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": text},
        "subject": {"reference": patient},
        "effectiveDateTime": "2026-11-20T08:15:00+01:00",
        "valueQuantity": {"value": value, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
    }


def correct(client: Client, observation: dict[str, Any], etag: str, value: float) -> dict[str, Any]:
    """Change what was read, and nothing that somebody else wrote meanwhile."""
    path = f"Observation/{observation['id']}"
    while True:
        observation["valueQuantity"]["value"] = value
        try:
            return client.send("PUT", path, observation, If_Match=etag)[0]
        except Refused as refused:
            if refused.code != "version-moved":
                raise
        print("  somebody was before us: read again, change that")
        observation, headers = client.send("GET", path)
        etag = headers["ETag"]


def report(patient: str, number: str) -> dict[str, Any]:
    """A report, its specimen and its result, which name one another before they have ids."""
    specimen, observation = f"urn:uuid:{uuid.uuid4()}", f"urn:uuid:{uuid.uuid4()}"
    resources = {
        specimen: {
            "resourceType": "Specimen",
            "identifier": [{"system": LAB, "value": f"{number}-specimen"}],
            "subject": {"reference": patient},
        },
        observation: result(patient, f"{number}-natrium", "2951-2", "Natrium", 139)
        | {"specimen": {"reference": specimen}},
        f"urn:uuid:{uuid.uuid4()}": {
            "resourceType": "DiagnosticReport",
            "identifier": [{"system": LAB, "value": f"{number}-report"}],
            "status": "final",
            "code": {"text": "Elektrolytter"},
            "subject": {"reference": patient},
            "result": [{"reference": observation}],
        },
    }
    entries = [
        {
            "fullUrl": url,
            "resource": one,
            "request": {
                "method": "POST",
                "url": one["resourceType"],
                "ifNoneExist": f"identifier={one['identifier'][0]['system']}|{one['identifier'][0]['value']}",
            },
        }
        for url, one in resources.items()
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def main(base: str = "http://127.0.0.1:8000", identifier: str = "") -> None:
    print("1. A token")
    client = Client(base, "laboratory")

    print("2. What the server can do")
    able, _ = client.send("GET", "metadata")
    (observations,) = [one for one in able["rest"][0]["resource"] if one["type"] == "Observation"]
    assert observations["conditionalCreate"]
    print(f"  {able['software']['name']} {able['software']['version']}, FHIR {able['fhirVersion']}")

    print("3. A patient, by identifier")
    if not identifier:  # None was given: take that of somebody in the demo.
        somebody, _ = client.send("GET", "Patient?name=solbakk&_count=1")
        known = somebody["entry"][0]["resource"]["identifier"][0]
        identifier = f"{known['system']}|{known['value']}"
    found, _ = client.send("GET", f"Patient?identifier={quote(identifier)}")
    (entry,) = found["entry"]
    patient = f"Patient/{entry['resource']['id']}"
    print(f"  {patient}")

    print("4. A result, stored once however often it is sent")
    number = str(uuid.uuid4())
    potassium = result(patient, f"{number}-kalium", "2823-3", "Kalium", 4.1)
    once = f"identifier={LAB}|{number}-kalium"
    made, _ = client.send("POST", "Observation", potassium, If_None_Exist=once)
    again, _ = client.send("POST", "Observation", potassium, If_None_Exist=once)
    assert made["id"] == again["id"]
    print(f"  Observation/{made['id']}")

    print("5. Read it back")
    read, headers = client.send("GET", f"Observation/{made['id']}")
    first = headers["ETag"]
    print(f"  {read['valueQuantity']['value']} mmol/L, {first}")

    print("6. Correct it twice, the second time from what was read before the first")
    correct(client, dict(read), first, 4.2)
    corrected = correct(client, dict(read), first, 4.3)
    print(f"  {corrected['valueQuantity']['value']} mmol/L, version {corrected['meta']['versionId']}")

    print("7. Several resources at once, all or none")
    done, _ = client.send("POST", "", report(patient, number), repeatable=True)
    print(f"  {', '.join(one['response']['status'] for one in done['entry'])}")

    print("8. A search, to its last page")
    several = f"{LAB}|{number}-kalium,{LAB}|{number}-natrium"
    names = [one["code"]["text"] for one in client.pages(f"Observation?identifier={quote(several)}&_count=1")]
    print(f"  {', '.join(sorted(names))}")

    print("9. Errors, by their codes")
    wrong = potassium | {"status": "finished"}
    for method, path, body in (("GET", "Observation/nothing", None), ("POST", "Observation", wrong)):
        try:
            client.send(method, path, body)
        except Refused as refused:
            print(f"  {refused.status} {refused.code}")
    print(f"Done: {number}")


if __name__ == "__main__":
    main(*sys.argv[1:])
