"""Where the program begins: Ctrl-C works from here on, also while modules are imported."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    # Python tells of Ctrl-C by an exception, which is lost where it meets a callback of the import system.
    # Nothing has begun yet, so the system may end the program; the event loop takes over in `cli`.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from samjournal.server.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
