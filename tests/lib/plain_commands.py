#!/usr/bin/env python3
"""Random commands for a shell with awkward values: what they come to does not depend on whether
pexec runs bash or not, which BASH_ENV makes it do. plain_commands.py PEXEC [COUNT [SEED]]"""
import os
import random
import re
import subprocess
import sys

SHOW = """#!/bin/sh
echo "$_" >>"$STARTED"
printf '<%s>' "$0" "$@"
echo
case $1 in fail) exit 3;; die) kill -9 $$;; esac
"""
NAMES = 12 * ["show"] + 3 * ["echo"] + [
    "./show", "HERE/show", "bin/show", "true", "false", "noexec", "bare", "./bin/bare", "lost", "empty", "folder",
    "./folder", "nothere", "/no/there", "sho''w", '"show"', "s\\how", "sh'ow'", "''", "printf '%s|'", "if",
    "x=1 show", "x=1", "show=", "{}", "sh{}", "test", "[", "command show", "env printf '%s|'", "! show", "pwd",
    "cat </dev/null; show", "{ show", "~/show", "%1", "exec show", "nice show", "show()", "-x"]
WORDS = 6 * ["{}"] + [
    "x{}y", '"{}"', "'{}'", '"a b{}c"', "'a {} b'", "\\ {}", "a\\ b", "~", "a:~", "a=~", "*", "sh?w", "[s]how",
    "a{1,2}", "{1}", "{2}", "x{2}", '"{2}"', "{3}", "{-1}", "{#}", "{.}", "{/}", "{//}", "'{/.}'", "a=b", "a+=b",
    "a=(b)", "--help", "--version", "-n", "-e", "-E", "--", "-", "'$HOME'", '"$HOME"', "$HOME", "\\$HOME", "#",
    "a#b", "#{}", "!", "a!", ">out", "2>&1", "1>&2", "; show b", "|| show c", "&& show c", "''", '""', "''{}", "{}''",
    "{}{1}", "?", "%", "%1", "^", "a^b", "'\\'", '"\\\\"', "'\\n'", "\\n", '"`echo a`"', "`echo a`", "$((1+1))",
    "$(echo {})", "<(echo)", "a,b", "@x", "@(a)", "a@b", "+", "..", "a/b", "\u00e9", "'\u00e9'", "\t", "\n",
    "'\n'", "\\\n", '"a\\\nb"', "'\"'", '"\'"', "fail", "die", "(", ")", "{", "}", "'{'}", "a;b", '"!"', "in",
    "do", "done", '"#"', "\x7f", "'\x01'"]
# Where the command's name has a placeholder, parallel lets the shell read these: nothing here may do harm.
VALUES = [
    "a", "b c", "", "-n", "--help", "-e", "*", "~", "$(echo run)", "`echo run`", "\\", "a\\nb", "\\c", "x\ny", "'",
    '"', "a;b", "x.y/z.w", "\u00e9", "\x01", "\x7f", "fail", "{}", "-", "--", "#", "!", "show", "a\tb"]
WAYS = [["--shell=bash"], ["--shell=bash"], ["--shell"]] + 4 * [["--as", "parallel"]]
PARALLEL = 9 * [[]] + [["-v"], ["-X"], ["-m"], ["-N2"], ["-n0"], ["-u"], ["--colsep", " "], ["--wd", "bin"]]


def write(name, text, mode=0o755):
    with open(name, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(name, mode)


def take(name):
    """What is in a file, which is removed; nothing when it is not there."""
    try:
        with open(name, "rb") as file:
            text = file.read()
        os.unlink(name)
        return text
    except FileNotFoundError:
        return b""


def make_arguments(here):
    text = " ".join([random.choice(NAMES).replace("HERE", here)] + random.choices(WORDS, k=random.choice([0, 1, 1, 2, 2, 3, 4])))
    way = random.choice(WAYS)
    arguments = way + ["-k", "-j1", "--joblog", "../log"]
    arguments += random.choice(PARALLEL) if way[0] == "--as" else []
    arguments += random.choice([[], [], [], ["-t"], ["--tag"]])
    arguments += text.split(" ") if random.randrange(2) and "\n" not in text else [text]
    arguments += [":::"] + random.choices(VALUES, k=random.randint(1, 3))
    return arguments + random.choice([[], [], [":::", random.choice(VALUES)]])


def run(arguments, variables):
    """The outcome of a run, and how many of its jobs were started without bash."""
    done = subprocess.run(arguments, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    journal = [line.split(b"\t") for line in take("../log").split(b"\n")]
    started = take("started").split(b"\n")
    # bash names a job that has been killed by its process.
    errors = re.sub(rb"\d+ Killed", b"N Killed", done.stderr)
    outcome = done.returncode, done.stdout, errors, [line[:1] + line[6:] for line in journal], len(started)
    return outcome, started.count(b"direct")


def main():
    pexec, count = sys.argv[1], int(sys.argv[2]) if sys.argv[2:] and sys.argv[2] else 250
    seed = int(sys.argv[3]) if sys.argv[3:] else random.randrange(1 << 32)
    random.seed(seed)
    os.makedirs("random/bin/folder")
    os.chdir("random")
    here = os.getcwd()
    for name in "show", "bin/show":
        write(name, SHOW)
    write("bin/noexec", SHOW, 0o644)
    write("bin/bare", "printf 'bare<%s>' \"$@\"; echo\n")
    write("bin/lost", "#!/no/such/interpreter\n")
    write("bin/empty", "")
    direct = 0
    for _ in range(count):
        arguments = [pexec] + make_arguments(here)
        variables = {"PATH": here + "/bin:/usr/bin:/bin", "HOME": here, "PWD": here, "SHLVL": "1", "_": "direct",
                     "SHELL": "/bin/bash", "STARTED": here + "/started"}
        without, jobs = run(arguments, variables)
        withbash, _ = run(arguments, dict(variables, BASH_ENV="/dev/null"))
        if without != withbash:
            sys.exit(f"seed {seed}: {arguments}\n-- comes to\n{without}\n-- and with bash to\n{withbash}")
        direct += jobs > 0
    if not direct:
        sys.exit("bash has always run")
    print(f"{direct} of {count} commands without bash, no difference")


main()
