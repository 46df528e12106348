"""Turns definitions into forms, records and lists as people see them.

Pure: it knows the catalog, the reader (language, zone) and values; it neither asks a database
nor knows HTTP. What a shape (object, form, language) needs is compiled once into closures that
join ready pieces of HTML, because a page of fifty records must not decide fifty times.

Read `audience` (who reads), `formats` (a value as HTML), `layout` (which fields where),
`widgets` and `form_page` (a form), `record_page` (a record), `list_page` (a list), then
`posted` (what a form sent back) and `filter_bar` (a list's filters to and from the address).
"""
