"""One module for each way in which messages leave; what they have in common is in `alerts/channel.py`."""
