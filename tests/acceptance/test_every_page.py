"""Every page, and what it looks like empty, long and refused: axe, two widths, three languages. WCAG 2.2 AA"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import DESKTOP, PHONE, People, chart_of, faults, picture, record_pressure, write_note
from acceptance.running import Program, admitted, allergy

pytestmark = pytest.mark.browser

XHTML = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Snakket lenge sammen.</p></div>'
LONG = "Fjordlandskommunenesinterkommunalehjertesviktpoliklinikk"
LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, and how one gets to the state of it that is looked at."""

    name: str
    path: str
    then: Callable[[Page], object] = lambda page: None


def open_panel(name: str) -> Callable[[Page], object]:
    return lambda page: page.locator(f"#{name} > summary").click()


def time_chosen(page: Page) -> None:
    page.locator(".p-free a.ds-button").first.click()
    expect(page.locator("form[data-booking]")).to_be_visible()


def asked_by_an_app(page: Page) -> None:
    """The page on which an app is let in, of an app that asks for all that there is."""
    origin = "/".join(page.url.split("/")[:3])
    asked = {
        "response_type": "code", "client_id": "page-app", "redirect_uri": "https://app.example/", "state": "s",
        "aud": f"{origin}/fhir", "code_challenge": "x" * 43, "code_challenge_method": "S256",
        "scope": "openid launch/patient offline_access patient/*.rs patient/Observation.cruds?category=laboratory",
    }  # fmt: skip
    page.goto(f"{origin}/oauth/authorize?{urlencode(asked)}")
    expect(page.locator("#allow")).to_be_visible()


def patient_found(page: Page) -> None:
    asked_by_an_app(page)
    page.fill("#find", "solbakk")
    page.get_by_role("button", name="Finn", exact=True).click()
    expect(page.locator("input[name=patient]").first).to_be_visible()


APP = {
    "client_id": "page-app",
    "client_name": f"Appen {LONG}",
    "kind": "public",
    "scope": "openid launch/patient offline_access patient/*.cruds",
    "owner": LONG,
    "redirect_uris": ["https://app.example/"],
    "launch_url": "https://app.example/launch",
    "used_by": ["citizen", "staff"],
}


def visit_opened(page: Page) -> None:
    page.locator("section[aria-labelledby=contacts] a").first.click()
    expect(page.locator("#written")).to_be_visible()


def result_opened(page: Page) -> None:
    unfolded(page)
    page.locator("main a[href*='/results/']").first.click()
    expect(page.locator(".resultpage")).to_be_visible()


def planned(page: Page) -> None:
    form = page.locator("form[action$='/propose']").last
    form.locator("input[name=what]").fill("Patient/page-empty")
    form.locator("input[name=decision]").fill("2026/17")
    form.locator("input[name=everything]").check()
    form.locator("button").last.click()
    expect(page.locator("button[value=propose]")).to_be_visible()


def open_note(then: str = "") -> Callable[[Page], object]:
    """The page of the newest note, or of what is done with it."""

    def opened(page: Page) -> None:
        page.locator("#notes summary").first.click()
        page.locator("#notes a[href*='/notes/']").first.click()
        expect(page.locator(".notepage")).to_be_visible()
        if then:
            page.goto(f"{page.url}/edit?how={then}")

    return opened


def refused_reason(page: Page) -> None:
    page.locator("form button[type=submit]", has_text="").last.click()
    expect(page.locator("#reason-error")).to_be_visible()


def added(page: Page, text: str) -> None:
    page.fill("#problem-q", text)
    page.get_by_role("button", name="Før opp på listen").click()
    expect(page.locator("#problem-q-error")).to_be_visible()


