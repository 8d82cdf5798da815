"""From an operation of a TestScript to a request, and from the answer to a message.

hl7.org/fhir/R4/valueset-testscript-operation-codes.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from bench.testscript.asserting import MEDIA, Message
from bench.testscript.paths import NotUnderstood
from samjournal.fhir import xml

METHOD = {
    "read": "GET",
    "vread": "GET",
    "search": "GET",
    "history": "GET",
    "capabilities": "GET",
    "create": "POST",
    "update": "PUT",
    "updateCreate": "PUT",
    "delete": "DELETE",
    "transaction": "POST",
    "batch": "POST",
}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_SAFE = "/?&=:|,$%+-._~*()!'[]@;"


@dataclass(frozen=True)
class Server:
    """Where the server answers, and the token that opens it."""

    base: str
    token: str = ""

    def send(self, method: str, url: str, headers: dict[str, str], resource: Any = None) -> tuple[Message, Message]:
        """What was asked and what came, as messages. Raises OSError when nothing comes."""
        if not _ABSOLUTE.match(url):  # The value of a parameter may be a URL too.
            url = f"{self.base}/{url.lstrip('/')}".rstrip("/")
        body = _written(resource, headers.get("content-type", "")) if resource is not None else None
        is_ours = f"{url}/".startswith(f"{self.base}/") or url.startswith(f"{self.base}?")
        sent = {**headers, **({"authorization": f"Bearer {self.token}"} if self.token and is_ours else {})}
        try:
            with urlopen(Request(url, body, sent, method=method), timeout=120) as answer:
                came = _message(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            came = _message(error.code, error.headers, error.read())
        return Message(method, url, 0, headers, resource), came


def request_of(operation: dict[str, Any], known: dict[str, Message]) -> tuple[str, str, dict[str, str], Any]:
    """Method, address, headers and resource of an operation whose variables are replaced. Raises NotUnderstood."""
    code = operation.get("type", {}).get("code", "")
    if code not in METHOD and not (operation.get("method") and operation.get("url")):
        raise NotUnderstood(f"the operation “{code}”; {', '.join(METHOD)} are known, and method with url")
    method = operation.get("method", METHOD.get(code, "")).upper()
    source = _known(operation["sourceId"], known).resource if "sourceId" in operation else None
    if method in ("POST", "PUT") and source is None and code != "search":
        raise NotUnderstood(f"“{code}” without a sourceId: there is nothing to send")
    headers = {"accept": _media(operation.get("accept", "json"))}
    if source is not None:
        headers["content-type"] = _media(operation.get("contentType", "json"))
    headers |= {one["field"].lower(): one["value"] for one in operation.get("requestHeader", [])}
    url = operation["url"] if "url" in operation else _url(code, operation, source, known)
    return method, quote(url, safe=_SAFE) if operation.get("encodeRequestUrl", True) else url, headers, source


def _url(code: str, operation: dict[str, Any], source: Any, known: dict[str, Message]) -> str:
    type_: str = operation.get("resource", "")
    parameters: str = operation.get("params", "")
    if code == "capabilities":
        return f"metadata{parameters}"
    if code in ("transaction", "batch"):
        return parameters
    if "targetId" in operation:
        return _target(code, _known(operation["targetId"], known)) + parameters
    if not type_ and isinstance(source, dict):
        type_ = source["resourceType"]
    if code in ("update", "updateCreate") and not parameters and isinstance(source, dict):
        if "id" not in source:
            raise NotUnderstood("an update of a resource without an id needs a targetId or params")
        return f"{type_}/{source['id']}"
    if code == "history" and not type_:
        return f"_history{parameters}"
    if code == "history" and not parameters.endswith("_history") and "_history?" not in parameters:
        parameters = f"{parameters}/_history" if not parameters.startswith("?") else f"/_history{parameters}"
    return f"{type_}{parameters}"


def _target(code: str, target: Message) -> str:
    """The address of what a fixture or an answer stands for: by its resource, else by its Location."""
    resource = target.resource
    if isinstance(resource, dict) and "id" in resource:
        type_, id_ = resource["resourceType"], resource["id"]
        version = resource.get("meta", {}).get("versionId", "")
    else:
        parts = target.headers.get("location", "").split("/")
        if "_history" not in parts or len(parts) < 4:
            raise NotUnderstood("the target has neither a resource with an id nor a Location")
        at = parts.index("_history")
        type_, id_, version = parts[at - 2], parts[at - 1], parts[at + 1]
    where = {"vread": f"/_history/{version}", "history": "/_history"}.get(code, "")
    return f"{type_}/{id_}{where}"


def _known(id_: str, known: dict[str, Message]) -> Message:
    if id_ not in known:
        raise NotUnderstood(f"“{id_}” names neither a fixture nor a request or answer before this")
    return known[id_]


def _media(text: str) -> str:
    return MEDIA.get(text, text)


def _written(resource: Any, media: str) -> bytes:
    written = json.dumps(resource, ensure_ascii=False).encode()
    return xml.write(written) if "xml" in media else written


def _message(status: int, headers: Any, body: bytes) -> Message:
    fields = {name.lower(): value for name, value in headers.items()}
    resource = None
    if body and "xml" in fields.get("content-type", ""):
        resource = xml.read(body).resource
    elif body and "json" in fields.get("content-type", ""):
        resource = json.loads(body)
    return Message("", "", status, fields, resource)
