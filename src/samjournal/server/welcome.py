"""What a person sees who starts the server: where it is and whom to sign in as."""

from __future__ import annotations

import sys
from pathlib import Path


def tell(text: str) -> None:
    """One line to the person at the terminal. A closed terminal is no reason to stop."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        return


def show(address: str, *, demo: bool, log: Path | None) -> None:
    """The addresses, and for a demo the people in it."""
    tell("")
    tell("Samjournal is ready.")
    tell(f"  Workspace (staff)   {address}/workspace")
    tell(f"  Portal (citizens)   {address}/portal")
    tell(f"  FHIR R4             {address}/fhir/metadata")
    if demo:
        tell(f"  Sandbox (programs)  {address}/sandbox")
        _show_people()
    if log:
        tell(f"  Log                 {log}")
    tell("Ctrl-C stops it.")


def _show_people() -> None:
    from samjournal.demo.personas import PERSONAS

    tell("Sign in as one of these (all people are invented, no password):")
    width = max(len(persona.login) for persona in PERSONAS)
    for persona in PERSONAS:
        units = "; ".join(role.unit_name for role in persona.roles if role.unit_name)
        title = persona.title_en[:1].lower() + persona.title_en[1:]
        tell(f"  {persona.login:<{width}}  {persona.name}, {title}{f' ({units})' if units else ''}")
