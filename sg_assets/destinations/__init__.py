"""Destinations: one module per outside system that we write to, found by being here.

A module has one `Destination` (see `destination.py`); it may use the source of the same system, and no other.
"""
