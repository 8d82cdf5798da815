"""The demo region: synthetic people of Mid-Norway, the units that care for them, and who can sign in.

Nobody here exists: names are combined by chance, numbers carry month + 80, institutions are invented.
"""
