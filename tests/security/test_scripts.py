"""What our scripts in the browser do and do not do; they are read as text, for the browser tests see what they do."""

from __future__ import annotations

import re

from architecture.test_documentation import SOURCE

SCRIPTS = {str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8") for path in SOURCE.glob("*/assets/*.js")}
TEMPLATES = {
    str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8") for path in SOURCE.glob("*/templates/**/*.html")
}


def having(pattern: str, texts: dict[str, str] = SCRIPTS) -> set[str]:
    assert texts
    return {name for name, text in texts.items() if re.search(pattern, text)}


def test_no_script_makes_code_of_words() -> None:
    assert having(r"\beval\(|new Function|setTimeout\(\s*[\"'`]|javascript:") == set()
    # A page of ours that came as the answer to a form takes the place of the one that sent it.
    assert having(r"document\.write") == {"portal/assets/booking.js"}


def test_markup_comes_from_the_server_alone() -> None:
    """Where a fragment of ours is put into a page it was escaped on the server; words are set as text."""
    assert having(r"insertAdjacentHTML|outerHTML\s*=|srcdoc|createContextualFragment|DOMParser") == set()
    set_as_markup = {
        (name, line.strip())
        for name, text in SCRIPTS.items()
        for line in text.splitlines()
        if re.search(r"innerHTML\s*=", line)
    }
    assert all(".text()" in line for _, line in set_as_markup), set_as_markup


def test_other_windows_are_not_heard() -> None:
    """Messages come by a BroadcastChannel, which is of this origin alone, and from the service worker."""
    listening = {
        line.strip()
        for text in SCRIPTS.values()
        for line in text.splitlines()
        if re.search(r"addEventListener\(\"message\"|onmessage\s*=", line)
    }
    assert all(re.match(r"(navigator\.serviceWorker|channel|stream|ear\.port|port)\.", line) for line in listening)
    assert having(r"window\.opener|parent\.postMessage|top\.postMessage") == set()


def test_browser_storage_holds_no_word_of_a_record() -> None:
    kept = {
        (name, value)
        for name, text in SCRIPTS.items()
        for value in re.findall(r"(?:local|session)Storage\.setItem\((\w+, [^;\n]+?)\)+;", text)
    }
    # Whether keys are off, and whether the alarm rings.
    assert kept == {
        ("workspace/assets/alarm.js", 'KEY, isOn() ? "off" : "on"'),
        ("workspace/assets/keys.js", 'OFF, box.checked ? "1" : "0"'),
    }
    assert having(r"indexedDB|document\.cookie\s*=") == set()


def test_objects_take_no_names_from_outside() -> None:
    """No merging of what was sent into an object of ours, which is how a prototype is spoilt."""
    assert having(r"__proto__|Object\.assign\(|\.\.\.JSON\.parse|\.constructor\[|structuredClone") == set()


def test_pages_load_nothing_from_elsewhere_and_count_nobody() -> None:
    assert having(r"(?:src|srcset|hx-get|hx-post|action)=\"(?:https?:)?//", TEMPLATES) == set()
    assert having(r"<link[^>]+href=\"(?:https?:)?//", TEMPLATES) == set()
    assert having(r"https?://(?!www\.w3\.org)[a-z]|sendBeacon|gtag|analytics|matomo") == set()


def test_a_page_that_is_opened_beside_ours_gets_no_hold_of_it() -> None:
    links = [link for text in TEMPLATES.values() for link in re.findall(r"<a [^>]*target=\"_blank\"[^>]*>", text)]
    assert links
    assert [link for link in links if "noopener" not in link] == []


def test_only_what_browsers_still_support_is_used() -> None:
    assert having(r"<(?:applet|embed|object|frame|frameset|marquee)\b", TEMPLATES) == set()
    assert having(r"ActiveXObject|document\.domain|showModalDialog|registerProtocolHandler") == set()


def test_forms_say_where_they_go_and_how() -> None:
    """Nothing that changes something is a link, and no form is sent with its words in the address but a search."""
    forms = [form for text in TEMPLATES.values() for form in re.findall(r"<form\b[^>]*>", text)]
    assert forms
    assert [form for form in forms if "method=" not in form and 'role="search"' not in form and "hx-" not in form] == []
