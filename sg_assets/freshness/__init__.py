"""Whether tables are up to date, and what to do about it: the part this project exists for."""
