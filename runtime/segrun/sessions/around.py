"""What sessions have in common that hand each batch on to another one."""

from __future__ import annotations

from segrun.card import ModelCard
from segrun.sessions import Session


class SessionAround:
    """All of a ``Session`` but its ``run``, as another one has it.

    Args:
        session: does the work; owned from now on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.engine: str = session.engine
        self.reason: str = session.reason
        self.card: ModelCard = session.card
        self.batch: int = session.batch
        self.threads: int = session.threads

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked; see ``Session.notes``."""
        return self._session.notes

    def close(self) -> None:
        """Free the engine."""
        self._session.close()
