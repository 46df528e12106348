"""How a flow is drawn: boxes and lines in one coordinate system, from what the author drew or from
an automatic layout. Pure values, used by BPMN files, pages and editors alike.

`model` is a drawing, `graph` what is laid out, then the stages of the automatic layout: `ranks`
(columns), `order` (rows), `places` (coordinates), `routes` (lines), joined by `layout` with
sub-processes inside out. `side_file` reads and writes `flows/<id>.layout.json`.
"""
