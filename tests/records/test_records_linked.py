"""What a signature covers: the same as PyLD where both read the same, and a refusal where PyLD would say nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from grader.errors import Refused
from grader.records import Issued, linked
from grader.records.proof import unsigned
from grader.records.vendored import OB3, VC2

Change = Callable[[dict[str, Any]], object]


def by_pyld(document: dict[str, Any]) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": linked._load}
    return str(jsonld.normalize(document, options)).encode()


@pytest.mark.parametrize(
    "name", ["1edtech-vector-ob.json", "1edtech-vector-clr.json", "validator-samples/credential-status-revoked.json"]
)
def test_published_credentials_are_the_same_to_pyld(name: str) -> None:
    document = unsigned(made.vector(name))
    assert linked.canonical(document) == by_pyld(document)


def test_our_badge_is_the_same_to_pyld(badge: Issued) -> None:
    document = unsigned(badge.credential)
    assert linked.canonical(document) == by_pyld(document)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-5)


@settings(max_examples=150, deadline=None)
@given(name=TEXT, tags=st.lists(TEXT, max_size=4), credits=NUMBERS, text=TEXT, repeated=st.integers(1, 4))
def test_any_values_are_the_same_to_pyld(name: str, tags: list[str], credits: float, text: str, repeated: int) -> None:
    document = unsigned(made.vector("1edtech-vector-ob.json"))
    subject = document["credentialSubject"]
    subject["achievement"] |= {"name": name, "tag": tags, "creditsAvailable": credits}
    subject["result"] = [{"type": ["Result"], "value": text}] * repeated
    assert linked.canonical(document) == by_pyld(document)


def test_the_order_of_words_and_of_sets_does_not_matter_but_each_value_does(badge: Issued) -> None:
    document = unsigned(badge.credential)
    turned = made.changed(document, lambda c: c["credentialSubject"]["result"].reverse())
    assert linked.canonical(dict(reversed(turned.items()))) == linked.canonical(document)
    marked = made.changed(document, lambda c: c["credentialSubject"]["result"][0].update(value="100"))
    assert linked.canonical(marked) != linked.canonical(document)


UNSIGNED: dict[str, Change] = {
    "a term in no context": lambda c: c.update(honours="summa cum laude"),
    "a term in no context, deep inside": lambda c: c["credentialSubject"]["result"][0].update(rank="1"),
    "a term of another kind of object": lambda c: c["evidence"][0].update(achievedLevel="x"),
    "a type that nobody defined": lambda c: c["type"].append("DiplomaOfTheUniversity"),
    "an id that is not absolute": lambda c: c["evidence"][0].update(id="record.json"),
    "an id that is a blank node's": lambda c: c["evidence"][0].update(id="_:b0"),
    "null": lambda c: c.update(validUntil=None),
    "an inline context": lambda c: c["@context"].append({"honours": "https://example.org/honours"}),
    "a context that is not shipped": lambda c: c["@context"].append("https://example.org/context.json"),
    "a context of a part's own": lambda c: c["credentialSubject"].update({"@context": [VC2, OB3]}),
    "a key written as an address": lambda c: c.update(
        {"https://www.w3.org/2018/credentials#validUntil": c.pop("validUntil")}
    ),
    "a JSON-LD keyword": lambda c: c.update({"@id": c.pop("id")}),
    "a direction": lambda c: c.update(name={"@value": "x", "@direction": "rtl"}),
    "the credential described twice": lambda c: c["credentialSubject"]["achievement"]["creator"].update(
        id=c["id"], validUntil=c.pop("validUntil")
    ),
    "a reverse property": lambda c: c.update({"@reverse": {}}),
    "an index": lambda c: c["credentialSubject"].update({"@index": "x"}),
    "an address that could close its brackets": lambda c: c["evidence"][0].update(id="https://a.example/><b>"),
    "an address with a space": lambda c: c["evidence"][0].update(id="https://a.example/ b"),
}


@pytest.mark.parametrize("change", UNSIGNED.values(), ids=UNSIGNED)
def test_what_would_not_be_signed_as_it_reads_is_refused(badge: Issued, change: Change) -> None:
    with pytest.raises(Refused):
        linked.canonical(unsigned(made.changed(badge, change)))


@pytest.mark.parametrize("change", UNSIGNED.values(), ids=UNSIGNED)
def test_a_signed_badge_to_which_it_was_added_is_not_verified(
    school: made.School, badge: Issued, change: Change
) -> None:
    found = school.verify(made.changed(badge, change))
    assert found["context"].ok is False
    assert found.verdict == "invalid"


def test_a_document_without_context_is_refused() -> None:
    with pytest.raises(Refused, match="no @context"):
        linked.canonical({"id": "urn:x:y"})


POISON: dict[str, Change] = {
    "many parts alike": lambda c: nameless(c).update(source=[wide(8), wide(8)]),
    "alike inside alike": lambda c: nameless(c).update(source=deep(6)),
    "a long list": lambda c: c["credentialSubject"]["achievement"].update(
        resultDescription=[
            {"type": ["ResultDescription"], "name": "x", "resultType": "Percent", "allowedValue": ["a"] * 9000}
        ]
    ),
    "many contexts": lambda c: c.update({"@context": c["@context"] * 10_000}),
    "many blank parts": lambda c: c.update(evidence=[{"type": ["Evidence"]} for _ in range(9000)]),
    "many keys": lambda c: c.update({f"k{number}": 1 for number in range(60_000)}),
    "long chains": lambda c: nameless(c).update(source=[chain(33)] * 150),
    "too many facts": lambda c: c["credentialSubject"]["achievement"].update(tag=[str(n) for n in range(35_000)]),
}


def nameless(credential: dict[str, Any]) -> dict[str, Any]:
    subject: dict[str, Any] = credential["credentialSubject"]
    del subject["id"]
    return subject


def wide(count: int) -> dict[str, Any]:
    return {"type": ["Profile"], "parentOrg": [{"type": ["Profile"]} for _ in range(count)]}


def chain(length: int) -> dict[str, Any]:
    return {"type": ["Profile"], "parentOrg": chain(length - 1)} if length else {"type": ["Profile"]}


def deep(levels: int) -> dict[str, Any]:
    """A tree of organisations of which nothing tells one from its siblings."""
    return {"type": ["Profile"], "parentOrg": [deep(levels - 1) for _ in range(3)]} if levels else {"type": ["Profile"]}


@pytest.mark.parametrize("change", POISON.values(), ids=POISON)
def test_a_document_made_to_take_for_ever_is_refused_soon(change: Change) -> None:
    document = unsigned(made.vector("1edtech-vector-ob.json"))
    change(document)
    began = time.process_time()
    with pytest.raises(Refused):
        linked.canonical(document)
    assert time.process_time() - began < 3


def test_threads_do_not_disturb_each_other(badge: Issued) -> None:
    documents = [unsigned(badge.credential), unsigned(made.vector("1edtech-vector-clr.json"))]
    expected = [linked.canonical(document) for document in documents]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(linked.canonical, documents * 20)) == expected * 20


def test_after_a_refusal_everything_works_as_before(badge: Issued) -> None:
    document = unsigned(badge.credential)
    before = linked.canonical(document)
    for change in UNSIGNED.values():
        with pytest.raises(Refused):
            linked.canonical(unsigned(made.changed(badge, change)))
    assert linked.canonical(document) == before
