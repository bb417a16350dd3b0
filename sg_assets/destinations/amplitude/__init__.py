"""Amplitude, written to: events go to its two projects every hour, each once, by the batch API.

What is sent is `amplitude.event_export`; that no e-mail address leaves is looked at here once more. Events are told
apart by their `insert_id`, by which Amplitude drops what it had from the same device within the last seven days: so a
batch may be sent again, and events that happened longer ago are left alone. What was sent cannot be changed there.
Protocol: https://amplitude.com/docs/apis/analytics/batch-event-upload
"""

from sg_assets.destinations.amplitude.events import connect, rule, to_amplitude

__all__ = ["connect", "rule", "to_amplitude"]
