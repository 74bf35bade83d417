"""A small driver for terminal programs on a pseudo-terminal: what a key costs, in milliseconds and bytes.

It answers the questions that programs ask of a terminal when they start, keeps the screen as plain characters, so
that one can wait for a text to stand there, and counts. Times run from a write to the last byte before QUIET seconds
of silence, read before anything is parsed.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

QUIET = 0.15
ANSWERS = ((b"\x1b[c", b"\x1b[?64;1;22c"), (b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[?u", b"\x1b[?0u"),
           (b"\x1b]10;?", b"\x1b]10;rgb:d7d7/dada/e0e0\x1b\\"), (b"\x1b]11;?", b"\x1b]11;rgb:1616/1818/1d1d\x1b\\"))
PIECES = re.compile(r"\x1b\[([?>=]?)([0-9;:]*)[ -/]*([@-~])|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Z]"
                    r"|\x1b(.)|([\x00-\x1f])|([^\x00-\x1f\x1b]+)", re.S)


class Screen:
    """The characters on the screen: movements, erasing, scrolling, repeating; every glyph counts as one cell wide."""

    def __init__(self, columns, rows):
        self.columns, self.rows, self.x, self.y, self.last, self.rest = columns, rows, 0, 0, " ", b""
        self.top, self.bottom = 0, rows - 1
        self.cells = [[" "] * columns for _ in range(rows)]

    def text(self):
        return "\n".join("".join(row) for row in self.cells)

    def feed(self, data):
        data, self.rest = self.rest + data, b""
        cut = max(data.rfind(b"\x1b", -64), 0)
        if b"\x1b" in data[-64:] and not PIECES.fullmatch(data[cut:].decode("latin-1")):
            last = data[cut:].decode("latin-1")         # perhaps half a sequence: keep it for the next time
            if not PIECES.match(last) or PIECES.match(last).group(4):
                data, self.rest = data[:cut], data[cut:]
        for piece in PIECES.finditer(data.decode("utf-8", "replace")):
            private, numbers, final, escape, control, text = piece.groups()
            if text:
                for glyph in text:
                    self.put(glyph)
            elif final and not private:
                self.control_sequence(final, [int(n) if n.isdigit() else 0 for n in numbers.split(";")])
            elif control == "\n":
                self.down()
            elif control in ("\r", "\b"):
                self.x = 0 if control == "\r" else max(self.x - 1, 0)
            elif escape == "M":
                self.scroll(-1) if self.y == self.top else setattr(self, "y", max(self.y - 1, 0))

    def put(self, glyph):
        if self.x >= self.columns:
            self.x = 0
            self.down()
        self.cells[self.y][self.x] = self.last = glyph
        self.x += 1

    def down(self):
        if self.y == self.bottom:
            self.scroll(1)
        else:
            self.y = min(self.y + 1, self.rows - 1)

    def scroll(self, by):
        for _ in range(abs(by)):
            self.cells.insert(self.bottom if by > 0 else self.top, [" "] * self.columns)
            del self.cells[self.top if by > 0 else self.bottom + 1]

    def erase(self, y, first, end):
        self.cells[y][first:end] = [" "] * max(end - first, 0)

    def control_sequence(self, final, numbers):
        n, first = max(numbers[0], 1), numbers[0]
        if final in "Hf":
            self.y, self.x = n - 1, (max(numbers[1], 1) if len(numbers) > 1 else 1) - 1
        elif final in "ABCDGd":
            self.y = {"A": self.y - n, "B": self.y + n, "d": n - 1}.get(final, self.y)
            self.x = {"C": self.x + n, "D": min(self.x, self.columns - 1) - n, "G": n - 1}.get(final, self.x)
        elif final == "b":
            for _ in range(n):
                self.put(self.last)
        elif final == "K":
            self.erase(self.y, *((self.x, self.columns), (0, self.x + 1), (0, self.columns))[first])
        elif final == "J":
            for y in range(self.rows):
                if first == 2 or (y > self.y if first == 0 else y < self.y):
                    self.erase(y, 0, self.columns)
            self.erase(self.y, *((self.x, self.columns), (0, self.x + 1), (0, self.columns))[first])
        elif final == "X":
            self.erase(self.y, self.x, min(self.x + n, self.columns))
        elif final in "ST":
            self.scroll(n if final == "S" else -n)
        elif final == "r":
            self.top, self.bottom = n - 1, (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
            self.x = self.y = 0
        self.x, self.y = min(max(self.x, 0), self.columns), min(max(self.y, 0), self.rows - 1)


class Terminal:
    def __init__(self, command, columns=200, rows=50, **environment):
        self.began, self.screen = time.monotonic(), Screen(columns, rows)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.set_blocking(self.fd, False)

    def read(self, timeout):
        """What has come within timeout seconds, b"" for nothing, None when the program has gone."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:
            return None
        for question, answer in ANSWERS:
            if question in data:
                os.write(self.fd, answer)
        return data

    def settle(self, until=None, limit=60.0, began=None):
        """Reads until it is quiet (and, given until, that text has come). Returns bytes, and ms to the last of them."""
        began, out, last = began or time.monotonic(), b"", None
        while time.monotonic() - began < limit:
            data = self.read(QUIET)
            now = time.monotonic()
            if data is None:
                break
            if data:
                out, last = out + data, now
                self.screen.feed(data)
            if until and until in self.screen.text():
                break
            if not data and not until and (out or now - began > 4 * QUIET):
                break
        return out, ((last or began) - began) * 1000

    def start(self, text):
        """Bytes and ms until text stands in the output, then until rest."""
        out, ms = self.settle(text, began=self.began, limit=20)
        if text not in self.screen.text():
            raise RuntimeError(f"{text!r} never came; {len(out)} bytes; the screen:\n{self.screen.text()}")
        rest, _ = self.settle()
        return {"ms": ms, "bytes": len(out), "rest_bytes": len(out) + len(rest)}

    def key(self, keys):
        began = time.monotonic()
        os.write(self.fd, keys)
        out, ms = self.settle(began=began)
        return len(out), ms

    def idle(self, seconds):
        """Bytes written and CPU milliseconds used while nobody does anything."""
        before, out, end = self.cpu_ms(), 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            out += len(self.read(left) or b"")
        return out, self.cpu_ms() - before

    def cpu_ms(self):
        with open(f"/proc/{self.pid}/stat") as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) * 1000 // os.sysconf("SC_CLK_TCK")

    def peak_kb(self):
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])

    def close(self):
        """Ends the program that was started here."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            self.read(0.05)
        os.close(self.fd)
