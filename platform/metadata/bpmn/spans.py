"""A document's text and where its elements stand in it, so that a change leaves all else alone.

Changes are gathered and made at once; what is inserted is ASCII, so it fits any encoding that has
ASCII in it. UTF-16 is turned into UTF-8 first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from trellis.metadata.bpmn.names import MODEL

_DECLARED = re.compile(rb"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')")
_TAG_END = re.compile(rb"""(?:[^>"']|"[^"]*"|'[^']*')*>""")
#: The order in which the standard wants what stands in a node before its inside.
_RANKS: Mapping[str, int] = {
    name: number
    for number, names in enumerate((
        ("documentation",), ("extensionElements",), ("auditing", "monitoring", "categoryValueRef"),
        ("incoming",), ("outgoing",), ("ioSpecification", "property"),
        ("dataInputAssociation", "dataOutputAssociation", "dataInput", "dataOutput", "inputSet",
         "outputSet"),
        ("resourceRole", "performer", "humanPerformer", "potentialOwner"),
        ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics"), ("definition",),
    ))
    for name in names
}  # fmt: skip


@dataclass(eq=False)
class Span:
    """An element in the text: its tag from `start` to `inner`, its last from `close` to `end`."""

    name: str
    namespace: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    parent: Span | None = None
    children: list[Span] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[Span]:
        """Yield the children of BPMN's namespace with one of the names."""
        for child in self.children:
            if child.namespace == MODEL and (not names or child.name in names):
                yield child

    def descendants(self) -> Iterator[Span]:
        """Yield the element and everything in it."""
        pending = [self]
        while pending:
            one = pending.pop()
            yield one
            pending.extend(reversed(one.children))


_ARTIFACTS = ("association", "group", "textAnnotation")
_LAST = ("resourceRole", "performer", "humanPerformer", "potentialOwner",
         "correlationSubscription", "supports")  # fmt: skip
_END = 99


#: What is replaced, from and to; its rank among what comes to the same place; what comes there.
_Edit: TypeAlias = tuple[int, int, int, bytes]


class Text:
    """A document being changed."""

    def __init__(self, document: bytes) -> None:
        self.data = _as_ascii_compatible(document)
        self.root = _spans(self.data)
        self._edits: list[_Edit] = []
        self._tags: dict[Span, bytes] = {}
        #: What comes into elements that are written `<a/>`.
        self._filled: dict[Span, list[tuple[int, bytes]]] = {}

    def changed(self) -> bytes:
        """Return the document with all changes made."""
        for span in {**self._tags, **self._filled}:
            self._edits.append((span.start, span.inner, _END, self._opened(span)))
        made: list[bytes] = []
        done = 0
        for start, end, _, text in sorted(self._edits, key=_before_what_it_holds):
            if start >= done:  # else it stands in something that is replaced
                made += [self.data[done:start], text]
                done = end
        return b"".join([*made, self.data[done:]])

    def _opened(self, span: Span) -> bytes:
        tag = self._tags.get(span, self.data[span.start : span.inner])
        inside = sorted(self._filled.get(span, ()), key=lambda one: one[0])
        if not inside:
            return tag
        name = tag[1:].split(None, 1)[0].rstrip(b"/>")
        opened = tag.removesuffix(b"/>").rstrip() + b">"
        return opened + b"".join(text for _, text in inside) + b"</" + name + b">"

    def content(self, span: Span) -> str:
        """Return the text inside an element that has no elements in it."""
        return self.data[span.inner : span.close].decode("ascii", "replace").strip()

    def remove(self, span: Span) -> None:
        """Remove an element with the blanks before it."""
        start = span.start
        while self.data[start - 1 : start] in (b" ", b"\t"):
            start -= 1
        if self.data[start - 1 : start] == b"\n":
            start -= 1
        self._edits.append((start, span.end, _END, b""))

    def swap(self, span: Span, xml: ElementTree.Element) -> None:
        """Put an element in the place of another."""
        self._edits.append((span.start, span.end, _END, _bytes(xml).strip()))

    def put_before(self, span: Span, xml: ElementTree.Element) -> None:
        """Add an element before another."""
        self._edits.append((span.start, span.start, _END, _bytes(xml).strip() + b"\n"))

    def append(self, parent: Span, xml: ElementTree.Element) -> None:
        """Add an element at the end of another."""
        self._inside(parent, parent.close, _END, xml)

    def add_to_scope(self, scope: Span, xml: ElementTree.Element) -> None:
        """Add a node, sequence flow or association where the standard wants it in a scope."""
        is_artifact = xml.tag.rpartition("}")[2] in _ARTIFACTS
        behind = _LAST if is_artifact else (*_ARTIFACTS, *_LAST)
        first = next((child.start for child in scope.all(*behind)), None) if (
            scope.name == "process" or not is_artifact) else None  # fmt: skip
        self._inside(scope, scope.close if first is None else first, _END, xml)

    def insert(self, parent: Span, xml: ElementTree.Element, kind: str) -> None:
        """Add an element to a node where the standard wants its kind."""
        rank = _RANKS[kind]
        before = [c for c in parent.all() if _RANKS.get(c.name, _END) <= rank]
        at = max((child.end for child in before), default=parent.inner)
        self._inside(parent, at, rank, xml)

    def retag(self, span: Span, name: str, attributes: Mapping[str, str | None]) -> None:
        """Give an element another name and other attributes; None removes one."""
        tag = self._tags.get(span, self.data[span.start : span.inner])
        if name != span.name:
            prefix = re.match(rb"<([^\s/>:]*:)?", tag)
            full = (prefix[1] if prefix is not None and prefix[1] else b"") + name.encode()
            tag = re.sub(rb"^<[^\s/>]+", lambda _: b"<" + full, tag)
            if span.end > span.inner:
                self._edits.append((span.close, span.end, _END, b"</" + full + b">"))
        for key, value in attributes.items():
            tag = _with_attribute(tag, key, value)
        self._tags[span] = tag

    def _inside(self, parent: Span, at: int, rank: int, xml: ElementTree.Element) -> None:
        if parent.end == parent.inner:
            self._filled.setdefault(parent, []).append((rank, _bytes(xml)))
        else:
            self._edits.append((at, at, rank, _bytes(xml)))


def _before_what_it_holds(edit: _Edit) -> tuple[int, bool, int, int]:
    """Sort by place: insertions first, in the order of the standard; then what replaces more."""
    start, end, rank, _ = edit
    return start, end > start, -end, rank


def _with_attribute(tag: bytes, key: str, value: str | None) -> bytes:
    name = re.escape(key.encode())
    found = re.search(rb"\s+" + name + rb"\s*=\s*(\"[^\"]*\"|'[^']*')", tag)
    text = b"" if value is None else _attribute(key, value)
    if found is not None:
        return tag[: found.start()] + text + tag[found.end() :]
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + text + tag[end:]


def _attribute(key: str, value: str) -> bytes:
    quoted = quoteattr(value, {"\n": "&#10;", "\t": "&#9;"})
    return f" {key}={quoted}".encode("ascii", "xmlcharrefreplace")


def _bytes(xml: ElementTree.Element) -> bytes:
    made: bytes = ElementTree.tostring(xml, encoding="us-ascii")
    return b"\n" + made


def _as_ascii_compatible(document: bytes) -> bytes:
    if document[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" not in document[:4]:
        return document
    text = document.decode("utf-16").encode()
    return _DECLARED.sub(rb'\1 encoding="UTF-8"', text)


def _spans(data: bytes) -> Span:
    parser = expat.ParserCreate(namespace_separator="\n")
    opened: list[Span] = []
    roots: list[Span] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        namespace, _, local = name.rpartition("\n")
        found = _TAG_END.match(data, at)
        inner = found.end() if found is not None else at
        made = Span(local, namespace, attributes, at, inner, parent=opened[-1] if opened else None)
        (opened[-1].children if opened else roots).append(made)
        opened.append(made)

    def end(_name: str) -> None:
        span = opened.pop()
        if data[span.inner - 2 : span.inner] == b"/>":
            span.close = span.end = span.inner
            return
        span.close = parser.CurrentByteIndex
        span.end = data.index(b">", span.close) + 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return roots[0]
