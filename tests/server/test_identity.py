"""The file that says by whom people sign in: what is wrong in it is told in words. samjournal.server.identity"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from openid.provider import THEIRS
from samjournal.exchange.table import Misconfigured
from samjournal.server.exits import Refused, Usage
from samjournal.server.identity import identity
from samjournal.server.serve import Options, _identity, _refuse_to_show_a_demo

ADDRESS = "https://journal.example"
SECRET = ECKey.generate_key("P-256", private=True)
IDPORTEN = {
    "name": '"idporten"',
    "for": '"citizens"',
    "issuer": '"https://idporten.example"',
    "client": '"c"',
    "key": '"our.pem"',
    "acr": '["idporten-loa-high"]',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "our.pem").write_bytes(SECRET.as_pem(private=True))
    (tmp_path / "our.jwk").write_text(json.dumps(THEIRS.as_dict(private=True)))
    (tmp_path / "public.pem").write_bytes(SECRET.as_pem(private=False))
    for file in tmp_path.iterdir():
        file.chmod(0o600)
    (tmp_path / "open.pem").write_bytes(SECRET.as_pem(private=True))
    (tmp_path / "open.pem").chmod(0o644)
    return tmp_path


def written(folder: Path, *tables: dict[str, str]) -> Path:
    lines = []
    for table in tables:
        lines += ["[[provider]]", *(f"{name} = {value}" for name, value in table.items() if value)]
    (folder / "identity.toml").write_text("\n".join(lines))
    return folder / "identity.toml"


def test_both_providers_are_set_up_with_little_said(folder: Path) -> None:
    staff = {"name": '"helseid"', "for": '"staff"', "key": '"our.jwk"', "dpop": "true", "acr-accepted": '["4"]'}
    found = identity(written(folder, IDPORTEN, {**IDPORTEN, **staff}), ADDRESS)
    citizens, workers = found.providers
    assert (citizens.shown, citizens.kind, workers.shown, workers.kind) == ("ID-porten", "citizen", "HelseID", "staff")
    assert citizens.party.client.redirect == "https://journal.example/signin/idporten/return"
    assert (citizens.party.client.key.algorithm, workers.party.client.key.algorithm) == ("ES256", "PS256")
    assert (citizens.party.client.levels, workers.party.client.levels) == (("idporten-loa-high",), ("4",))
    assert (citizens.party.client.dpop, workers.party.client.dpop) == (False, True)


WRONG = {
    "no issuer": ({"issuer": ""}, "issuer is missing"),
    "http": ({"issuer": '"http://idporten.example"'}, "issuer is an https address"),
    "whom for": ({"for": '"everybody"'}, "for is citizens or staff, not everybody"),
    "a name for addresses": ({"name": '"../demo"'}, "name is a short word"),
    "a name that is taken": ({"name": '"demo"'}, "name is a short word"),
    "no level": ({"acr": "[]"}, "acr names the level"),
    "no level said": ({"acr": ""}, "acr is missing"),
    "a key that is not there": ({"key": '"gone.pem"'}, "cannot be read"),
    "a key that others can read": ({"key": '"open.pem"'}, "can be read by others: chmod 600"),
    "a public key": ({"key": '"public.pem"'}, "the private half is needed"),
    "a key for something else": ({"key-algorithm": '"PS256"'}, "does not sign by PS256"),
    "no openid": ({"scopes": '["profile"]'}, "scopes is a list with openid in it"),
    "none": ({"algorithms": '["none"]'}, "algorithms are some of"),
    "a shared secret": ({"algorithms": '["HS256"]'}, "algorithms are some of"),
    "a slip": ({"acr_values": '["x"]'}, "there is no setting acr_values"),
    "a wide leeway": ({"leeway": "86400"}, "120 at the most"),
    "half a truth": ({"dpop": '"yes"'}, "dpop is true or false"),
    "authorities": ({"ca": '"our.jwk"'}, "cannot be used"),
}


@pytest.mark.parametrize(("changed", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told_with_its_place_and_without_the_key(
    folder: Path, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(Misconfigured) as raised:
        identity(written(folder, {**IDPORTEN, **changed}), ADDRESS)
    told = str(raised.value)
    assert said in told
    assert "identity.toml [[provider]] 1" in told
    assert SECRET.as_dict(private=True)["d"] not in told
    assert "PRIVATE" not in told


def test_a_file_as_a_whole_may_be_wrong_too(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        identity(folder / "nowhere.toml", ADDRESS)
    with pytest.raises(Misconfigured, match=r"no \[\[provider\]\] is named"):
        identity(written(folder), ADDRESS)
    with pytest.raises(Misconfigured, match="there is a provider idporten already"):
        identity(written(folder, IDPORTEN, IDPORTEN), ADDRESS)
    for address in ("http://journal.example", "http://10.0.0.1:8000"):
        with pytest.raises(Misconfigured, match="Say how the world calls us with --address"):
            identity(written(folder, IDPORTEN), address)
    assert identity(written(folder, IDPORTEN), "http://127.0.0.1:8000").address == "http://127.0.0.1:8000"
    (folder / "identity.toml").write_text("address =")
    with pytest.raises(Usage, match="is no TOML"):
        _identity(folder / "identity.toml", ADDRESS)


def options(address: str) -> Options:
    return Options(data_dir=None, database="x", host="127.0.0.1", port=0, demo=None, sure=0, log=None, address=address)


def test_a_demo_is_not_shown_under_an_address_that_others_reach() -> None:
    for address in ("", "https://localhost:8443"):
        _refuse_to_show_a_demo(options(address))
    with pytest.raises(Refused, match=r"everybody who reaches journal\.example may sign in as anybody"):
        _refuse_to_show_a_demo(options(ADDRESS))
