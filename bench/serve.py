"""A gateway in a process of its own: `python -m bench.serve CONFIG PORT [--accept-only] [--profile FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import socket

import uvicorn
import uvloop


def application(house):
    """What `yizhan run` serves."""
    from gateway.web.server import build_app

    return build_app(house)


async def run(given: argparse.Namespace) -> None:
    from gateway.app import House
    from gateway.config import load

    house = House(load(given.config))
    if given.accept_only:
        del house.loops["judge"]
    async with house:
        served = application(house)
        listener = socket.create_server(("127.0.0.1", given.port), backlog=4096)
        settings = uvicorn.Config(
            served, access_log=False, log_level="warning", lifespan="off", server_header=False, loop="none"
        )
        server = uvicorn.Server(settings)
        server.capture_signals = contextlib.nullcontext
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, setattr, server, "should_exit", True)
        await server.serve(sockets=[listener])


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("config")
    reader.add_argument("port", type=int)
    reader.add_argument("--accept-only", action="store_true", help="store and answer, judge nothing")
    reader.add_argument("--sample", metavar="FILE", help="write samples of the stacks of all threads")
    given = reader.parse_args()
    from gateway.log import set_up

    set_up(level=logging.WARNING)
    if given.sample:
        from bench.sample import Sampler

        with Sampler(given.sample):
            uvloop.run(run(given))
    else:
        uvloop.run(run(given))


if __name__ == "__main__":
    main()
