"""A measurement of how long addresses take to answer, in a process of its own, which does little else.

`python -m tests.support.probe ask PORT PORT ...` asks each for `/health/live` twenty times a second, over a new
connection, until its standard input ends. It prints by port the seconds of each answer, as JSON, and fails if an answer
is not 200. `python -m tests.support.probe answer PORT` only answers: it measures the machine itself.
"""

import json
import socket
import sys
import threading
import time

_EVERY_SECONDS = 0.05
_PATIENCE = 120.0
_QUESTION = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def ask(ports: list[int]) -> dict[int, list[float]]:
    took: dict[int, list[float]] = {port: [] for port in ports}
    wrong: list[str] = []
    end = threading.Event()

    def look(port: int) -> None:
        while not end.wait(_EVERY_SECONDS):
            began = time.monotonic()
            answer = _asked(port)
            took[port].append(time.monotonic() - began)
            if not answer.startswith(b"HTTP/1.1 200 "):
                wrong.append(f"{port}: {answer.decode(errors='replace')}")

    threads = [threading.Thread(target=look, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    end.set()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit("\n".join(wrong))
    return took


def _asked(port: int) -> bytes:
    """Returns the whole answer, or the text of the error if there is no answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
            connection.sendall(_QUESTION)
            answer = b""
            while part := connection.recv(4096):
                answer += part
            return answer
    except OSError as error:
        return str(error).encode()


def answer(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(_ANSWER)


if __name__ == "__main__":
    given = [int(port) for port in sys.argv[2:]]
    if sys.argv[1] == "answer":
        answer(*given)
    json.dump(ask(given), sys.stdout)
