"""A program that owns a data folder and runs its PostgreSQL until it is told to stop: what the drills kill.

python keeper.py FOLDER        prints "ready PID" when PostgreSQL answers, and ends cleanly on SIGTERM
"""

import asyncio
import signal
import sys
from pathlib import Path

from samjournal.db.postgres import CannotStart, running


async def main(folder: Path) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        async with running(folder, purpose="serve") as postgres:
            print("ready", postgres.pid, flush=True)
            await stopping.wait()
    except CannotStart as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
