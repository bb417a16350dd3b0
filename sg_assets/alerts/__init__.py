"""Delivery of what was decided to be told: the channels, who is told where, and the watchdog that sends.

What an incident is, and what a message says, is decided in `freshness/incidents.py` (by the watch) and in `problems.py`
(by the watchdog, about the watch and Dagster); between deciding and sending lies the outbox.
"""
