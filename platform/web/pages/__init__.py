"""The pages people work in: rendered by the server, complete without scripts.

`views` holds what templates are given; each other module serves the addresses of one concern.
"""
