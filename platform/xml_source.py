"""XML from strangers: a plain tree whose elements know their place, within limits.

Read by expat's events, so that nothing is kept that the limits refuse: no document type (and so no
entities and nothing fetched from elsewhere), depth, number of elements, size of texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from trellis.problems import Location, Problem, ProblemsFoundError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 60_000
MAX_ATTRIBUTES = 64
#: Characters of all texts together.
MAX_TEXT = 4_000_000
_SEPARATOR = "\n"


@dataclass(eq=False)
class Element:
    """An element: its local name, namespace, attributes without a namespace, children and text.

    Attributes of foreign namespaces are kept under `{namespace}name`.
    """

    name: str
    namespace: str
    attributes: dict[str, str]
    location: Location
    children: list[Element] = field(default_factory=list)
    text: str = ""
    #: Where the text begins.
    text_location: Location | None = None

    def get(self, name: str) -> str | None:
        """Return an attribute, None when it is not there."""
        return self.attributes.get(name)

    def find(self, name: str) -> Element | None:
        """Return the first child of a name in the element's own namespace."""
        return next(self.all(name), None)

    def all(self, *names: str) -> Iterator[Element]:
        """Yield the children of the names in the element's own namespace, in their order."""
        for child in self.children:
            if child.namespace == self.namespace and (not names or child.name in names):
                yield child

    def descendants(self) -> Iterator[Element]:
        """Yield the element and everything below it, in the order of the document."""
        pending = [self]
        while pending:
            current = pending.pop()
            yield current
            pending.extend(reversed(current.children))


def read_xml(data: bytes, *, file: str) -> Element:
    """Return the root of a document; raise ProblemsFoundError naming what is refused, and where."""
    if len(data) > MAX_BYTES:
        size = MAX_BYTES // 1024 // 1024
        raise _refused(file, 0, 0, "XML002", f"the file is larger than {size} MiB", None)
    reader = _Reader(file)
    try:
        reader.parser.Parse(data, True)
    except ProblemsFoundError:
        raise
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        raise _refused(file, error.lineno, error.offset + 1, "XML001",
                       f"the file is no well-formed XML: {message}",
                       "save it again from the tool that made it") from None  # fmt: skip
    except (LookupError, UnicodeError, ValueError):
        # What pyexpat raises for encodings that it cannot read byte by byte.
        raise _refused(file, 1, 1, "XML003", "the file's encoding is not known",
                       "save it as UTF-8") from None  # fmt: skip
    if reader.root is None:
        raise _refused(file, 0, 0, "XML001", "the file has no element", None)
    return reader.root


def _refused(
    file: str, line: int, column: int, code: str, message: str, how: str | None
) -> ProblemsFoundError:
    return ProblemsFoundError([Problem(Location(file, line, column), code, message, how)])


class _Reader:
    """Builds the tree from expat's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Element | None = None
        self._open: list[Element] = []
        self._pieces: list[list[str]] = []
        self._count = 0
        self._size = 0
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        # Unbuffered: a text's first piece is reported where it begins.
        parser.buffer_text = False
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self.parser = parser

    def _stop(self, code: str, message: str, how: str | None = None) -> ProblemsFoundError:
        parser = self.parser
        return _refused(
            self.file, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, code, message, how
        )

    def _doctype(self, name: str, _system: str | None, _public: str | None, _inner: bool) -> None:
        raise self._stop("XML004", f"`<!DOCTYPE {name}` is not read here: it can name other files "
                         "and define entities", "remove the line")  # fmt: skip

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise self._stop("XML002", f"the file has more than {MAX_ELEMENTS} elements")
        if len(self._open) >= MAX_DEPTH:
            raise self._stop("XML002", f"elements are nested deeper than {MAX_DEPTH}")
        if len(attributes) > MAX_ATTRIBUTES:
            raise self._stop("XML002", f"an element has more than {MAX_ATTRIBUTES} attributes")
        namespace, _, local = name.rpartition(_SEPARATOR)
        made = Element(local, namespace, {_key(key): text for key, text in attributes.items()},
                       self._here())  # fmt: skip
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)
        self._pieces.append([])

    def _end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._pieces.pop())

    def _characters(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise self._stop("XML002", f"the file's texts have more than {MAX_TEXT} characters")
        element = self._open[-1]
        if element.text_location is None:
            element.text_location = self._here()
        self._pieces[-1].append(text)

    def _here(self) -> Location:
        return Location(
            self.file, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        )


def _key(name: str) -> str:
    namespace, _, local = name.rpartition(_SEPARATOR)
    return f"{{{namespace}}}{local}" if namespace else local
