"""`python -m actors.commandline.healthcheck`: whether the bot is well, for Docker, by asking its operator port.

Exit 0 when it hears Telegram and its loops go round, else 1 and one sentence. Nothing of the bot is imported, because
this runs each minute beside it.
"""

import http.client
import os
import sys

SECONDS = 5.0


def look(address: str) -> str:
    """What is wrong with the bot whose operator port has this address; empty when it is well."""
    host, _, port = address.rpartition(":")
    # A port that listens everywhere is asked here.
    host = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))  # noqa: S104
    connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        said = answer.read(1000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"{address} does not answer: {error}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"{address} answers {answer.status}: {said}"


def main() -> int:
    """The exit code."""
    wrong = look(os.environ.get("OPERATOR_ADDR") or "127.0.0.1:8765")
    if wrong:
        sys.stderr.write(wrong + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
