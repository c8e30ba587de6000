"""What handlers find in the application: one typed key each. Knows no handler."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from liveroom.actions.ask import Asking
from liveroom.actions.attach import Attaching
from liveroom.actions.attend import Attending
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.claim import Claiming
from liveroom.actions.conclude import Concluding
from liveroom.actions.confirm import Confirming
from liveroom.actions.erase import Erasing
from liveroom.actions.follow import Following
from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.importing import Importing
from liveroom.actions.keep_addresses import KeepingAddresses
from liveroom.actions.keep_words import KeepingWords
from liveroom.actions.many_matters import ManyMatters
from liveroom.actions.moderate import Moderating
from liveroom.actions.open_book import OpenBook
from liveroom.actions.play_back import PlayingBack
from liveroom.actions.purge import Purging
from liveroom.actions.reach import Reaching
from liveroom.actions.recall import Recalling
from liveroom.actions.remind import Reminding
from liveroom.actions.screen import Screening
from liveroom.actions.tell import Telling
from liveroom.actions.tell_programs import TellingPrograms
from liveroom.actions.verify import Verifying
from liveroom.actions.work_off import WorkingOff
from liveroom.clock import Clock
from liveroom.ports.bus import Bus
from liveroom.ports.claims import Claims
from liveroom.ports.filters import SavedFilters
from liveroom.ports.imports import Imports
from liveroom.ports.jobs import Jobs
from liveroom.ports.matters import Matters
from liveroom.ports.people import People
from liveroom.ports.rooms import Records
from liveroom.ports.rules import RuleBook
from liveroom.ports.signing import Signer
from liveroom.ports.tokens import Repeats, Tokens
from liveroom.ports.words import WordLists
from liveroom.server.assets import Assets
from liveroom.server.halls import Halls
from liveroom.server.letters import TextLetters
from liveroom.server.limits import Limits
from liveroom.server.newcomers import Newcomers
from liveroom.server.words import Words
from liveroom.settings import Settings

if TYPE_CHECKING:
    # Loading the media plane takes most of a second, which a command about accounts need not wait for.
    from liveroom.media.absent import AbsentMedia
    from liveroom.media.plane import MediaPlane
    from liveroom.recording.recorder import Recorder
    from liveroom.server.neighbours import HttpNeighbours


@dataclass(frozen=True, slots=True)
class Verbs:
    """The actions, wired."""

    asking: Asking
    attending: Attending
    broadcasting: Broadcasting
    claiming: Claiming
    moderating: Moderating
    keeping_addresses: KeepingAddresses
    keeping_words: KeepingWords
    concluding: Concluding
    attaching: Attaching
    erasing: Erasing
    playing_back: PlayingBack
    purging: Purging
    confirming: Confirming
    open_book: OpenBook
    following_up: FollowingUp
    many_matters: ManyMatters
    importing: Importing
    following: Following
    telling: Telling
    telling_programs: TellingPrograms
    recalling: Recalling
    reminding: Reminding
    verifying: Verifying
    reaching: Reaching


SETTINGS = web.AppKey("settings", Settings)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
SECRET = web.AppKey("secret", bytes)
DEMO = web.AppKey("demo", bool)
RECORDS: web.AppKey[Records] = web.AppKey("records")
PEOPLE: web.AppKey[People] = web.AppKey("people")
MATTERS: web.AppKey[Matters] = web.AppKey("matters")
TOKENS: web.AppKey[Tokens] = web.AppKey("tokens")
REPEATS: web.AppKey[Repeats] = web.AppKey("repeats")
SAVED_FILTERS: web.AppKey[SavedFilters] = web.AppKey("saved_filters")
IMPORTS: web.AppKey[Imports] = web.AppKey("imports")
RULES: web.AppKey[RuleBook] = web.AppKey("rules")
CLAIMS: web.AppKey[Claims] = web.AppKey("claims")
JOBS: web.AppKey[Jobs] = web.AppKey("jobs")
WORKING_OFF = web.AppKey("working_off", WorkingOff)
SIGNER: web.AppKey[Signer] = web.AppKey("signer")
BUS: web.AppKey[Bus] = web.AppKey("bus")
WORD_LISTS: web.AppKey[WordLists] = web.AppKey("word_lists")
SCREENING = web.AppKey("screening", Screening)
MEDIA: web.AppKey[MediaPlane | AbsentMedia] = web.AppKey("media")
RECORDER: web.AppKey[Recorder | None] = web.AppKey("recorder")
NEIGHBOURS: web.AppKey[HttpNeighbours | None] = web.AppKey("neighbours")
UPLOADS = web.AppKey("uploads", asyncio.Semaphore)
VERBS = web.AppKey("verbs", Verbs)
ASSETS = web.AppKey("assets", Assets)
WORDS = web.AppKey("words", Words)
LISTENING = web.AppKey("listening", asyncio.Event)
HALLS = web.AppKey("halls", Halls)
LETTERS = web.AppKey("letters", TextLetters)
NEWCOMERS = web.AppKey("newcomers", Newcomers)
LIMITS = web.AppKey("limits", Limits)
