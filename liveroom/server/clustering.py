"""The clusters of one session's undecided questions, worked out beside everything else. Knows no channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from liveroom.actions.attend import Attending
from liveroom.qa.clusters import Cluster, clusters
from liveroom.qa.question import WAITING_STATES


class Clustering:
    """Looks when it is told to; works only when the undecided questions are others than before."""

    def __init__(self, attending: Attending, session: str) -> None:
        self._attending = attending
        self._session = session
        self._waiting: Mapping[str, str] = {}
        self.found: Sequence[Cluster] = []

    async def look(self) -> bool:
        """Whether `found` is another than before."""
        sitting = await self._attending.sitting(self._session)
        # A flood is held by the shield: then clusters are needed most. Whoever cries for help is looked at alone.
        waiting = {
            q.id: q.text for q in sitting.queue.questions.values() if q.state in WAITING_STATES and not q.escalated
        }
        if waiting == self._waiting:
            return False
        # A tenth of a second for two thousand: the loop goes on meanwhile.
        found = await asyncio.to_thread(clusters, waiting)
        self._waiting = waiting
        changed, self.found = found != self.found, found
        return changed
