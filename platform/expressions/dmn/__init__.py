"""Decision models of DMN 1.2–1.6 files, run as they are: `load(paths).evaluate(decision, inputs)`.

`read` and `boxed` make a `model` from XML, `linked` resolves what it refers to and compiles its
texts, `item_types` are its types, `tables` its decision tables, `run` evaluates. Read them in that
order. `write` makes a file from a decision table of ours. The XML comes through `xml_source`, which
refuses document types and what is too deep or too large.
"""

from trellis.expressions.dmn.load import Answer, DecisionModel, load, load_texts

__all__ = ["Answer", "DecisionModel", "load", "load_texts"]
