"""What messages of several kinds say alike, as words: medicines, results, and all that has no place of its own.

diagnosis_of(element) -> Coded                  with what is said of it closer
item_words(element) -> str                      clinical information (InfItem), whatever form it was sent in
medicine(element), result(element) -> str       one line each
rest_of(body, placed) -> str                    what was written beside what lies at some paths
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from samjournal.exchange.readable import as_text, parts_of, words_of
from samjournal.exchange.xml import Coded, Element, child, children, coded, text


def diagnosis_of(element: Element) -> Coded:
    """A diagnosis with what is said of it closer (`Modifier`) among its words."""
    concept = coded(element, "Concept")
    more = [coded(one).shown for one in children(element, "Modifier/Value")]
    if not more:
        return concept
    return Coded(concept.code, concept.system, ", ".join((concept.shown, *more)), concept.words)


def item_words(item: Element) -> str:
    """One piece of clinical information as words, whatever form it was sent in."""
    told = [medicine(each) for each in children(item, "Medication")]
    told += [result(each) for each in children(item, "ResultItem")]
    for each in children(item, "Observation"):
        for part in ("Description", "Comment"):
            told += [words_of(found) for found in children(each, part)]
    dates = [text(item, part) for part in ("StartDateTime", "EndDateTime", "OrgDate")]
    when = " – ".join(one[:10] for one in dates if one)
    return "\n".join(filter(None, (*told, when)))


def medicine(element: Element) -> str:
    """A medicine as it was written: name, strength, dose, how it is used, and for how long."""
    drug = coded(element, "DrugId")
    code = f"({drug.code})" if drug.code and drug.shown != drug.code else ""
    name = " ".join(filter(None, (drug.shown, code, _amount(element, "UnitDose"))))
    used = [text(element, "DosageText"), coded(element, "Status").name]
    for part in ("DosageCoded", "Form", "RouteOfAdm"):
        used.append(coded(element, part).shown)
    for words, part in (("varighet", "IntendedDuration"), ("mengde", "QuantitySupplied")):
        amount = _amount(element, part)
        used.append(f"{words} {amount}" if amount else "")
    return ", ".join(filter(None, (name, *used, text(element, "Comment"))))


def _amount(element: Element, path: str) -> str:
    found = child(element, path)
    return "" if found is None else " ".join(filter(None, (found.get("V", ""), found.get("U", ""))))


def result(element: Element) -> str:
    """A result as it was written: what was examined, what came of it, when."""
    examined = [coded(one).shown for one in (*children(element, "ClinInv/Id"), *children(element, "ClinInv/Spec"))]
    answers: list[str] = []
    for one in children(element, "NumResult"):
        answers.append(f"{coded(one, 'ArithmeticComp').shown} {_amount(one, 'NumResultValue')}".strip())
    for one in children(element, "Interval"):
        answers.append(f"{_amount(one, 'Low')} – {_amount(one, 'High')}")
    answers += [text(one, "DateResultValue") for one in children(element, "DateResult")]
    for one in children(element, "TextResult/Result"):
        told = (coded(one, "Heading").shown, *(words_of(each) for each in children(one, "TextResultValue")))
        answers.append(" ".join(filter(None, (*told, *(coded(each).shown for each in children(one, "TextCode"))))))
    deviates = coded(element, "DevResultInd").shown
    more = [f"({deviates})" if deviates else "", text(element, "InvDate")[:10], text(element, "Comment")]
    more += [coded(one, "Concept").shown for one in children(element, "DiagComment")]
    return f"{', '.join(filter(None, examined))}: {' '.join(filter(None, (*answers, *more)))}".strip()


def rest_of(body: Element | None, placed: Sequence[str]) -> str:
    """What a message says beside what lies at some paths, part by part, as plain text."""
    if body is None:
        return ""
    left = deepcopy(body)
    for path in placed:
        for one in list(children(left, path)):
            holder = one.getparent()
            if holder is not None:
                holder.remove(one)
    return as_text(parts_of(left))
