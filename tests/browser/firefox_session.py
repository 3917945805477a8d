"""Firefox by WebDriver BiDi, which it speaks by itself: no driver is needed,
and no other Firefox than the system's."""

import base64
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_PATIENCE_S = 15.0
# Said of a fraction too of which only the half has arrived.
_ON_ITS_WAY = "Invalid markup: Incorrect number of children for <m"
# Keys that have no character, as WebDriver writes them.
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Space": " ",
    "ArrowUp": "\ue013",
    "ArrowDown": "\ue015",
    "ArrowRight": "\ue014",
}


class Firefox:
    """One tab of a Firefox; `faults` are the errors of its pages, `requests`
    the addresses that they asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._send("session.new", capabilities={})
        # The tab that it starts with never gets the focus.
        tab = self._send("browsingContext.create", type="tab")
        self._context = tab["context"]
        self._send(
            "session.subscribe",
            events=["log.entryAdded", "network.beforeRequestSent"],
        )

    def _send(self, method: str, **parameters: object) -> Any:
        """The answer to a command; what happened meanwhile is noted."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(command))
        while True:
            said = json.loads(self._connection.recv(timeout=_PATIENCE_S))
            if said.get("id") == self._number:
                if said["type"] == "error":
                    raise RuntimeError(f"{said['error']}: {said['message']}")
                return said["result"]
            self._note(said.get("method"), said.get("params"))

    def _note(self, event: str | None, said: Any) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(said["request"]["url"])
        elif event == "log.entryAdded" and said["level"] == "error":
            text = said["text"]
            self.faults += [] if text.startswith(_ON_ITS_WAY) else [text]

    def before_each_page(self, script: str) -> None:
        self._send(
            "script.addPreloadScript",
            functionDeclaration=f"() => {{ {script} }}",
        )

    def open(self, url: str) -> None:
        self._send(
            "browsingContext.navigate",
            context=self._context,
            url=url,
            wait="complete",
        )

    def size(self, width: int, height: int) -> None:
        self._send(
            "browsingContext.setViewport",
            context=self._context,
            viewport={"width": width, "height": height},
        )

    def get(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited; through JSON."""
        said = self._send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        value = said["result"].get("value")
        return None if value is None else json.loads(value)

    def wait(self, expression: str, seconds: float = _PATIENCE_S) -> Any:
        """The value of `expression` as soon as it is true. Raises
        TimeoutError. A page that is being left has no values."""
        deadline = time.monotonic() + seconds
        value = None
        while time.monotonic() < deadline:
            try:
                value = self.get(expression)
            except RuntimeError as error:
                value = error
            else:
                if value:
                    return value
            time.sleep(0.05)
        raise TimeoutError(f"{expression}: {value}")

    def press(self, *keys: str) -> None:
        """Press keys, each a name of KEYS or a character."""
        self._act(
            {
                "type": "key",
                "id": "keyboard",
                "actions": [
                    {"type": kind, "value": KEYS.get(key, key)}
                    for key in keys
                    for kind in ("keyDown", "keyUp")
                ],
            }
        )

    def click(self, selector: str) -> None:
        """Click into the middle of an element, with the mouse."""
        x, y = self.get(
            f"""(() => {{
              const one = document.querySelector({json.dumps(selector)});
              one.scrollIntoView({{block: "nearest", behavior: "instant"}});
              const box = one.getBoundingClientRect();
              return [Math.round(box.x + box.width / 2),
                Math.round(box.y + box.height / 2)];
            }})()"""
        )
        self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": x, "y": y},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def _act(self, source: dict[str, object]) -> None:
        self._send(
            "input.performActions", context=self._context, actions=[source]
        )

    def picture(self, path: Path, *, whole: bool = False) -> None:
        said = self._send(
            "browsingContext.captureScreenshot",
            context=self._context,
            origin="document" if whole else "viewport",
        )
        path.write_bytes(base64.b64decode(said["data"]))


@contextmanager
def running(
    program: str, preferences: Sequence[str] = ()
) -> Iterator[Firefox]:
    """A new Firefox with a profile of its own, without a window."""
    with tempfile.TemporaryDirectory() as profile:
        (Path(profile) / "user.js").write_text(
            "\n".join([*_QUIET, *preferences])
        )
        process = subprocess.Popen(
            [
                program,
                "--headless",
                "--no-remote",
                "--profile",
                profile,
                "--remote-debugging-port=0",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            address = _address(process)
            with connect(f"{address}/session", max_size=None) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            process.wait()


# It asks nobody for anything by itself.
_QUIET = [
    f'user_pref("{name}", {value});'
    for name, value in (
        ("app.update.enabled", "false"),
        ("browser.shell.checkDefaultBrowser", "false"),
        ("browser.startup.page", "0"),
        ("datareporting.policy.dataSubmissionEnabled", "false"),
        ("network.captive-portal-service.enabled", "false"),
        ("network.connectivity-service.enabled", "false"),
        ("toolkit.telemetry.enabled", "false"),
    )
]


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := _ADDRESS.search(line):
            return found[1]
    raise RuntimeError("Firefox does not start:\n" + "".join(said[-5:]))
