"""Who you are: accounts, their roles, sessions and tokens."""

from samjournal.accounts.installation import Installation, create, installation
from samjournal.accounts.people import (
    Account,
    Held,
    RoleAt,
    account,
    add,
    in_role,
    list_accounts,
    logins_in,
    practitioners_of,
    roles_held,
    staff_named,
    units_of,
)
from samjournal.accounts.sessions import Session, act_for, choose_role, session_of, sign_in_demo, sign_out
from samjournal.accounts.tokens import Bearer, bearer, bearer_of, digest, for_system, for_user

__all__ = [
    "Account",
    "Bearer",
    "Held",
    "Installation",
    "RoleAt",
    "Session",
    "account",
    "act_for",
    "add",
    "bearer",
    "bearer_of",
    "choose_role",
    "create",
    "digest",
    "for_system",
    "for_user",
    "in_role",
    "installation",
    "list_accounts",
    "logins_in",
    "practitioners_of",
    "roles_held",
    "session_of",
    "sign_in_demo",
    "sign_out",
    "staff_named",
    "units_of",
]
