#!/usr/bin/env python3
"""A small server for the README's "Your own server": accepts connections, holds 8 KiB for each as
long as it is open, and reads what comes. usage: idle.py PORT"""

import asyncio
import sys


async def serve_connection(reader, writer):
    session = bytearray(8192)
    while data := await reader.read(4096):
        session[: len(data)] = data
    writer.close()


async def main():
    server = await asyncio.start_server(
        serve_connection, "127.0.0.1", int(sys.argv[1]), backlog=4096
    )
    await server.serve_forever()


asyncio.run(main())
