"""A leaver with an open chart and a running app is out at once, and his page says so. Requirement 2.3"""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from acceptance.reading import People, chart_of
from acceptance.running import WARD, Program, admitted
from scim.directory import at, operations, user

pytestmark = pytest.mark.browser


def test_an_open_chart_closes_when_the_directory_takes_the_access_away(people: People, program: Program) -> None:
    program.put(*admitted("leaver-patient", "Sluttvik", "Signe"))
    token = program.run("token", "--system", "iam", "--scope", "accounts.change").stdout.strip()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/scim+json"}
    with httpx.Client(base_url=f"{program.address}/scim/v2", headers=headers, timeout=30) as iam:
        made = iam.post("/Users", json=user("frida.slutt", at("nurse", WARD))).json()
        page = people.browser_of().new_page()
        page.goto("/signin")
        page.locator("form:has(input[value=ayla])").evaluate(
            """(form, login) => {
                form.querySelector("input[name=login]").value = login;
                form.requestSubmit(form.querySelector("button"));
            }""",
            made["id"],
        )
        expect(page.locator("a.roleswitch")).to_contain_text("Medisin 3")
        with page.expect_response(lambda answer: "/live?" in answer.url):
            chart_of(page, "leaver-patient")
        expect(page.locator(".banner h1")).to_have_text("SLUTTVIK, Signe")
        app = program.door("--user", made["id"])
        assert app.get("/Patient/leaver-patient").status_code == 200
        off = operations({"op": "Replace", "path": "active", "value": "False"})
        assert iam.patch(f"/Users/{made['id']}", json=off).status_code == 200
        expect(page).to_have_url(re.compile("/signin\\?next="))
        expect(page.locator("body")).not_to_contain_text("Sluttvik")
        chart_of(page, "leaver-patient")
        expect(page.locator(".banner")).to_have_count(0)
        page.wait_for_function(
            """async (token) => (await fetch("/fhir/Patient/leaver-patient",
                {headers: {authorization: `Bearer ${token}`}})).status === 401""",
            arg=program.tokens["--user", made["id"]],
            polling=250,
        )
