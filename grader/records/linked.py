"""The canonical N-Quads of a JSON-LD document (RDFC-1.0), which is what an `eddsa-rdfc-2022` proof signs.

A JSON-LD processor leaves whatever it does not understand out of the signature without a word: a key in no context, a
type nobody defined, a relative id. Here each of them is refused, and so is all that could hide a fact from a reader
of the JSON while the signature stays whole (a key written as an IRI, a keyword, a node said twice). Documents may name
only the contexts that this package ships, so nothing is ever fetched.

PyLD expands; the step from there to RDF is ours because it is the place to be strict, and because PyLD's is slow.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from grader.errors import Refused
from grader.records import vendored

Json = Mapping[str, Any]

MAX_QUADS = 30_000
_MAX_REMEMBERED = 2_000
_MAX_ALIKE = 6
_MAX_CONTEXTS = 10
_MAX_LIST = 100
_MAX_STEPS = 5_000

_BASE = "relative://to.nothing/"
"""PyLD makes relative ids and unknown types absolute with this, so that they can be told."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_VALUE_KEYWORDS = frozenset({"@value", "@type", "@language"})


def canonical(document: Json) -> bytes:
    """The document's RDF dataset in canonical N-Quads, UTF-8 (W3C RDF Dataset Canonicalization, RDFC-1.0).

    Raises:
        Refused: part of the document would not be signed, or it takes too much work.
    """
    if "@context" not in document:
        raise Refused("it has no @context")
    _screen(document, "")
    return _canonical_quads(_expand(document), document.get("id"))


def _screen(value: Any, where: str) -> None:
    """Refuse what JSON-LD would drop, or would read differently from a reader of the JSON."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            _screen(item, f"{where}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "@context":
                if where and "VerifiableCredential" not in value.get("type", ()):
                    raise Refused("only a whole credential may name contexts", where=where)
                _screen_context(item, where)
                continue
            if ":" in key or (key.startswith("@") and key not in _VALUE_KEYWORDS):
                raise Refused(f"the key {key!r} hides what it means", where=where)
            _screen(item, f"{where}.{key}" if where else key)
    elif value is None:
        raise Refused("null is signed as nothing at all", where=where)


def _screen_context(value: Any, where: str) -> None:
    names = value if isinstance(value, list) else [value]
    if len(names) > _MAX_CONTEXTS:
        raise Refused("it names too many contexts", where=where)
    for name in names:
        if not isinstance(name, str):
            raise Refused("an inline @context can give words another meaning", where=where)
        if name not in vendored.CONTEXTS:
            raise Refused(f"the context {name} is not one this verifier knows", where=where)


class _Resolver(ContextResolver):  # type: ignore[misc]
    """Keeps each of our contexts once, where PyLD turns every scoped one into text to look it up."""

    def __init__(self) -> None:
        super().__init__({}, _load)
        self._known: dict[int, tuple[Any, list[Any]]] = {}

    def resolve(self, active_ctx: Any, context: Any, base: str, cycles: Any = None) -> list[Any]:
        if not isinstance(context, Mapping) or "@context" in context:
            return list(super().resolve(active_ctx, context, base, cycles))
        if id(context) not in self._known:
            self._known[id(context)] = (context, super().resolve(active_ctx, context, base, cycles))
        return self._known[id(context)][1]


class _Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]
    """PyLD with a memory: processing the same contexts again for each object takes most of its time."""

    def __init__(self) -> None:
        super().__init__(on_property_dropped=self._note)
        self.dropped: list[str] = []
        self._options = {"documentLoader": _load, "contextResolver": _Resolver(), "base": _BASE}
        self._memory: dict[Any, tuple[Any, Any, Any]] = {}

    def __call__(self, document: Json) -> list[Any]:
        self.dropped.clear()
        return list(self.expand(document, self._options))

    def _note(self, name: object) -> None:
        self.dropped.append(str(name))

    def _process_context(self, active_ctx: Any, local_ctx: Any, options: Any, *more: Any, **named: Any) -> Any:
        # Contexts are only ever ours and live as long as the process, so an object's identity stands for its content;
        # the addresses in a document are text and stand for themselves.
        what = tuple(local_ctx) if _is_addresses(local_ctx) else (id(local_ctx),)
        key = (id(active_ctx), what, more, tuple(sorted((k, v) for k, v in named.items() if k != "cycles")))
        if more or named.get("cycles"):
            return super()._process_context(active_ctx, local_ctx, options, *more, **named)
        if key not in self._memory:
            made = super()._process_context(active_ctx, local_ctx, options, **named)
            if len(self._memory) >= _MAX_REMEMBERED:
                self._memory.clear()
            self._memory[key] = (active_ctx, local_ctx, made)  # held, so that no other object gets their identity
        return self._memory[key][2]


def _is_addresses(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _load(url: str, _options: Any = None) -> dict[str, Any]:
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": vendored.context(url),
        "contentType": "application/ld+json",
    }


_local = threading.local()  # PyLD's memory may not be shared by threads


def _expand(document: Json) -> list[Any]:
    processor: _Processor | None = getattr(_local, "processor", None)
    if processor is None:
        processor = _local.processor = _Processor()
    try:
        expanded = processor(document)
    except jsonld.JsonLdError as error:
        del _local.processor
        raise Refused(f"it is not JSON-LD: {_reason(error)}") from error
    except (RecursionError, TypeError, ValueError, KeyError, AttributeError) as error:
        del _local.processor
        raise Refused("it is not JSON-LD") from error
    if processor.dropped:
        raise Refused(f"{', '.join(sorted(set(processor.dropped)))} is in no context and would not be signed")
    return expanded


def _reason(error: BaseException) -> str:
    text = str(error).split("\n", 1)[0].split(";")[-1].strip(" .")
    return text[:200] or type(error).__name__


class _Quads:
    """Turns expanded JSON-LD into RDF and keeps what it finds; blank nodes are numbered as they come."""

    def __init__(self, root: object) -> None:
        self.graphs: dict[str, dict[tuple[str, ...], None]] = {"@default": {}}
        self._root = root
        self._blank = 0
        self._count = 0

    def node(self, node: dict[str, Any], graph: str, *, top: bool = False) -> str:
        """Add a node object's properties to a graph; its IRI or blank node."""
        name = self._name(node, top)
        for key, values in node.items():
            if key == "@id":
                continue
            if key == "@type":
                for kind in values:
                    self._add(graph, name, f"{_RDF}type", ("IRI", _iri(kind, "the type")))
                continue
            _iri(key, "the key")
            for value in values:
                self._add(graph, name, key, self._object(value, graph))
        return name

    def _name(self, node: dict[str, Any], top: bool) -> str:
        if "@id" not in node:
            return self._new_blank()
        name = _iri(node["@id"], "the id")
        if name == self._root and not top and len(node) > 1:
            raise Refused(f"{name} is described twice")
        return name

    def _new_blank(self) -> str:
        self._blank += 1
        return f"_:b{self._blank}"

    def _object(self, value: Any, graph: str) -> tuple[str, ...]:
        if "@value" in value:
            return _literal(value)
        if "@graph" in value:
            if set(value) != {"@graph"}:
                raise Refused("a named graph cannot be signed here")
            inner = self._new_blank()
            for node in value["@graph"]:
                self.node(node, inner, top=True)
            return ("blank node", inner)
        if "@list" in value:
            return self._list(value, graph)
        name = self.node(value, graph)
        return ("blank node" if name.startswith("_:") else "IRI", name)

    def _list(self, value: dict[str, Any], graph: str) -> tuple[str, ...]:
        if set(value) != {"@list"} or len(value["@list"]) > _MAX_LIST:
            raise Refused("a list is too long, or has parts that would not be signed")
        rest = ("IRI", f"{_RDF}nil")
        for item in reversed(value["@list"]):
            link = self._new_blank()
            self._add(graph, link, f"{_RDF}first", self._object(item, graph))
            self._add(graph, link, f"{_RDF}rest", rest)
            rest = ("blank node", link)
        return rest

    def _add(self, graph: str, subject: str, predicate: str, object: tuple[str, ...]) -> None:
        self._count += 1
        if self._count > MAX_QUADS:
            raise Refused("it has too many facts")
        self.graphs.setdefault(graph, {})[(subject, predicate, *object)] = None

    def dataset(self) -> dict[str, list[dict[str, Any]]]:
        """What PyLD's canonicalisation takes."""
        return {graph: [_triple(*quad) for quad in quads] for graph, quads in self.graphs.items()}


