"""The program: settings, composition, command line, health and metrics. `cli.py` is where it begins."""
