"""SCIM 2.0: the feed of a directory of people at work (IAM). RFC 7643, RFC 7644"""

from samjournal.scim.routes import ADDRESSES, ROOT, Scim, refuse

__all__ = ["ADDRESSES", "ROOT", "Scim", "refuse"]
