"""Tables of records as files: CSV and XLSX, in and out.

Read `sheets` (a file as rows of cells, strictly), `cells` (cells ↔ values of fields), `importing`
(rows through the records' door, with a report by row) and `exporting`.
"""
