"""The analytics platform of one company as a Dagster asset graph whose freshness is true."""
