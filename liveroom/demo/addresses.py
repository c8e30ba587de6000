"""What to open in a running demo, for people and for scripts."""

from __future__ import annotations

import json
import os
from typing import Any

from rich.console import Console

from liveroom.demo.world import SLUG, World
from liveroom.media.addresses import own_addresses
from liveroom.settings import Settings
from liveroom.storage.folder import CODES


def addresses(world: World, settings: Settings, port: int) -> dict[str, Any]:
    """What to open, as full addresses."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104
    secure = "s" if settings.tls_cert else ""
    site = settings.public_url.rstrip("/") or f"http{secure}://{host}:{port}"
    room = f"{site}/rooms/{SLUG}"
    return {
        "home": f"{site}/",
        "room": room,
        **{name: site + path for name, path in world.links.items()},
        "socket": f"ws{secure}{room.removeprefix('https').removeprefix('http')}/socket",
        "whip": f"{room}/whip",
        "whip_token": world.whip_token,
        "whep": f"{room}/whep",
        "health": f"{site}/healthz",
        "pid": os.getpid(),
    }


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)


def show(found: dict[str, Any], settings: Settings, console: Console) -> None:
    """The addresses for people."""
    console.print("\n[bold]liveroom[/bold] 演示已就绪 · the demo is ready\n")
    for label, name in (
        ("观众 viewers", "room"),
        ("代表直播 studio", "studio"),
        ("审核台 desk", "desk"),
        ("工委 office", "office"),
        ("承办单位 unit", "unit"),
        ("另一位代表 second deputy", "deputy"),
    ):
        # Never folded: an address must survive being clicked or copied from a narrow terminal.
        console.print(f"{label}\n  {found[name]}", soft_wrap=True)
    console.print("\n登录链接只能用一次。")
    console.print("之后可用 lin、chen、zhou、office、jiaotong、shuiwu 登录，密码是“用户名-demo”。")
    console.print(
        "Links work once. Later: sign in as lin, chen, zhou, office, jiaotong or shuiwu; the password is <name>-demo."
    )
    others = [a for a in own_addresses(settings.host) if not a.startswith("127.")]
    if others:
        phones = ", ".join(str(found["room"]).replace("127.0.0.1", address) for address in others)
        console.print(f"\n同一网络的手机可打开 · phones in the same network: {phones}", soft_wrap=True)
    if not settings.tls_cert:
        console.print("手机要直播，需要 HTTPS：liveroom demo --tls · to broadcast from a phone, add --tls")
    if not settings.smtp_host:
        codes = settings.data / CODES
        console.print(f"验证身份的验证码写在 · codes that verify people are written to: {codes}", soft_wrap=True)
    console.print("\nCtrl+C 停止，数据会保留。 Ctrl+C stops; the data stay.")
