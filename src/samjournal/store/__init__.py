"""The raw record: versions, what search needs of the newest, the change feed. Imported by `record` alone."""
