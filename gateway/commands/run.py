"""`yizhan run`: the gateway itself."""

from __future__ import annotations

import click

from gateway.commands.common import config_option, fail, read_config


@click.command()
@config_option
@click.option("--only", type=click.Choice(["web", "worker"]), help="On PostgreSQL: one part of it in this process.")
def command(config_path: str | None, only: str | None) -> None:
    """Run the gateway until it is told to stop."""
    import uvloop

    from gateway.app import House
    from gateway.log import set_up
    from gateway.web.server import build_app, ending, serve
    from store.db import StoreLocked, StoreMisplaced, StoreUnavailable

    config = read_config(config_path)
    if only and config.store.address.startswith("sqlite"):
        fail("--only needs PostgreSQL: one process may write an SQLite file")
    set_up()
    if not config.channels:
        click.echo("no channel is configured: nothing can come in; see docs/channels/", err=True)

    async def run() -> None:
        async with House(config, works=only != "web") as house:
            if only == "worker":
                with ending(None) as ended:
                    await ended.wait()
                return
            await serve(build_app(house), config.gateway.host, config.gateway.port, links=house.links)

    try:
        uvloop.run(run())
    except (StoreLocked, StoreMisplaced, ValueError) as error:
        fail(str(error))
    except StoreUnavailable as error:
        fail(f"the store cannot be opened: {error}")
