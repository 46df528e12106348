"""What a form's conditions, defaults and formulas need to be evaluated in the browser.

`reach` tells which expressions the browser can know and what they read, `rules` writes a form's
expressions down for the script that evaluates them (`web/islands/form`), `needs` names the values
that go with them. An expression that reads what the person may not see, or what only the engine
can follow, stays with the server. Read them in that order.
"""
