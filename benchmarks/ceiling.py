"""How much the stand-in itself can take: a client that does nothing but send a ready-made request again and again."""

import json
import multiprocessing
import socket
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

CLIENTS = 2
REQUESTS = 4000
DEPTH = 8
"""Requests on the wire at once in each connection, so that the client waits little."""

BODY = json.dumps({"chat_id": 10_000, "text": "." * 600, "parse_mode": "HTML"}).encode()
REQUEST = (
    b"POST /bot1000:benchmark/sendMessage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


def _client(url: str, pem: Path | None) -> None:
    parts = urlsplit(url)
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 80)) as raw:
        stream: socket.socket = raw
        if pem:
            stream = ssl.create_default_context(cafile=str(pem)).wrap_socket(raw, server_hostname=parts.hostname)
        with stream:
            left, flying = REQUESTS, 0
            while left or flying:
                burst = min(DEPTH - flying, left)
                stream.sendall(REQUEST * burst)
                left, flying = left - burst, flying + burst
                flying -= stream.recv(1 << 16).count(b"HTTP/1.1 200 OK")


def measure(url: str, pem: Path | None) -> float:
    """Messages a second the stand-in answers."""
    spawn = multiprocessing.get_context("fork")
    clients = [spawn.Process(target=_client, args=(url, pem)) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
        if client.exitcode:
            raise RuntimeError("a client of the ceiling measurement failed")
    return CLIENTS * REQUESTS / (time.perf_counter() - began)
