"""How somebody of the staff is reached: an address that is proved by a code, and who has none. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from liveroom.actions.verify import Verifying
from liveroom.contacts import read_contact
from liveroom.errors import Refused
from liveroom.matters.parties import has_work
from liveroom.ports.matters import Matters
from liveroom.ports.people import Account, People
from liveroom.ports.reminders import Addresses, OwnAddress
from liveroom.rooms.roles import Actor, Permission, require

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the staff who is reminded, with their unit's name and how they are reached."""

    account: Account
    unit: str
    address: OwnAddress


class KeepingAddresses:
    """One's own address, and those that the office writes down for others.

    Codes are asked of the account, not of a browser: what the office wrote down is proved wherever its person signs in.
    """

    def __init__(self, addresses: Addresses, verifying: Verifying, people: People, matters: Matters) -> None:
        self._addresses = addresses
        self._verifying = verifying
        self._people = people
        self._matters = matters

    async def own(self, by: Actor) -> OwnAddress:
        return await self._addresses.of(by.id)

    async def waiting(self, by: Actor) -> bool:
        """Whether a code is on its way to this person."""
        address = await self._addresses.of(by.id)
        hint = await self._verifying.waiting_for(_device(by.id))
        return address.contact is not None and not address.proved and hint == address.contact.hint

    async def choose(self, by: Actor, written: str, network: str) -> None:
        """Another address of one's own, to which a code goes; one that is proved stays so.

        Raises `bad_contact`, `slow_down`, and `Unavailable` when the code could not be sent.
        """
        before, contact = await self._addresses.of(by.id), read_contact(written)
        if before.proved and contact == before.contact:
            return
        # First the code: whoever may have none now keeps the address that they have.
        await self._verifying.send_code(_device(by.id), network, contact.address)
        await self._addresses.put(before.at(contact))

    async def speak(self, by: Actor, language: str) -> None:
        """The language of what is sent. Raises `bad_choice`."""
        if language not in LANGUAGES:
            raise Refused("bad_choice")
        await self._addresses.put(replace(await self._addresses.of(by.id), language=language))

    async def forget(self, by: Actor) -> None:
        """Nothing is sent any more, and the address is kept no longer; the work list tells everything as before."""
        await self._addresses.put((await self._addresses.of(by.id)).at(None))

    async def send_code(self, by: Actor, network: str) -> None:
        """A code to the address that is there, also one that the office wrote down.

        Raises `not_found`, `slow_down`, `Unavailable`.
        """
        address = await self._addresses.of(by.id)
        if address.contact is None or address.proved:
            raise Refused("not_found")
        await self._verifying.send_code(_device(by.id), network, address.contact.address)

    async def confirm(self, by: Actor, code: str, site: str) -> None:
        """The code that came; from now on they are told. Raises `code_malformed`, `code_wrong`, `code_over`."""
        proved = await self._verifying.prove(_device(by.id), code)
        address = await self._addresses.of(by.id)
        if proved is None or not await self._addresses.prove(replace(address, contact=proved, site=site)):
            # The newest code was sent to another address than the one that is there now.
            raise Refused("code_over")

    async def everybody(self, by: Actor) -> list[Staff]:
        """Whoever has work, with their address or without one: those of units first, by name."""
        require(by, Permission.IMPORT)
        addresses: Mapping[str, OwnAddress] = await self._addresses.all()
        units = {unit.id: unit.name for unit in await self._matters.units()}
        found = [
            Staff(account, units.get(account.unit or "", ""), addresses.get(account.id, OwnAddress(account.id)))
            for account in await self._people.accounts()
            if has_work(account.actor)
        ]
        return sorted(found, key=lambda one: (not one.unit, one.unit, one.account.name))

    async def write_down(self, account: str, written: str, by: Actor) -> None:
        """Somebody else's address, empty for none; nothing is sent there before they prove it themselves.

        Raises `not_found`, `bad_contact`.
        """
        require(by, Permission.IMPORT)
        found = await self._people.account(account)
        if found is None or not has_work(found.actor):
            raise Refused("not_found")
        contact = read_contact(written) if written.strip() else None
        await self._addresses.put((await self._addresses.of(account)).at(contact))


def _device(account: str) -> str:
    """What codes are asked of. No browser is called so: their names hold no colon."""
    return f"staff:{account}"
