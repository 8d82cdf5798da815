"""Bulk: several operations in one request, one after the other, each for itself. RFC 7644 section 3.7"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from samjournal.access import Permit
from samjournal.fhir.errors import FhirError
from samjournal.record import Door
from samjournal.scim import changing
from samjournal.scim.changing import Order, version_of
from samjournal.scim.documents import Document
from samjournal.scim.errors import Refused, bad_syntax, bad_value, told
from samjournal.scim.listing import KIND_OF
from samjournal.scim.schemas import MOST

_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
_ANSWER: Final = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


async def bulk(door: Door, permit: Permit, base: str, body: Any) -> Document:
    """The answers of all operations, or of those up to the last that was done. Raises Refused for the whole."""
    if not isinstance(body, dict) or _SCHEMA not in (body.get("schemas") or ()):
        raise bad_syntax(f"schemas must name {_SCHEMA}.")
    operations = body.get("Operations")
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise bad_syntax("Operations is a list of objects.")
    if len(operations) > MOST:
        raise Refused(f"More than {MOST} operations: send them in parts.", status=413, kind="tooMany")
    most_errors = body.get("failOnErrors")
    ids: dict[str, str] = {}
    answers: list[Document] = []
    failed = 0
    for one in operations:
        answer = await _one(door, permit, base, one, ids)
        answers.append(answer)
        failed += int(answer["status"]) >= 400
        if isinstance(most_errors, int) and most_errors > 0 and failed >= most_errors:
            break
    return {"schemas": [_ANSWER], "Operations": answers}


async def _one(door: Door, permit: Permit, base: str, operation: Document, ids: dict[str, str]) -> Document:
    method = str(operation.get("method", "")).upper()
    answer: Document = {"method": method}
    if operation.get("bulkId"):
        answer["bulkId"] = operation["bulkId"]
    try:
        parts = [_resolved(part, ids) for part in str(operation.get("path", "")).strip("/").split("/")]
        kind = KIND_OF.get(parts[0])
        if kind is None or len(parts) > 2 or (method == "POST") != (len(parts) == 1):
            raise bad_value("path is /Users or /Groups with POST, and /Users/id or /Groups/id with the others.")
        if method not in ("POST", "PUT", "PATCH", "DELETE"):
            raise bad_value("method is POST, PUT, PATCH or DELETE.")
        if method == "POST" and not operation.get("bulkId"):
            raise bad_value("A POST needs a bulkId.")
        data = _data(operation.get("data"), ids)
        order = Order(door, permit, kind, base, parts[1] if len(parts) > 1 else None, data,
                      version_of(operation.get("version")))  # fmt: skip
        if method == "DELETE":
            await changing.remove(order)
            return {**answer, "location": f"{base}{kind.endpoint}/{parts[1]}", "status": "204"}
        act = {"POST": changing.create, "PUT": changing.replace, "PATCH": changing.patch}[method]
        document = await act(order)
    except (Refused, FhirError) as error:
        return {**answer, "status": str(error.status), "response": told(error)}
    if operation.get("bulkId"):
        ids[str(operation["bulkId"])] = document["id"]
    status = "201" if method == "POST" else "200"
    meta = document["meta"]
    return {**answer, "location": meta["location"], "version": meta["version"], "status": status}


def _data(data: Any, ids: dict[str, str]) -> Any:
    """The data of an operation, with the ids of what was made before in the place of bulkIds."""
    if isinstance(data, str):  # Some send it as text.
        try:
            data = msgspec.json.decode(data.encode())
        except msgspec.DecodeError:
            raise bad_syntax("data is no JSON.") from None
    if isinstance(data, dict):
        return {name: _data_value(value, ids) for name, value in data.items()}
    return data


def _data_value(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _resolved(value, ids)
    if isinstance(value, list):
        return [_data_value(one, ids) for one in value]
    if isinstance(value, dict):
        return {name: _data_value(one, ids) for name, one in value.items()}
    return value


def _resolved(text: str, ids: dict[str, str]) -> str:
    if not text.startswith("bulkId:"):
        return text
    found = ids.get(text.removeprefix("bulkId:"))
    if found is None:
        raise Refused(f"{text[:80]} was not made before this operation.", status=409)
    return found
