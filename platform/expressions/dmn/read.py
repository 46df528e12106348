"""DMN XML → model: every mistake of a file at once, with its place."""

from __future__ import annotations

from trellis.expressions.dmn import model as m
from trellis.expressions.dmn.boxed import BoxedReader, inner_text, parameters, type_name
from trellis.problems import Problem, ProblemsFoundError
from trellis.xml_source import Element, read_xml

#: The namespaces of the versions of the standard that are read.
VERSIONS = {
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
}
#: Elements that say something to people and change no value.
_SILENT = frozenset(
    ("extensionElements", "description", "import", "itemDefinition", "textAnnotation",
     "association", "group", "elementCollection", "knowledgeSource", "performanceIndicator",
     "organizationUnit", "businessContextElement")
)  # fmt: skip


def read_model(data: bytes, *, file: str) -> m.Model:
    """Return the model of a file; raise ProblemsFoundError with everything wrong in it."""
    root = read_xml(data, file=file)
    if root.name != "definitions" or root.namespace not in VERSIONS:
        known = ", ".join(sorted(VERSIONS.values()))
        raise ProblemsFoundError(
            [Problem(root.location, "DMN001", f"`{root.name}` in `{root.namespace}` is no DMN "
                     "model that is read here", f"versions {known} are read")]
        )  # fmt: skip
    reader = _Reader(root)
    found = reader.model(file)
    if reader.boxed.problems:
        raise ProblemsFoundError(reader.boxed.problems)
    return found


class _Reader:
    """Reads one file."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.namespace = root.get("namespace") or ""
        self.boxed = BoxedReader()

    def model(self, file: str) -> m.Model:
        """Return the file's model."""
        nodes: dict[str, m.Node] = {}
        for child in self.root.all():
            if child.name in _NODES:
                made = _NODES[child.name](self, child)
                if made.key[1] in nodes:
                    self.boxed.refuse(child, f"the id `{made.key[1]}` stands twice")
                nodes[made.key[1]] = made
            elif child.name not in _SILENT:
                self.boxed.refuse(child, f"`{child.name}` is not known here")
        items = tuple(self.item(child) for child in self.root.all("itemDefinition"))
        imports = tuple(
            m.Import(child.get("name") or "", child.get("namespace") or "", child.location)
            for child in self.root.all("import")
            if "DMN" in (child.get("importType") or "DMN")
        )
        return m.Model(self.namespace, self.root.get("name") or file, file, imports, items, nodes,
                       tuple(self.boxed.notes))  # fmt: skip

    def item(self, element: Element) -> m.ItemDefinition:
        """Return a type."""
        of = element.find("typeRef")
        function = element.find("functionItem")
        return m.ItemDefinition(
            element.get("name") or "",
            element.location,
            None if of is None else of.text.strip().rpartition(":")[2] or None,
            element.get("isCollection") == "true",
            tuple(self.item(child) for child in element.all("itemComponent")),
            inner_text(element.find("allowedValues")),
            inner_text(element.find("typeConstraint")),
            None if function is None else _function_item(function),
        )

    def input(self, element: Element) -> m.Node:
        """Return input data."""
        return m.InputData(
            self.key(element), self.name(element), element.location, self.type_of(element)
        )

    def decision(self, element: Element) -> m.Node:
        """Return a decision."""
        name = self.name(element)
        return m.Decision(
            self.key(element), name, element.location,
            self.boxed.inside(element, f"the decision `{name}`"), self.type_of(element),
            self.requirements(element),
        )  # fmt: skip

    def knowledge(self, element: Element) -> m.Node:
        """Return a business knowledge model."""
        name = self.name(element)
        inner = element.find("encapsulatedLogic")
        if inner is None:
            logic: m.Boxed = self.boxed.not_executed(element, f"`{name}` has no logic")
        else:
            logic = self.boxed.function(inner)
        return m.KnowledgeModel(self.key(element), name, element.location, logic,
                                self.type_of(element), self.requirements(element))  # fmt: skip

    def service(self, element: Element) -> m.Node:
        """Return a decision service."""
        return m.Service(
            self.key(element),
            self.name(element),
            element.location,
            self.hrefs(element, "outputDecision"),
            self.hrefs(element, "encapsulatedDecision"),
            self.hrefs(element, "inputDecision"),
            self.hrefs(element, "inputData"),
            self.type_of(element),
        )

    def key(self, element: Element) -> m.Key:
        """Return an element's identity."""
        return self.namespace, element.get("id") or self.name(element)

    def name(self, element: Element) -> str:
        """Return an element's name."""
        found = element.get("name")
        if not found:
            self.boxed.refuse(element, f"`{element.name}` has no name")
        return " ".join((found or "").split())

    def type_of(self, element: Element) -> str | None:
        """Return the type of an element's variable."""
        variable = element.find("variable")
        return type_name(variable if variable is not None else element)

    def requirements(self, element: Element) -> tuple[m.Key, ...]:
        """Return what a decision or a knowledge model requires; authorities decide nothing."""
        found: list[m.Key] = []
        for child in element.all("informationRequirement", "knowledgeRequirement"):
            found += self.hrefs(child, "requiredDecision", "requiredInput", "requiredKnowledge")
        return tuple(found)

    def hrefs(self, element: Element, *names: str) -> tuple[m.Key, ...]:
        """Return the elements that children of the names refer to."""
        found = []
        for child in element.all(*names):
            namespace, _, identity = (child.get("href") or "").rpartition("#")
            if not identity:
                self.boxed.refuse(child, f"`{child.name}` refers to nothing", 'write href="#id"')
                continue
            found.append((namespace or self.namespace, identity))
        return tuple(found)


def _function_item(element: Element) -> tuple[tuple[m.Parameter, ...], str | None]:
    inner = [m.Parameter(child.get("name") or "", type_name(child))
             for child in element.all("parameters")]  # fmt: skip
    return tuple(inner) or parameters(element), element.get("outputTypeRef")


_NODES = {
    "inputData": _Reader.input, "decision": _Reader.decision,
    "businessKnowledgeModel": _Reader.knowledge, "decisionService": _Reader.service,
}  # fmt: skip