def unfolded(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")


def registered(page: Page) -> None:
    page.fill("#new-family", "Tom")
    page.fill("#new-given", "Tuva")
    page.fill("#new-birth", "01.06.1950")
    page.locator("form.facts button").click()
    expect(page.locator("#alike")).to_be_visible()


def message_opened(page: Page) -> None:
    page.locator("article.message h2 a").first.click()
    expect(page.locator("article.message.open")).to_be_visible()
    unfolded(page)


def submitted(page: Page) -> None:
    page.locator("form.why button").first.click()
    expect(page.locator(".formerror").first).to_be_visible()


def proposed(reason: str) -> Callable[[Page], object]:
    def then(page: Page) -> None:
        page.fill("#reason", reason)
        page.locator("form.why button").click()

    return then


def moved(page: Page) -> None:
    page.fill("#reason", "Skrevet i feil journal")
    page.locator("form.why button").click()
    expect(page.locator(".saved")).to_be_visible()


def away_refused(page: Page) -> None:
    page.fill("input[name=first]", "i går")
    page.fill("input[name=last]", "i dag")
    page.locator("form.ask button").click()
    expect(page.locator("#away-error")).to_be_visible()


def book_refused(page: Page) -> None:
    page.locator("details:has(form.slots) > summary").last.click()
    page.locator("button[value=overbook]").click()
    expect(page.locator("#book-error")).to_be_visible()


def plan_refused(page: Page) -> None:
    page.locator("form.planform button[type=submit]").last.click()
    expect(page.locator("#plan-error")).to_be_visible()


def compared(page: Page) -> None:
    page.get_by_role("link", name="Sammenlign").first.click()
    expect(page.locator("#decide")).to_be_visible()


def set_of(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#m-{name}", value)
    page.locator("form.set button[type=submit]").click()


def corrected(page: Page) -> None:
    page.locator(".values a").first.click()
    page.locator("form.noteform button").first.click()
    expect(page.locator(".formerror").first).to_be_visible()


def referral_refused(page: Page) -> None:
    """A referral that was to be taken back without a reason."""
    page.locator(".duty summary").last.click()
    page.locator(".duty details[open] button").click()
    expect(page.locator(".formerror").first).to_be_visible()


SIGN_IN = (
    Shown("signin", "/signin"),
    Shown("signin-unknown", "/signin", lambda page: _posted(page, "/signin/demo", {"login": "nobody"})),
    Shown("signout-nobody", "/signout"),
    Shown("signin-pair", "/signin/pair"),
    Shown("signin-pair-late", "/signin/pair?code=ABCDEFGH"),
    Shown("portal-offline", "/portal/offline"),
    Shown("portal-accessibility", "/portal/accessibility"),
)
WARD_DOCTOR = (
    Shown("result", "/workspace/patients/ragnhild", result_opened),
    Shown("message-held", "/workspace/messages/page-held?q=Solbakk"),
    Shown("message-stopped", "/workspace/messages/page-stopped", unfolded),
    Shown("message-nobody", "/workspace/messages/page-held?q=zzz", unfolded),
    Shown("role", "/workspace/role"),
    Shown("signin-again", "/signin"),
    Shown("signins", "/signins"),
    Shown("signin-prove", "/signin/again?next=/workspace/inbox"),
    Shown("signout", "/signout"),
    Shown("search", "/workspace"),
    Shown("search-found", "/workspace?q=Solbakk"),
    Shown("search-nobody", f"/workspace?q={LONG[::-1]}"),
    Shown("search-many", "/workspace?q=a"),
    Shown("chart-doctor", "/workspace/patients/ragnhild"),
    Shown("chart-unfolded", "/workspace/patients/ragnhild", unfolded),
    Shown("note-new", "/workspace/patients/ragnhild/notes/new?fresh=1"),
    Shown("note-template", "/workspace/patients/ragnhild/notes/new?template=innkomst", unfolded),
    Shown("summary-new", "/workspace/patients/ragnhild/notes/new?template=epikrise", unfolded),
    Shown("phrases", "/workspace/phrases"),
    Shown("templates", "/workspace/templates?code=visitt"),
    Shown("note-read", "/workspace/patients/ragnhild", open_note()),
    Shown("note-addition", "/workspace/patients/ragnhild", open_note("addition")),
    Shown("note-correction", "/workspace/patients/ragnhild", open_note("correction")),
    Shown("note-error", "/workspace/patients/ragnhild", open_note("error")),
    Shown("chart-pressure-open", "/workspace/patients/ragnhild", open_panel("new-measurement")),
    Shown("chart-pressure-refused", "/workspace/patients/ragnhild", lambda page: record_pressure(page, "12o", "")),
    Shown("measurements", "/workspace/patients/ragnhild/measurements", unfolded),
    Shown(
        "measurements-older",
        "/workspace/patients/ragnhild/measurements?period=all&until=2099-01-01T00:00:00Z",
        unfolded,
    ),
    Shown("measurements-empty", "/workspace/patients/page-empty/measurements"),
    Shown("measurements-refused", "/workspace/patients/page-long/measurements", lambda page: set_of(page, pulse="abc")),
    Shown("measurements-doubt", "/workspace/patients/page-long/measurements", lambda page: set_of(page, pulse="190")),
    Shown("measurement", "/workspace/patients/ragnhild/measurements", corrected),
    Shown("chart-note-refused", "/workspace/patients/ragnhild", lambda page: write_note(page, LONG, " ")),
    Shown("chart-empty", "/workspace/patients/page-empty"),
    Shown("chart-long", "/workspace/patients/page-long", unfolded),
    Shown("chart-dead", "/workspace/patients/page-dead"),
    Shown("timeline", "/workspace/patients/ragnhild/timeline"),
    Shown("timeline-long", "/workspace/patients/page-long/timeline"),
    Shown("timeline-empty", "/workspace/patients/page-empty/timeline?kind=notes"),
    Shown("timeline-refused", "/workspace/patients/ragnhild/timeline?from=31.02.2026"),
    Shown("notes", "/workspace/patients/ragnhild/notes"),
    Shown("find-nothing-asked", "/workspace/patients/ragnhild/find"),
    Shown("find", "/workspace/patients/ragnhild/find?q=pust&by=kind"),
    Shown("find-long", f"/workspace/patients/page-long/find?q={LONG}"),
    Shown("find-refused", "/workspace/patients/ragnhild/find?q=(pust"),
    Shown("wrong", "/workspace/patients/page-long/wrong"),
    Shown("wrong-nothing", "/workspace/patients/page-empty/wrong"),
    Shown("wrong-whom", "/workspace/patients/page-long/wrong?what=Condition/page-long-problem-1&q=Dagny"),
    Shown("wrong-nobody", f"/workspace/patients/page-long/wrong?what=Condition/page-long-problem-1&q={LONG[::-1]}"),
    Shown("wrong-confirm", "/workspace/patients/page-long/wrong?what=Condition/page-long-problem-1&to=page-dead"),
    Shown("wrong-refused", "/workspace/patients/page-long/wrong?what=Condition/page-long-problem-1&to=page-long"),
    Shown("wrong-moved", "/workspace/patients/page-long/wrong?moved=Condition&to=page-dead"),
    Shown("wrong-done", "/workspace/patients/page-long/wrong?what=Condition/page-long-problem-13&to=page-dead", moved),
    Shown("problems", "/workspace/patients/ragnhild/problems", unfolded),
    Shown("problems-empty", "/workspace/patients/page-empty/problems"),
    Shown("problems-long", "/workspace/patients/page-long/problems", unfolded),
    Shown("problems-slip", "/workspace/patients/page-empty/problems?q=elvblest"),
    Shown("problems-refused", "/workspace/patients/page-empty/problems", lambda page: added(page, LONG)),
    Shown("problems-name", "/workspace/patients/page-long/problems?rename=page-long-problem-1&name=hjretesvikt"),
    Shown("allergies", "/workspace/patients/ragnhild/allergies", unfolded),
    Shown("allergies-slip", "/workspace/patients/page-empty/allergies?substance=penisilin&reaction=elvebelst"),
    Shown("allergies-empty", "/workspace/patients/page-empty/allergies"),
    Shown("allergies-long", "/workspace/patients/page-long/allergies", unfolded),
    Shown("codes", "/workspace/codes?q=hjertesvikt"),
    Shown("codes-none", f"/workspace/codes?q={LONG[::-1]}"),
    Shown("referrals", "/workspace/patients/ragnhild/referrals"),
    Shown("referrals-empty", "/workspace/patients/page-empty/referrals"),
    Shown("referral-new", "/workspace/patients/ragnhild/referrals/new?fresh=1", unfolded),
    Shown("referral", "/workspace/patients/ragnhild/referrals/ragnhild-referred-1", unfolded),
    Shown("referral-refused", "/workspace/patients/ragnhild/referrals/ragnhild-referred-1", referral_refused),
    Shown("referrals-unit", "/workspace/referrals"),
    Shown("referrals-sent", "/workspace/referrals?list=sent"),
    Shown("receivers", "/workspace/referrals/receivers?receiver-q=dialyse"),
    Shown("calendar", "/workspace/calendar"),
    Shown("calendar-week", "/workspace/calendar?view=week&day=2026-10-25"),
    Shown("calendar-waiting", "/workspace/calendar/waiting"),
    Shown("calendar-groups", "/workspace/calendar/groups"),
    Shown("calendar-book", "/workspace/calendar/book?q=Solbakk"),
    Shown("book", "/workspace/patients/ragnhild/book", unfolded),
    Shown("book-type", "/workspace/patients/page-long/book?type=page-visit", unfolded),
    Shown("book-refused", "/workspace/patients/page-empty/book?type=page-visit", book_refused),
    Shown("appointment", "/workspace/appointments/page-appointment", unfolded),
    Shown("visit-types-read", "/workspace/visit-types"),
    Shown("corrections-some", "/workspace/corrections"),
    Shown("inbox", "/workspace/inbox"),
    Shown("inbox-task", "/workspace/inbox", open_panel("new-task")),
    Shown("inbox-team", "/workspace/inbox?tab=team"),
    Shown("inbox-refused", "/workspace/inbox?did=moved"),
    Shown("messages", "/workspace/messages"),
    Shown("messages-promise", "/workspace/messages/promise"),
    Shown("talks", "/workspace/patients/ragnhild/messages", unfolded),
    Shown("messages-opened", "/workspace/messages", message_opened),
    Shown("away", "/workspace/inbox/away"),
    Shown("away-refused", "/workspace/inbox/away", away_refused),
    Shown("help", "/workspace/help"),
    Shown("reason", "/workspace/patients/page-stranger"),
    Shown("blocked", "/workspace/patients/page-blocked"),
    Shown("blocked-refused", "/workspace/patients/page-blocked", refused_reason),
    Shown("kept-back", "/workspace/patients/page-kept", unfolded),
    Shown("kept-back-reason", "/workspace/patients/page-kept/reason"),
    Shown("why-blocked", "/workspace/patients/page-blocked/access"),
    Shown("why-open", "/workspace/patients/ragnhild/access"),
    Shown("representation", "/workspace/patients/ragnhild/representation"),
    Shown("why-closed", "/workspace/patients/page-stranger/access"),
    Shown("reason-refused", "/workspace/patients/page-stranger", refused_reason),
    Shown("not-found", "/workspace/patients/no-such-person"),
)
OTHER_ROLES = {
    "ayla": (
        Shown("inbox-nurse", "/workspace/inbox"),
        Shown("chart-nurse", "/workspace/patients/ragnhild"),
        Shown("chart-nurse-refused", "/workspace/patients/page-empty", lambda page: record_pressure(page, 80, 120)),
        Shown("chart-nurse-saved", "/workspace/patients/page-empty", lambda page: record_pressure(page, 121, 71)),
    ),
    "turid": (
        Shown("blocked-secretary", "/workspace/patients/page-blocked"),
        Shown("chart-secretary", "/workspace/patients/ragnhild"),
        Shown(
            "not-saved",
            "/workspace/patients/ragnhild",
            lambda page: _posted(
                page, "/workspace/patients/ragnhild/blood-pressure", {"systolic": "120", "diastolic": "70"}
            ),
        ),
        Shown("register", "/workspace/register"),
        Shown("register-refused", "/workspace/register", lambda page: page.locator("form.facts button").click()),
        Shown("register-alike", "/workspace/register", registered),
        Shown("identity", f"/workspace/identity?one=page-empty&q={LONG}"),
        Shown("identity-found", "/workspace/identity?q=Solbakk"),
        Shown("compare-found", "/workspace/identity/compare?one=page-empty&other=page-long"),
        Shown("compare-refused", "/workspace/identity/compare?one=page-empty&other=page-long", proposed("")),
        Shown("compare-sent", "/workspace/identity/compare?one=page-empty&other=page-long", proposed("Samme person")),
        Shown("corrections", "/workspace/corrections"),
        Shown("visit-types", "/workspace/visit-types"),
        Shown("visit-type", "/workspace/visit-types/page-visit", unfolded),
        Shown("visit-type-refused", "/workspace/visit-types/new", plan_refused),
        Shown("hours", "/workspace/visit-types/hours?of=HealthcareService/medisin-3"),
        Shown("absences", "/workspace/visit-types/absences"),
        Shown("absences-refused", "/workspace/visit-types/absences", plan_refused),
        Shown("rooms-refused", "/workspace/visit-types/rooms", plan_refused),
        Shown("letters", "/workspace/letters"),
        Shown("patient-notices", "/workspace/patients/ragnhild/notices"),
    ),
    "odd": (
        Shown("signins-others", "/signins/others?q=ayla"),
        Shown("connections", "/workspace/connections", unfolded),
        Shown("organisations", "/workspace/organisations"),
        Shown("organisations-none", "/workspace/organisations?q=zzz"),
        Shown("role-changes", "/workspace/role-changes"),
        Shown("role-changes-refused", "/workspace/role-changes?did=reason"),
        Shown("feedback", "/workspace/feedback"),
        Shown("feedback-handled", "/workspace/feedback?list=handled&did=words"),
        Shown("notices", "/workspace/notices"),
    ),
    "gerd": (
        Shown("identity-keeper", "/workspace/identity"),
        Shown("compare-keeper", "/workspace/identity/compare?one=page-dead&other=page-long"),
        Shown("compare-proposal", "/workspace/identity", compared),
        Shown("merged", "/workspace/identity/merged/page-merged"),
        Shown("merged-refused", "/workspace/identity/merged/page-merged", lambda page: submitted(page)),
    ),
    "berit": (
        Shown("oversight", "/workspace/oversight"),
        Shown("erasures", "/workspace/erasures"),
        Shown("erasure-plan", "/workspace/erasures", planned),
        Shown("oversight-answer", "/workspace/oversight?who=ayla&id=ragnhild"),
        Shown("oversight-several", "/workspace/oversight?who=ar&patient=a"),
        Shown("oversight-nobody", f"/workspace/oversight?who={LONG}&patient={LONG[::-1]}"),
        Shown("statistics", "/workspace/oversight/statistics", unfolded),
        Shown("statistics-none", "/workspace/oversight/statistics?from=2020-01-01&to=2020-01-02"),
        Shown("search-officer", "/workspace?q=Solbakk"),
    ),
    "solveig": (
        Shown("inbox-home-nurse", "/workspace/inbox?tab=team"),
        Shown("chart-home-nurse", "/workspace/patients/ragnhild"),
    ),
    "magnus": (
        Shown("patient-apps", "/workspace/patients/ragnhild/apps"),
        Shown("app-asks-staff", "/workspace", patient_found),
        Shown("chart-gp", "/workspace/patients/ragnhild"),
        Shown("chart-child", "/workspace/patients/odin"),
    ),
    "live": (Shown("chart-physiotherapist", "/workspace/patients/ragnhild"),),
    "silje": (Shown("chart-health-visitor", "/workspace/patients/odin"),),
}
CITIZENS = {
    "ragnhild": (
        Shown("portal", "/portal"),
        Shown("portal-results", "/portal/results"),
        Shown("portal-result", "/portal/results/1988-5", unfolded),
        Shown("portal-medicines", "/portal/medicines", unfolded),
        Shown("portal-notes", "/portal/notes"),
        Shown("portal-messages", "/portal/messages"),
        Shown("portal-message", "/portal/messages", lambda page: page.locator("a.p-row").first.click()),
        Shown("portal-look-question", "/portal/log", lambda page: page.get_by_text("Spør om dette").first.click()),
        Shown("portal-message-new", "/portal/messages/new"),
        Shown("portal-renewal", "/portal/medicines/renew"),
        Shown("portal-correction", "/portal/corrections/new"),
        Shown("portal-referrals", "/portal/referrals"),
        Shown("portal-appointments", "/portal/appointments", unfolded),
        Shown("portal-book", "/portal/book"),
        Shown("portal-times", "/portal/book/furutoppen-legesenter-konsultasjon"),
        Shown("portal-confirm", "/portal/book/furutoppen-legesenter-konsultasjon", time_chosen),
        Shown("portal-appointment", "/portal/appointments", lambda page: page.locator(".p-slot a").first.click()),
        Shown("portal-record", "/portal/record", unfolded),
        Shown("portal-log", "/portal/log", unfolded),
        Shown("portal-blocks", "/portal/blocks"),
        Shown("portal-apps", "/portal/apps"),
        Shown("app-asks-a-citizen", "/portal", asked_by_an_app),
        Shown("app-unknown", "/oauth/authorize?client_id=nobody"),
        Shown("portal-download", "/portal/download"),
        Shown("portal-vaccines", "/portal/vaccines"),
        Shown("portal-visit", "/portal/record", visit_opened),
        Shown("portal-representation", "/portal/representation"),
        Shown("portal-notices", "/portal/notices"),
        Shown("portal-log-own", "/portal/log?show=own"),
        Shown("portal-log-without", "/portal/log?show=without"),
        Shown("portal-feedback", "/portal/feedback?page=/portal/log"),
        Shown(
            "portal-feedback-refused",
            "/portal/log",
            lambda page: _posted(page, "/portal/feedback", {"page": "/portal/log", "words": f"{LONG} 13097248022"}),
        ),
        Shown("portal-feedback-sent", "/portal/feedback?done=answer&page=/portal/log"),
        Shown("portal-menu-open", "/portal", lambda page: page.locator(".p-me summary").click()),
        Shown("portal-not-found", "/portal/results/no-such-test"),
    ),
    "elias": (Shown("portal-elias", "/portal"), Shown("portal-elias-record", "/portal/record")),
    "mina": (Shown("portal-mina", "/portal"),),
}


def _posted(page: Page, address: str, fields: dict[str, str]) -> None:
    """Send a form that no page of ours offers, as a browser would."""
    with page.expect_navigation():
        page.evaluate(
            """([address, fields]) => { const form = document.createElement("form");
            form.method = "post"; form.action = address;
            for (const [name, value] of Object.entries(fields)) {
              const field = document.createElement("input"); field.name = name; field.value = value; form.append(field);
            }
            document.body.append(form); form.submit(); }""",
            [address, fields],
        )


@pytest.fixture(scope="module", autouse=True)
def region(program: Program) -> None:
    """Patients in whose charts there is nothing, too much, or an end."""
    described = program.data / "page-app.json"
    described.write_text(json.dumps(APP))
    assert program.run("apps", "add", str(described)).returncode == 0
    replaced = {"type": "replaced-by", "other": {"reference": "Patient/page-dead"}}
    stranger, _ = admitted("page-stranger", "Fremmed", "Frida")
    program.put(
        *admitted("page-empty", "Tom", "Tuva"),
        *admitted("page-long", f"{LONG}-{LONG}", f"Anne {LONG}"),
        allergy("page-long", f"{LONG} {LONG} og alt som ligner på det"),
        *(problem("page-long", number) for number in range(14)),
        *admitted("page-dead", "Død", "Dagny", deceasedDateTime="2026-11-20T04:00:00+01:00"),
        allergy("page-dead", "Ingen kjent allergi", code="716186003") | {"recordedDate": "2020-01-01"},
        stranger,
        {
            **stranger,
            "id": "page-merged",
            "link": [replaced],
        },
        *admitted("page-blocked", "Sperret", "Sigrid"),
        {
            "resourceType": "Consent",
            "id": "page-block",
            "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]},
            "category": [{"text": "sperring"}],
            "policyRule": {"text": "pasientjournalloven § 17"},
            "patient": {"reference": "Patient/page-blocked"},
            "provision": {"type": "deny"},
        },
        *admitted("page-kept", "Forbeholdt", "Frank"),
        *(note("page-kept", kind) for kind in ("elsewhere", "here")),
        *bookable(),
        held(),
        held_by("page-held"),
        held("page-stopped", "unplaced", "not-done"),
    )


def bookable() -> list[dict[str, object]]:
    """What can be booked on the ward, with names that are too long, and an appointment that is to come."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    hours = [{"allDay": True}]
    unit = {"reference": "Organization/medisin-3", "display": "Medisin 3"}
    parts = [
        {"url": "who", "valueCode": "staff"},
        {"url": "way", "valueCode": "video"},
        {"url": "way", "valueCode": "in-person"},
        {"url": "reason", "valueCodeableConcept": {"coding": [{"code": "long"}], "text": f"{LONG} {LONG}"}},
        {"url": "instruction", "valueString": f"{LONG} {LONG}"},
    ]
    actors = ("Patient/page-long", "PractitionerRole/ayla-nurse-medisin-3", "HealthcareService/medisin-3")
    return [
        {
            "resourceType": "HealthcareService",
            "id": "page-visit",
            "active": True,
            "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
            "providedBy": unit,
            "name": LONG,
            "availableTime": hours,
            "extension": [{"url": "urn:samjournal:visit", "extension": parts}],
        },
        {
            "resourceType": "Appointment",
            "id": "page-appointment",
            "status": "booked",
            "description": LONG,
            "serviceType": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "page-visit"}]}],
            "reasonCode": [{"text": f"{LONG} {LONG}"}],
            "start": tomorrow.isoformat(),
            "end": (tomorrow + timedelta(minutes=30)).isoformat(),
            "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in actors],
        },
    ]


def held(id_: str = "page-held", state: str = "held", status: str = "on-hold") -> dict[str, object]:
    """A message whose patient nobody has found yet, or which stopped otherwise."""
    code = {"system": "urn:samjournal:message-state", "code": state}
    return {
        "resourceType": "Communication",
        "id": id_,
        "status": status,
        "statusReason": {"coding": [code]},
        "category": [{"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.8279", "code": "HENVISNING"}]}],
        "topic": {"text": "Henvisning"},
        "sent": datetime.now(UTC).isoformat(timespec="seconds"),
        "received": datetime.now(UTC).isoformat(timespec="seconds"),
        "recipient": [{"reference": "Organization/medisin-3", "display": "Medisin 3"}],
        "sender": {"display": f"Fjordgløtt legesenter {LONG}"},
        "payload": [{"contentString": f"Pasient: Solbakk, Ragnhild\n\n{LONG}"}],
    }


def held_by(message: str) -> dict[str, object]:
    """The work on it, which is over its deadline."""
    return {
        "resourceType": "Task",
        "id": message,
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "urn:samjournal:task", "code": "do"}]},
        "description": f"Finn pasienten: Henvisning fra {LONG}",
        "focus": {"reference": f"Communication/{message}"},
        "authoredOn": "2026-02-03T10:00:00Z",
        "owner": {"reference": "Organization/medisin-3", "display": "Medisin 3"},
        "restriction": {"period": {"end": "2026-02-04T10:00:00Z"}},
    }


def note(patient: str, kind: str) -> dict[str, object]:
    """A note that is reserved for a unit: another's, or the reader's own, which the patient reads in a week."""
    unit = "medisin-3" if kind == "here" else "egge-hjemmesykepleie"
    sensitive = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}
    return {
        "resourceType": "Composition",
        "id": f"{patient}-note-{kind}",
        "meta": {"security": [sensitive]},
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "34788-0"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "author": [{"reference": "PractitionerRole/henrik-lege", "display": "Henrik Aasen"}],
        "title": f"Samtale {LONG}",
        "custodian": {"reference": f"Organization/{unit}"},
        "section": [{"title": "Samtale", "text": {"status": "generated", "div": XHTML}}],
    }


def problem(patient: str, number: int) -> dict[str, object]:
    """A diagnosis with a text that has no end."""
    return {
        "resourceType": "Condition",
        "id": f"{patient}-problem-{number}",
        "subject": {"reference": f"Patient/{patient}"},
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"text": f"{LONG} {number} " + "med mange ord som følger etter hverandre " * 4},
        "recordedDate": "2026-02-03",
    }


def looked_at(page: Page, pages: tuple[Shown, ...]) -> list[str]:
    """Every fault of these pages on a computer and on a phone, where what is the same on all is looked at once."""
    found = []
    for place, shown in enumerate(pages):
        page.set_viewport_size(DESKTOP)
        page.goto(shown.path)
        shown.then(page)
        for width, size in (("1366", DESKTOP), ("360", PHONE)):
            page.set_viewport_size(size)
            by_width = size is PHONE and place > 0
            found += [f"{shown.name} at {width}: {fault}" for fault in faults(page, by_width=by_width)]
            picture(page, f"{shown.name}-{width}")
    return found


def test_signing_in_has_no_faults(people: People) -> None:
    assert not (found := looked_at(people.browser_of().new_page(), SIGN_IN)), "\n".join(found)


def test_doctors_pages_have_no_faults(people: People) -> None:
    assert not (found := looked_at(people.desk_of("henrik", unit="Medisin 3"), WARD_DOCTOR)), "\n".join(found)


@pytest.mark.parametrize("login", OTHER_ROLES)
def test_charts_of_the_other_roles_have_no_faults(people: People, login: str) -> None:
    assert not (found := looked_at(people.desk_of(login), OTHER_ROLES[login])), "\n".join(found)


@pytest.mark.parametrize("login", CITIZENS)
def test_portal_has_no_faults(people: People, login: str) -> None:
    assert not (found := looked_at(people.desk_of(login), CITIZENS[login])), "\n".join(found)


WRITTEN = {
    "": ["/signin", "/signout"],
    "henrik": [
        "/workspace/role",
        "/workspace",
        "/workspace?q=zzz",
        "/workspace/patients/ragnhild",
        "/workspace/patients/page-empty",
        "/workspace/patients/page-stranger",
        "/workspace/patients/no-such-person",
        "/workspace/patients/page-empty/problems?q=zzz",
        "/workspace/patients/page-empty/allergies",
        "/workspace/codes?q=zzz",
        "/workspace/help",
    ],
    "ragnhild": [shown.path for shown in CITIZENS["ragnhild"]],
}
WITH_LANGUAGES = {"": "/signin", "henrik": "/workspace/help", "ragnhild": "/portal"}
READ = """paths => Promise.all(paths.map(async path => {
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
  page.querySelectorAll("form.languages, script").forEach(each => each.remove());
  return [page.documentElement.lang, page.body.textContent.replace(/\\s+/g, " ")];
}))"""


@pytest.mark.parametrize("login", WRITTEN)
def test_each_page_is_written_in_three_languages(people: People, login: str) -> None:
    unit = "Medisin 3" if login == "henrik" else None
    page = people.sign_in(login, unit=unit) if login else people.browser_of().new_page()
    told: dict[str, set[str]] = {path: set() for path in WRITTEN[login]}
    for code in LANGUAGES:
        page.goto(WITH_LANGUAGES[login])
        page.locator(f"form.languages button[value={code}]").click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        for path, (lang, text) in zip(told, page.evaluate(READ, list(told)), strict=True):
            assert lang == code, path
            told[path].add(text)
    for path, texts in told.items():
        assert len(texts) == len(LANGUAGES), f"{path} says the same in two languages"


ON_A_PHONE = {
    "berit": ("/workspace/oversight", "/workspace/oversight?who=ayla&id=ragnhild", "/workspace/oversight/statistics"),
    "gerd": ("/workspace/identity",),
    "odd": ("/workspace/connections", "/workspace/notices"),
    "turid": ("/workspace/patients/page-long/wrong", "/workspace/patients/page-long/access"),
}


@pytest.mark.parametrize("login", ON_A_PHONE)
@pytest.mark.parametrize("code", LANGUAGES)
def test_on_a_phone_nothing_of_a_list_lies_beside_the_screen(people: People, login: str, code: str) -> None:
    page = people.desk_of(login, viewport=PHONE)
    page.context.add_cookies([{"name": "lang", "value": code, "url": people.address}])
    for path in ON_A_PHONE[login]:
        page.goto(path)
        beside = page.evaluate(
            """() => [...document.querySelectorAll("main .scroll *, .told *")]
              .filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth + 1)
              .map(e => e.outerHTML.slice(0, 120))"""
        )
        assert beside == [], path


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_reads_a_note_is_seen_whole_on_a_phone(people: People, code: str) -> None:
    page = people.desk_of("ayla", viewport=PHONE)
    page.context.add_cookies([{"name": "lang", "value": code, "url": people.address}])
    page.goto("/workspace/patients/page-empty/notes/new")
    for label in page.locator(".kinds label").all():
        label.scroll_into_view_if_needed()
        expect(label).to_be_in_viewport(ratio=1)
        assert label.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_browser_that_asks_for_english_gets_it(people: People) -> None:
    page = people.browser_of(locale="en-GB").new_page()
    page.goto("/signin")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(chart_of(people.desk_of("ayla", locale="en-GB"), "ragnhild").locator("#plan h2")).to_contain_text("plan")