def _triple(subject: str, predicate: str, kind: str, value: str, *literal: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "subject": {"type": "blank node" if subject.startswith("_:") else "IRI", "value": subject},
        "predicate": {"type": "IRI", "value": predicate},
        "object": {"type": kind, "value": value},
    }
    if literal:
        made["object"]["datatype"] = literal[0]
        if len(literal) > 1:
            made["object"]["language"] = literal[1]
    return made


def _literal(item: dict[str, Any]) -> tuple[str, ...]:
    value = item["@value"]
    if set(item) - _VALUE_KEYWORDS or not isinstance(value, (str, bool, int, float)):
        raise Refused("a value has parts that would not be signed")
    if "@language" in item:
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(item["@language"]):
            raise Refused("a language is not one")
        return ("literal", value, f"{_RDF}langString", item["@language"])
    text, natural = _lexical(value, item.get("@type"))
    return ("literal", text, _iri(item.get("@type", natural), "the type of a value"))


def _lexical(value: str | float, datatype: str | None) -> tuple[str, str]:
    """A value's text and the type it has by nature (JSON-LD 1.1 API, 8.2)."""
    if isinstance(value, bool):
        return ("true" if value else "false"), f"{_XSD}boolean"
    if isinstance(value, str):
        return value, f"{_XSD}string"
    whole = float(value).is_integer() and abs(value) < 1e21
    if whole and datatype != f"{_XSD}double":
        return str(int(value)), f"{_XSD}integer"
    return re.sub(r"(\d)0*E\+?(-)?0*(\d)", r"\1E\2\3", f"{value:1.15E}"), f"{_XSD}double"


def _iri(text: Any, what: str) -> str:
    if not isinstance(text, str) or not _IRI.fullmatch(text) or text.startswith(_BASE[:12]):
        raise Refused(
            f"{what} {str(text).removeprefix(_BASE)[:100]!r} is not defined, or not absolute, and would not be signed"
        )
    return text


class _Bounded(URDNA2015):  # type: ignore[misc]
    """RDFC-1.0 that gives up on graphs made to take for ever: parts that are alike are tried in every order."""

    _steps = 0

    def create_hash_to_related(self, id_: str, issuer: Any) -> dict[str, list[str]]:
        self._steps += 1
        found: dict[str, list[str]] = super().create_hash_to_related(id_, issuer)
        if self._steps > _MAX_STEPS or any(len(set(alike)) > _MAX_ALIKE for alike in found.values()):
            raise Refused("too many of its parts are alike to tell them apart")
        return found


def _canonical_quads(expanded: list[Any], root: object) -> bytes:
    quads = _Quads(root)
    for node in expanded:
        quads.node(node, "@default", top=True)
    try:
        text: str = _Bounded().main(quads.dataset(), {"format": "application/n-quads"})
    except RecursionError:
        raise Refused("its parts are linked too deeply") from None
    if not text:
        raise Refused("it says nothing")
    return text.encode()
