"""Runs a command in a terminal of its own, types into it, and prints what the terminal shows.

usage: pty.py [EXPECTED TYPED]... -- COMMAND [ARGUMENT...]

For each pair: waits until the text EXPECTED appears (behind what was waited for before), then types
TYPED; \\x03 is Ctrl-C there, \\x1a Ctrl-Z, \\r Enter. Ends with the status of the command, 128 + N if
signal N ended it, or with 99 after $PATIENCE seconds, or two minutes.
"""
import os
import select
import sys
import time

PATIENCE = float(os.environ.get("PATIENCE", 120))

end = sys.argv.index("--")
steps = [word.encode().decode("unicode_escape").encode() for word in sys.argv[1:end]]
pid, terminal = os.forkpty()
if pid == 0:
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
shown, seen, limit = b"", 0, time.monotonic() + PATIENCE
while True:
    if steps and (at := shown.find(steps[0], seen)) >= 0:
        seen = at + len(steps[0])
        os.write(terminal, steps[1])
        del steps[:2]
        continue
    try:
        ready = select.select([terminal], [], [], max(0, limit - time.monotonic()))[0]
        data = os.read(terminal, 65536) if ready else None
    except OSError:  # nobody has the terminal open any more
        data = b""
    if not data:
        break
    shown += data
sys.stdout.write(shown.decode("utf-8", "replace").replace("\r\n", "\n"))
sys.stdout.flush()
if data is None:
    print("pty.py: not over in time; still waiting for", steps[:1])
    os.kill(pid, 9)
status = os.waitpid(pid, 0)[1]
sys.exit(99 if data is None else 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
