"""What a change of the definitions does, for `sg-assets diff`: this checkout held against another revision.

`revision.py` reads the other revision's definitions, `changes.py` says what differs, `readers.py` who reads which
column, `report.py` what follows, `told.py` puts it in words. Everything here works on the documents of
`tables list --json --full`, which is all that is known of another revision; nothing runs, and no warehouse is asked.
"""
