"""The demo region: synthetic people of Mid-Norway, the units that care for them, and who can sign in.

No person here exists: names are combined by chance and numbers carry month + 80. Municipalities, hospital trusts and
hospitals bear their real names; everything in them is invented.
"""
