"""The demo region: synthetic people of Mid-Norway, the units that care for them, and the personas that sign in.

Nobody here exists: names are combined by chance, identity numbers carry month + 80, institutions are invented.
"""
