"""The commands' names, and where each is. Knows nothing that takes long to load: that is each command's own affair."""

from __future__ import annotations

from importlib import import_module

import click

from liveroom import __version__

COMMANDS = {
    "demo": ("liveroom.cli.serving:demo_command", "A small furnished world to try everything in."),
    "serve": ("liveroom.cli.serving:serve", "Serve the site."),
    "migrate": ("liveroom.cli.upkeep:migrate", "Bring the database up to the newest schema."),
    "settings": ("liveroom.cli.looks:settings_command", "List every setting with its default and meaning."),
    "health": ("liveroom.cli.looks:health_command", "Ask the server of this machine whether it answers."),
    "backup": ("liveroom.cli.upkeep:back_up_command", "Copy everything into a file, while the server runs."),
    "restore": ("liveroom.cli.upkeep:restore_command", "Put a copy that backup made in the place of the data."),
    "user": ("liveroom.cli.users:user", "People who sign in, their passwords, roles, links and tokens."),
    "token": ("liveroom.cli.tokens:token", "Keys of programs that call the API."),
    "import": ("liveroom.cli.importing:import_command", "Lists from files: deputies, units, stations, holidays."),
    "audit": ("liveroom.cli.audit:audit", "The log: check that nothing of it was changed, and read it."),
    "rules": ("liveroom.cli.rules:rules", "Rule sets of the follow-up: list them, check a file."),
    "words": ("liveroom.cli.words:words", "Word lists: check a file before it is put in."),
    "vault": ("liveroom.cli.vault:vault", "Who asked, for two people with a reason."),
    "loadtest": ("liveroom.loadtest.command:loadtest", "Play the audience of a session against your own server."),
    "conformance": ("liveroom.conformance.command:conformance", "Check any server's WHIP and WHEP endpoints."),
}
"""Where each command is, and what the list of all says of it."""


class Lazily(click.Group):
    """Loads a command when it is called: the whole application takes seconds, and `--version` needs none of it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(module), attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=Lazily, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="liveroom")
def main() -> None:
    """The deputies' live broadcast room."""
