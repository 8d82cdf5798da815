"""Samjournal: one health record for a whole region."""
