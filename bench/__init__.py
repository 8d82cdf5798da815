"""Measures the running program. `make bench` prints the figures with the machine they were made on."""
