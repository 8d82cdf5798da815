"""Sending to many addresses over one connection, which is made anew when it broke.

    await Outbound(place).send(address, data) -> int        the outcome; raises Lost, Denied

RabbitMQ 3 says *accepted* also to what is sent to `/amq/queue/NAME` where there is no such queue, and drops it. So an
address is asked for first: a link that would receive from it, without credit, is refused where there is nothing.
"""

from __future__ import annotations

import asyncio

from samjournal.exchange.wire.connection import Connection, Denied, Place, connected
from samjournal.exchange.wire.links import Lost, Sender


class Outbound:
    """Links that send, by address."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: Connection | None = None
        self._links: dict[str, Sender] = {}
        self._making = asyncio.Lock()

    async def send(self, address: str, data: bytes) -> int:
        """Send one message. After Lost nobody knows whether it arrived."""
        link = await self._link(address)
        try:
            async with asyncio.timeout(self._place.patience):
                return await link.send(data)
        except TimeoutError:
            raise Lost(f"The broker did not answer within {self._place.patience:.0f} seconds.") from None

    async def close(self) -> None:
        """Leave; the next that is sent connects anew."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = None
        self._links.clear()

    async def _link(self, address: str) -> Sender:
        async with self._making:
            known = self._links.get(address)
            if known is not None and known.failed is None:
                return known
            if self._connection is None or self._connection.lost.is_set():
                await self.close()
                self._connection = await self._connected()
            await self._prove(address)
            link = self._links[address] = await self._connection.sender(address)
            return link

    async def _prove(self, address: str) -> None:
        connection = await self._connected()
        try:
            await connection.receiver(address, 0)
        except Denied as error:
            # That we may not read from it says nothing of whether it is there.
            if "not-found" in str(error):
                raise
        finally:
            await connection.close()

    async def _connected(self) -> Connection:
        """A broker that does not let us in says nothing about an address: that is the operator's to mend."""
        try:
            return await connected(self._place)
        except Denied as error:
            raise Lost(str(error)) from None
