"""Clients that mean harm, or are too many, beside some that do not: python3 bench/edge/load.py ADDRESS PID BODY

BODY holds one instance as JSON. Prints Markdown: what real clients wait, how many of the others are closed and
when, what is answered at four times the load that can be served, and the memory of the process all the while.
"""

import asyncio
import json
import os
import resource
import socket
import sys
import time

HOST, PORT = sys.argv[1].rsplit(":", 1)
PID = sys.argv[2]
INSTANCE = json.load(open(sys.argv[3]))
EACH = 500
PAUSE_SECONDS = 0.01
BESIDE_SECONDS = 12
PEAK_SECONDS = 6
OVERLOAD_SECONDS = 12
CONNECTIONS = 2000
PATIENCE_SECONDS = 60


def resident_mb() -> float:
    with open(f"/proc/{PID}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


class Memory:
    """The most that the process took meanwhile."""

    async def __aenter__(self):
        self.most = resident_mb()
        self.task = asyncio.create_task(self.watch())
        return self

    async def watch(self):
        while True:
            self.most = max(self.most, resident_mb())
            await asyncio.sleep(0.05)

    async def __aexit__(self, *_):
        self.task.cancel()


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def answer(reader) -> int:
    """Reads one answer to its end; gives its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    await reader.readexactly(length)
    return int(lines[0].split()[1])


def share(waits: list, part: float) -> float:
    return sorted(waits)[min(int(len(waits) * part), len(waits) - 1)] * 1000 if waits else 0.0


async def real_clients(seconds: float, request: bytes):
    """Eight with a kept connection each; gives what each request waited, and what was not a 200."""
    waits, failed, end = [], [], time.monotonic() + seconds

    async def one():
        reader, writer = await asyncio.open_connection(HOST, PORT)
        while time.monotonic() < end:
            begun = time.monotonic()
            writer.write(request)
            status = await answer(reader)
            waits.append(time.monotonic() - begun)
            if status != 200:
                failed.append(status)
            await asyncio.sleep(PAUSE_SECONDS)
        writer.close()

    await asyncio.gather(*(one() for _ in range(8)))
    return waits, failed


async def half(sent: bytes) -> float:
    """Sends this and no more; gives after how long the other side has closed."""
    reader, writer = await asyncio.open_connection(HOST, PORT)
    writer.write(sent)
    begun = time.monotonic()
    try:
        while await asyncio.wait_for(reader.read(65536), PATIENCE_SECONDS):
            pass
    except ConnectionError:
        pass
    writer.close()
    return time.monotonic() - begun


async def slow_reader():
    """Asks for far more than fits anywhere and reads none of it. That it is cut off it cannot see: what would say
    so waits behind what it does not read."""
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await loop.sock_connect(connection, (HOST, int(PORT)))
    await loop.sock_sendall(connection, b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 20)
    return connection


def open_files() -> int:
    return len(os.listdir(f"/proc/{PID}/fd"))


async def slow_readers(begun: float, others: list):
    """Gives how many the service has closed, and after how long all of them."""
    before = open_files()
    readers = await asyncio.gather(*(slow_reader() for _ in range(EACH)))
    await asyncio.gather(*others)
    last = None
    while (now := time.monotonic() - begun) < PATIENCE_SECONDS:
        if open_files() <= before:
            last = now
            break
        await asyncio.sleep(0.1)
    closed = EACH - max(open_files() - before, 0)
    for reader in readers:
        reader.close()
    return closed, last or PATIENCE_SECONDS


async def harm(one: bytes):
    alone, none = await real_clients(5, post("/v1/predict", one))
    idle = resident_mb()
    head = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: appl"
    body = post("/v1/predict", one)[: -len(one) // 2]
    async with Memory() as memory:
        real = asyncio.create_task(real_clients(BESIDE_SECONDS, post("/v1/predict", one)))
        await asyncio.sleep(0.5)
        readers = asyncio.create_task(slow_readers(time.monotonic(), [real]))
        kinds = {
            "half a head": [asyncio.create_task(half(head)) for _ in range(EACH)],
            "half a body": [asyncio.create_task(half(body)) for _ in range(EACH)],
        }
        ended = {kind: await asyncio.gather(*tasks) for kind, tasks in kinds.items()}
        beside, failed = await real
        unread = await readers
    print(f"## {EACH} connections each with half a head, half a body, and an answer that is not read\n")
    print("Eight real clients ask for one prediction each 10 ms, on kept connections.\n")
    print("| | requests | not 200 | median ms | p99 ms | most ms | memory MB |\n|---|---|---|---|---|---|---|")
    for name, waits, bad, mb in [("alone", alone, none, idle), ("beside them", beside, failed, memory.most)]:
        numbers = " | ".join(f"{share(waits, part):.1f}" for part in (0.5, 0.99, 1.0))
        print(f"| {name} | {len(waits)} | {len(bad)} | {numbers} | {mb:.0f} |")
    print("\n| connection | closed | first after s | last after s |\n|---|---|---|---|")
    for kind, times in ended.items():
        closed = [each for each in times if each < PATIENCE_SECONDS]
        print(f"| {kind} | {len(closed)} of {len(times)} | {min(times):.1f} | {max(times):.1f} |")
    print(f"| an answer that is not read | {unread[0]} of {EACH} | | {unread[1]:.1f} or before |")


async def peak(request: bytes) -> float:
    """What sixteen clients are answered a second who always have one request under way."""
    count, end = 0, time.monotonic() + PEAK_SECONDS

    async def one():
        nonlocal count
        reader, writer = await asyncio.open_connection(HOST, PORT)
        while time.monotonic() < end:
            writer.write(request)
            status = await answer(reader)
            count += status == 200
        writer.close()

    await asyncio.gather(*(one() for _ in range(16)))
    return count / PEAK_SECONDS


async def overload(request: bytes, rate: float):
    """So many a second whatever is answered; gives status and wait of each."""
    idle, answers, opened = [], [], 0

    async def one():
        nonlocal opened
        begun = time.monotonic()
        if not idle and opened >= CONNECTIONS:
            answers.append(("not sent", 0.0, begun))
            return
        opened += not idle
        try:
            reader, writer = idle.pop() if idle else await asyncio.open_connection(HOST, PORT)
            writer.write(request)
            status = await asyncio.wait_for(answer(reader), PATIENCE_SECONDS)
            idle.append((reader, writer))
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            status = type(error).__name__
            opened -= 1
        answers.append((status, time.monotonic() - begun, time.monotonic()))

    tasks, begun = [], time.monotonic()
    while (passed := time.monotonic() - begun) < OVERLOAD_SECONDS:
        tasks.extend(asyncio.create_task(one()) for _ in range(int(passed * rate) - len(tasks)))
        await asyncio.sleep(0.005)
    end = time.monotonic()
    await asyncio.gather(*tasks)
    for _, writer in idle:
        writer.close()
    return answers, end


async def too_many(rows: int):
    request = post("/v1/predict/batch", json.dumps({"instances": [INSTANCE] * rows}).encode())
    best = await peak(request)
    async with Memory() as memory:
        answers, end = await overload(request, 4 * best)
    kinds = {}
    for status, waited, _ in answers:
        kinds.setdefault(str(status), []).append(waited)
    good = sum(1 for status, _, at in answers if status == 200 and at <= end) / OVERLOAD_SECONDS
    told = ", ".join(f"{status}: {len(waits)}" for status, waits in sorted(kinds.items()))
    longest = " | ".join(f"{max(kinds.get(status, [0])):.2f}" for status in ("200", "503"))
    print(f"| {rows} | {best:.0f} | {4 * best:.0f} | {good:.0f} ({good / best:.0%}) | {told} | {longest} | {memory.most:.0f} |",
          flush=True)


async def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    await harm(json.dumps(INSTANCE).encode())
    print("\n## Four times the load that can be served\n")
    print("Batches; what can be served is what sixteen clients are answered who always have one under way. Client and")
    print("service share the cores, so that part of the loss is the client's. A request for which none of its 2,000 connections is free is not sent.\n")
    print("| instances | 200s a second at most | offered a second | 200s a second | answers | longest 200 s | longest 503 s | memory MB |")
    print("|---|---|---|---|---|---|---|---|")
    for rows in (200, 1000, 4000):
        await too_many(rows)


asyncio.run(main())
