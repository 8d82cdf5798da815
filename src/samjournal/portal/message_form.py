"""What a citizen writes: read from a form, kept as a draft, and given back when it was not sent.

    entered(form) -> Entered            what a form says
    fresh(...) -> Entered               an empty form, with a draft of its own that nothing is saved of yet
    kept(draft) -> Entered              as it stands in a draft
    save(door, permit, patient, one)    keep it as a draft
    again(one) -> Entered               the same words as another draft
    files_of(form)                      the files of a form, checked

A draft is the writer's alone, by login, on any device; text alone is kept in it, and files are chosen anew. The draft
is also what makes sure that a message is sent once: `record.drafts`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid4

from starlette.datastructures import FormData, UploadFile

from samjournal.access import Permit
from samjournal.conversations import LARGEST, File, checked
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Draft, DraftText, Ending, save_draft

FILES: Final = 3
_KEPT: Final = ("to", "topic", "words", "thread", "about")
_LONGEST: Final = 4000
_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in a form: to whom (`Organization/7`), what about, the words; of an answer the conversation
    (`thread`); what of the record it is `about` (`Observation/7`); `draft`, `version` and `page` of the draft that it
    is."""

    to: str = ""
    topic: str = ""
    words: str = ""
    thread: str = ""
    about: str = ""
    draft: str = ""
    version: int = 0
    page: str = ""

    @property
    def ending(self) -> Ending:
        """The draft that ends when it is sent. Raises Invalid for an id that is none."""
        try:
            return Ending(UUID(self.draft), self.version, self.page)
        except ValueError:
            raise Invalid("The form has no id that can be read. Open the page anew.") from None

    @property
    def is_empty(self) -> bool:
        return not (self.words.strip() or self.topic.strip())


def fresh(*, to: str = "", thread: str = "", about: str = "", topic: str = "") -> Entered:
    """A form that nobody has written in."""
    return Entered(to=to, thread=thread, about=about, topic=topic, draft=str(uuid4()), page=uuid4().hex)


def entered(form: FormData) -> Entered:
    """What was written and chosen."""

    def text(name: str, most: int) -> str:
        return str(form.get(name) or "")[:most]

    number = text("version_of", 9)
    return Entered(
        to=text("to", _WORDS),
        topic=text("topic", _WORDS),
        words=text("words", _LONGEST),
        thread=text("thread", 64),
        about=text("about", 100),
        draft=text("draft", 36),
        version=int(number) if number.isdigit() else 0,
        page=text("page", 32),
    )


def kept(draft: Draft) -> Entered:
    """The form as it was saved last, on a page of its own."""
    said: dict[str, Any] = json.loads(draft.body)
    texts = {name: str(said.get(name) or "") for name in _KEPT}
    return Entered(**texts, draft=str(draft.id), version=draft.version, page=uuid4().hex)


def again(one: Entered) -> Entered:
    """The same words as a draft of their own: the former one is another's, or has ended."""
    return replace(one, draft=str(uuid4()), version=0, page=uuid4().hex)


async def save(door: Door, permit: Permit, patient_id: str, one: Entered, title: str) -> Draft:
    """Keep it. Raises DraftMoved (saved on another page since), DraftEnded (sent, or thrown away), Forbidden."""
    said = {name: value for name, value in asdict(one).items() if name in _KEPT}
    body = json.dumps(said, ensure_ascii=False).encode()
    text = DraftText(body, title=title[:_WORDS], about="Communication", version=one.version, page=one.page, quiet=True)
    return await save_draft(door, permit, patient_id, one.draft, text)


async def files_of(form: FormData) -> tuple[File, ...]:
    """What was attached. Raises Invalid (of another kind, too many), TooLarge."""
    found = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    if len(found) > FILES:
        raise Invalid(f"At most {FILES} files are attached to a message.")
    return tuple([checked(str(one.filename), await one.read(LARGEST + 1)) for one in found])
