"""What a URL is found by: itself, and what it lies under."""

from __future__ import annotations

from samjournal.store.search.uri import uri_tokens, wanted

NAME = "ValueSet.url"


def test_a_url_with_very_many_parts_is_found_by_itself_and_by_the_first_of_them() -> None:
    """A megabyte of slashes made as many addresses of as many letters: more than any memory holds."""
    url = "http://a.example/" + "b/" * 3000 + "c"
    found = uri_tokens(NAME, url)
    assert len(found) < 110
    for modifier, asked in (
        ("", url),
        ("below", url),
        ("below", "http://a.example"),
        ("below", "http://a.example/b/b"),
    ):
        assert set(wanted(NAME, asked, modifier)) <= set(found)
    assert not set(wanted(NAME, "http://a.example/c", "below")) & set(found)
    assert len(wanted(NAME, url, "above")) < 220
