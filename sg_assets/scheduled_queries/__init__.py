"""Other people's scheduled queries: whose they are and who reads what they write, and how one becomes a table of ours.

How they are read from BigQuery is in `sources/scheduled_queries`; what people type is in `cli_scheduled_queries.py`.
"""
