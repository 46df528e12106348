"""BPMN 2.0 files ⇄ flows as they stand in YAML; text and values only, nothing is run or stored.

In between stands `model`: what BPMN says about a process, whoever wrote the file. `compose` makes
a model of a flow's mapping and `write` makes XML of a model; `find` makes a model of XML and
`mean` a mapping of a model. What only we know travels as one JSON text in each element (`told`);
a fact that BPMN also says counts as BPMN says it, when somebody changed it there. Files of others
pass `normal` on the way; what they say and flows cannot is kept: `patch` edits the document that a
flow came from instead of writing a new one. `files` is the way in and out for the rest of the
platform. Read `names`, `model`, then in the order above.
"""
