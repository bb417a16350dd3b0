"""One module per outside system: the shape of its rows, who owns it, its promise, and how it is fetched.

Every module here is found by itself; nothing is registered. A module has one `Source` and one decorated function per
raw table.
"""
