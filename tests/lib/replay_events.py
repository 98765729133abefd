"""What --events and --report FILE.json tell of runs, replayed and compared with the journal.

replay_events.py EVENTS JOURNAL [TRACE]   replays one run, and prints what it came to
replay_events.py --random N SEED          makes N random runs of $PEXEC, and replays each
replay_events.py --trace TRACE            prints how many slices begin, how many end, and whether it is closed
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time


def check(holds, *what):
    if not holds:
        raise AssertionError(' '.join(map(str, what)))


def read_events(name):
    with open(name, encoding='utf-8') as file:
        text = file.read()
    check(text.endswith('\n'), 'half a line at the end')
    return [json.loads(line) for line in text.splitlines()]


class Replay:
    """A run, as it is seen by its events."""

    def __init__(self):
        self.running = {}  # slot: its attempt
        self.attempts = collections.Counter()
        self.counts = collections.Counter()
        self.over = {}
        self.slots = 0
        self.waits = False
        self.halted = None
        self.retrying = set()

    def take(self, event):
        kind = event['event']
        check(self.counts['stop'] == 0, 'an event behind the last one')
        check((self.counts['begin'] == 0) == (kind == 'begin'), 'it does not begin with begin')
        self.counts[kind] += 1
        getattr(self, 'take_' + kind)(event)

    def take_begin(self, event):
        check(event['v'] == 1 and event['slots'] > 0 and event['pid'] > 0, event)
        self.slots = event['slots']

    def take_start(self, event):
        check(event['slot'] not in self.running, 'two at a time', event)
        check(event['seq'] not in self.over, 'started when it was over', event)
        check(event['items'] and event['pid'] > 0, event)
        self.retrying.discard(event['seq'])
        event['timed_out'] = False
        self.running[event['slot']] = event
        self.attempts[event['seq']] += 1

    def take_timeout(self, event):
        check(self.running[event['slot']]['seq'] == event['seq'], event)
        self.running[event['slot']]['timed_out'] = True

    def take_end(self, event):
        start = self.running.pop(event['slot'])
        for field in 'seq', 'attempt', 'pid':
            check(start[field] == event[field], field, start, event)
        self.counts['end ' + event['outcome']] += 1
        if event['outcome'] == 'not run':
            check(event['error'], event)
            return
        check(start['timed_out'] == event['timeout'], start, event)
        check(event['time'] >= start['time'] and event['runtime'] >= 0, start, event)
        failed = event['exit'] != 0 or event['signal'] != 0
        check(failed or event['outcome'] in ('done', 'preempted'), event)
        check(event['outcome'] != 'done' or not failed, event)

    def take_retry(self, event):
        check(event['attempt'] == self.attempts[event['seq']] + 1, event)
        self.retrying.add(event['seq'])

    def take_over(self, event):
        check(event['seq'] not in self.over, 'twice', event)
        check(all(run['seq'] != event['seq'] for run in self.running.values()), event)
        self.retrying.discard(event['seq'])
        self.over[event['seq']] = event
        self.counts['over ' + event['outcome']] += 1

    def take_slots(self, event):
        check(event['slots'] != self.slots, event)
        self.slots = event['slots']

    def take_wait(self, event):
        check(event['reason'], event)
        self.waits = True

    def take_resume(self, event):
        check(self.waits, 'nothing was waited for')
        self.waits = False

    def take_halt(self, event):
        check(self.halted is None or (self.halted, event['phase']) == ('draining', 'ending'), event)
        self.halted = event['phase']

    def take_stop(self, event):
        check(not self.running, 'these still run', self.running)
        check(not self.retrying, 'these were to be tried again', self.retrying)
        for outcome in 'done', 'failed', 'left out':
            check(event[outcome.replace(' ', '_')] == self.counts['over ' + outcome], event, self.counts)


def compare_journal(over, name):
    """The jobs that are over are those that the journal has, in its order."""
    with open(name, encoding='utf-8', errors='surrogateescape') as file:
        lines = [line.split('\t') for line in file.read().splitlines()[1:]]
    journal = [(int(line[0]), int(line[6]), int(line[7])) for line in lines]
    events = [(e['seq'], e['exit'], e['signal']) for e in over if e['outcome'] != 'left out']
    check(sorted(journal) == sorted(events), 'the journal has', journal, 'and the events', events)


def read_trace(name):
    """The trace, closed where the run was killed before it could close it."""
    with open(name, encoding='utf-8') as file:
        text = file.read()
    return json.loads(text if text.endswith('\n]\n') else text + '\n]'), text.endswith('\n]\n')


def compare_trace(replay, name):
    trace, closed = read_trace(name)
    check(closed, 'the array of the trace is open')
    stacks, arrows, ended = collections.defaultdict(list), set(), collections.Counter()
    running = 0
    for item in trace:
        phase, track = item['ph'], item['tid']
        if phase == 'B':
            stacks[track].append(item)
            check(len(stacks[track]) == 1, 'slices overlap', item)
        elif phase == 'E':
            start = stacks[track].pop()
            check(item['ts'] >= start['ts'], start, item)
            # The format wants none, but some readers leave a slice open without it.
            check(item['name'] == start['name'], 'another name', start, item)
            ended[item.get('args', {}).get('outcome')] += 1
        elif phase == 's':
            check(stacks[track], 'an arrow from nowhere', item)
            arrows.add(item['id'])
        elif phase == 'f':
            check(stacks[track], 'an arrow to nowhere', item)
            arrows.remove(item['id'])
        elif phase == 'C' and item['name'] == 'running':
            running = item['args']['running']
    check(not any(stacks.values()), 'slices are open', stacks)
    check(running == 0, 'some still run', running)
    for outcome in 'done', 'failed', 'retry', 'left out', 'preempted', 'not run':
        check(ended[outcome] == replay.counts['end ' + outcome], outcome, ended, replay.counts)


def replay_runs(events):
    """Replays the runs that a file has, one behind the other."""
    runs = []
    for event in events:
        if event['event'] == 'begin':
            runs.append(Replay())
        runs[-1].take(event)
    check(all(run.counts['stop'] == 1 for run in runs), 'a run has no end')
    return runs


def replay(events, journal, trace=None):
    runs = replay_runs(read_events(events))
    compare_journal([event for run in runs for event in run.over.values()], journal)
    if trace:
        compare_trace(runs[-1], trace)
    return runs


# What a job does, by its item: one of these, of which some fail at the first attempt only.
JOB = '''
case $1 in
done*) ;;
fail*) exit 3 ;;
once*) [ "$PEXEC_ATTEMPT" -gt 1 ] ;;
dies*) kill -9 $$ ;;
late*) sleep 0.3 ;;
nap*) sleep 0.0$(($$ % 5)) ;;
prints*) echo "$1"; echo "$1" >&2 ;;
esac
'''
KINDS = ['done'] * 6 + ['fail', 'once', 'once', 'dies', 'late', 'nap', 'nap', 'prints', 'prints']


def random_run(number, seed):
    """Makes a run of random jobs with random options, and replays it."""
    choice = random.Random(f'{seed} {number}')
    pick = lambda *options: choice.choice(options)
    words = ['-j', str(choice.randint(1, 6)), '--events', 'events', '--report', 'trace.json', '--joblog', 'journal']
    words += pick([], [], ['--retries', '2'], ['--retries', '3', '--retry-delay', '1ms'],
                  ['--retries', '2', '--drop-retried'])
    words += pick([], [], ['--timeout', '100ms'], ['--timeout', '50ms', '--termseq', 'TERM,20,KILL,20'])
    words += pick([], [], [], ['--halt', 'soon,fail=3'], ['--halt', 'now,fail=2'], ['--halt', 'now,done=5'])
    words += pick([], [], ['-k'], ['--lb'], ['-n', '2'], ['--delay', '2ms'])
    command = pick(['sh', '-c', JOB, 'sh'], ['sh', '-c', JOB, 'sh'], ['sh', '-c', JOB, 'sh'], ['./{}'])
    items = [f'{choice.choice(KINDS)} {i}' for i in range(choice.randint(1, 40))]
    if command == ['./{}']:
        items = [pick('runs', 'runs', 'script', 'missing', 'data') for _ in items]
    for name, text, mode in ('runs', '#!/bin/sh\n', 0o755), ('script', ':\n', 0o755), ('data', '', 0o644):
        with open(name, 'w') as file:
            file.write(text)
        os.chmod(name, mode)
    run = subprocess.Popen([os.environ['PEXEC'], *words, *command, ':::', *items],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = pick(*[None] * 6, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1)
    if told:
        # Not before it has taken its signals: then it tells of its beginning.
        while run.poll() is None and not (os.path.exists('events') and os.path.getsize('events')):
            time.sleep(0.005)
        time.sleep(choice.random() / 10)
        run.send_signal(told)
    run.wait()
    # A run that goes on adds to the events and to the journal.
    runs = replay('events', 'journal', 'trace.json')
    if choice.random() < 0.3:
        subprocess.run([os.environ['PEXEC'], *words, '--resume-failed', *command, ':::', *items],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        runs = replay('events', 'journal', 'trace.json')
    return sum((run.counts for run in runs), collections.Counter())


def random_runs(count, seed):
    total = collections.Counter()
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                total += random_run(number, seed)
            except Exception as error:
                raise AssertionError(f'run {number} of seed {seed}') from error
            finally:
                os.chdir('/')
    return total


if sys.argv[1] == '--random':
    print(dict(random_runs(int(sys.argv[2]), sys.argv[3])))
elif sys.argv[1] == '--trace':
    items, closed = read_trace(sys.argv[2])
    print(sum(item['ph'] == 'B' for item in items), sum(item['ph'] == 'E' for item in items), closed)
else:
    print(dict(sum((run.counts for run in replay(*sys.argv[1:])), collections.Counter())))
