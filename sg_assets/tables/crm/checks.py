"""What must hold of the CRM beyond keys and types: no day of its snapshots lacks."""

from sg_assets.table_check import missing_days

account_snapshot_days = missing_days("crm.account_snapshot_day")
