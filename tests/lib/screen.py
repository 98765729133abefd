"""Runs a command in a terminal, does things to it, and prints what its screen has in the end.

usage: screen.py [EXPECTED ACTION]... -- COMMAND [ARGUMENT...]

For each pair: waits until the bytes EXPECTED come (behind those waited for before), then does ACTION:
    type:TEXT           types it; \\x03 is Ctrl-C there, \\x1a Ctrl-Z, \\r Enter
    signal:NAME         sends SIGNAME to the command
    resize:COLUMNSxROWS makes the terminal another size
    sh:COMMAND          runs that beside
    show:               prints the screen as it is now, and a line of dashes
Prints all lines that there have been, also those that were scrolled away, without blanks at their ends and
blank lines behind the last; then what state the terminal is in; and ends as the command, as pty.py does.
SIZE sets COLUMNSxROWS at the beginning.
"""
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte


class Screen(pyte.HistoryScreen):
    """ESC [ r sets no margins; pyte 0.8.0 takes that for a wrong one."""

    def set_margins(self, top=None, bottom=None):
        super().set_margins(top or None, bottom)


def text(line, columns):
    return "".join(line[x].data for x in range(columns)).rstrip()


def show():
    lines = [text(line, screen.columns) for line in screen.history.top] + [l.rstrip() for l in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    print("\n".join(lines))


def resize(size):
    columns, rows = map(int, size.split("x"))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    screen.resize(rows, columns)


def act(action):
    kind, _, value = action.partition(":")
    if kind == "type":
        os.write(terminal, value.encode().decode("unicode_escape").encode())
    elif kind == "signal":
        os.kill(pid, getattr(signal, "SIG" + value))
    elif kind == "resize":
        resize(value)
    elif kind == "sh":
        subprocess.Popen(["sh", "-c", value])
    elif kind == "show":
        show()
        print("-----")


end = sys.argv.index("--")
steps = sys.argv[1:end]
size = os.environ.get("SIZE", "80x24")
columns, rows = map(int, size.split("x"))
screen = Screen(columns, rows, history=100000, ratio=0.5)
stream = pyte.ByteStream(screen)
terminal, theirs = os.openpty()
resize(size)
pid = os.fork()
if pid == 0:
    os.close(terminal)
    os.setsid()
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(theirs, fd)
    os.close(theirs)
    os.environ.setdefault("TERM", "xterm")
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
came, seen, limit, data = b"", 0, time.monotonic() + 60, b""
# Our own end of theirs stays open, so that its state can be asked for when the command has ended.
while True:
    if steps and (at := came.find(steps[0].encode(), seen)) >= 0:
        seen = at + len(steps[0])
        act(steps[1])
        del steps[:2]
        continue
    ready = select.select([terminal], [], [], 0.02)[0]
    if ready:
        data = os.read(terminal, 65536)
        came += data
        stream.feed(data)
        continue
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended or time.monotonic() > limit:
        break
if not ended:
    print("screen.py: not over after a minute; still waiting for", steps[:1])
    os.kill(pid, 9)
    status = os.waitpid(pid, 0)[1]
# What the guardian of a command that was killed has to say.
while select.select([terminal], [], [], 0.5 if os.WIFSIGNALED(status) else 0)[0]:
    stream.feed(os.read(terminal, 65536))
show()
echo = termios.tcgetattr(theirs)[3] & termios.ECHO
margins = screen.margins
whole = not margins or (margins.top == 0 and margins.bottom == screen.lines - 1)
print(
    "cursor", "hidden" if screen.cursor.hidden else "visible", "echo", "on" if echo else "off",
    "wrap", "on" if pyte.modes.DECAWM in screen.mode else "off", "scrolls", "whole" if whole else "in part",
)
sys.stdout.flush()
sys.exit(99 if not ended else 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
