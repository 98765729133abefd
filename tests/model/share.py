#!/usr/bin/env python3
"""A model of several runs that share one queue: what --share and --shard come to.

share.py           small ones, job by job; exits with 1 when what must hold of the policy does not
share.py --large   1,000 runs with 16 slots and 10^9 jobs, chunk by chunk

Each run has slots, which take the jobs of its chunk one after the other. Where there is none left a
slot gets the next chunk, behind a lock that serves who came first and takes a time; the other slots
of the run that need a job meanwhile wait, too. How many jobs a chunk has is said by a policy: Ours
is choose_size() of src/queue/claims.c, the others are there to compare. Times are in seconds.
"""
import heapq
import random
import sys

LONG = 100  # a long job takes so many times as long as a short one

# --- what the jobs of a queue take: shapes ---
# A shape says of job i of n whether it is a long one, and which part of the jobs before it were.


class Shape:
    def __init__(self, name, is_long, long_before):
        self.name, self.is_long, self.long_before = name, is_long, long_before


def block_part(i, n):
    """How many of the first i jobs are in blocks of long ones: the first 2 % of each twentieth."""
    twentieth = n / 20
    whole = i // twentieth
    return whole * twentieth * 0.02 + min(i - whole * twentieth, twentieth * 0.02)


def shapes(runs, seed=3):
    chance = random.Random(seed)
    drawn = []

    def is_drawn(i, n):
        while len(drawn) <= i:
            drawn.append(chance.random() < 0.01)
        return drawn[i]

    return [
        Shape("even", lambda i, n: False, lambda i, n: 0),
        Shape("random", is_drawn, lambda i, n: 0.01 * i),
        Shape("front", lambda i, n: i <= 0.02 * n, lambda i, n: min(i, 0.02 * n)),
        Shape("back", lambda i, n: i > 0.98 * n, lambda i, n: max(0, i - 0.98 * n)),
        Shape("blocks", lambda i, n: block_part(i, n) > block_part(i - 1, n) + 0.5, block_part),
        Shape("periodic", lambda i, n: i % runs == 0, lambda i, n: i / runs),
    ]


# --- how many jobs a run takes at a time: policies ---


class Ours:
    """choose_size()"""
    name = "share"
    CHUNK, COSTS, MOST_CHUNKS = 0.1, 50, 1 << 22

    def __init__(self, runs, total):
        self.runs, self.total = runs, total
        self.size, self.got, self.cost = [0] * runs, [0.0] * runs, [0.0] * runs
        self.over_then = [0] * runs

    def choose(self, run, now, left, over):
        last, lasted, cost = self.size[run], now - self.got[run], self.cost[run]
        least_time, size = max(self.CHUNK, cost * self.COSTS), last
        if size == 0:
            size = self.slots
        elif lasted > 2 * least_time and size > 1:
            size //= 2
        elif lasted < least_time and over - self.over_then[run] >= size and size < 1 << 40:
            size *= 2
        self.over_then[run] = over
        size = max(size, 1, self.total // self.MOST_CHUNKS)
        part = left // (2 * self.runs)
        if self.runs > 1 and part * lasted < last * cost:
            part = left // self.runs
        size = self.size[run] = max(1, min(part, size))
        return size

    def took(self, run, began, now):
        self.got[run], self.cost[run] = now, now - began


class Guided:
    """Guided self-scheduling: a chunk is 1/factor of an equal share of what is left."""

    def __init__(self, factor):
        self.factor, self.name = factor, f"guided/{factor}"

    def __call__(self, runs, total):
        self.divisor = self.factor * runs
        return self

    def choose(self, run, now, left, over):
        return max(1, left // self.divisor)

    def took(self, run, began, now):
        pass


class Single:
    """One job at a time."""
    name = "single"

    def __init__(self, runs, total):
        pass

    def choose(self, run, now, left, over):
        return 1

    def took(self, run, began, now):
        pass


# --- the model, job by job ---


class Result:
    def __init__(self, ends, chunks, waited, locked, slots):
        self.whole, self.spread = max(ends), max(ends) - min(ends)
        self.chunks = chunks
        self.waits = waited / (self.whole * len(ends) * slots)
        self.locked = locked / self.whole


def share(runs, slots, times, policy, lock):
    """Runs that take jobs of these times, which stand in the order of the queue."""
    total, taken, chunks, free, waited = len(times), 0, 0, 0.0, 0.0
    at, last, ready, ends = [0] * runs, [0] * runs, [0.0] * runs, [0.0] * runs
    chooser = policy(runs, total)
    chooser.slots = slots
    heap, over = [(0.0, run, 0) for run in range(runs) for _ in range(slots)], [0] * runs
    while heap:
        now, run, ended = heap[0]
        over[run] += ended
        if now < ready[run]:  # another slot of the run is getting a chunk
            waited += ready[run] - now
            heapq.heapreplace(heap, (ready[run], run, 0))
            continue
        if at[run] == last[run]:
            if taken == total:
                heapq.heappop(heap)
                ends[run] = max(ends[run], now)
                continue
            free = max(free, now) + lock
            size = chooser.choose(run, now, total - taken, over[run])
            chooser.took(run, now, free)
            waited += free - now
            at[run], taken = taken, taken + size
            last[run], ready[run] = taken, free
            chunks, now = chunks + 1, free
        heapq.heapreplace(heap, (now + times[at[run]], run, 1))
        at[run] += 1
    return Result(ends, chunks, waited, chunks * lock, slots)


def shard(runs, slots, times):
    """Each run has each Nth job."""
    ends = []
    for run in range(runs):
        heap = [0.0] * slots
        for time in times[run::runs]:
            heapq.heapreplace(heap, heap[0] + time)
        ends.append(max(heap))
    return Result(ends, 0, 0.0, 0.0, slots)


def file_bytes(chunks, runs, total):
    """Of FILE, at most."""
    return 14 + 2 * runs * len(f"part {runs} {runs}\n") + chunks * len(f"take {runs} {total} {total}\n")


HEAD = f"{'shape':9}{'policy':11}{'lock ms':>8}{'whole':>8}{'best':>7}{'spread':>8}{'chunks':>9}{'waits %':>9}{'locked %':>9}{'FILE':>9}"


def print_row(shape, policy, lock, result, ideal, best, longest, size):
    print(f"{shape:9}{policy:11}{lock * 1e3:8.2f}{result.whole / ideal:8.3f}"
          f"{result.whole / best:7.3f}{result.spread / longest:8.2f}{result.chunks:9}"
          f"{result.waits * 100:9.2f}{result.locked * 100:9.1f}{size / 1e6:9.2f}", flush=True)


def small(runs, slots, jobs, short, lock, failures):
    """A table for a size, and what must hold."""
    print(f"\n{runs} runs with {slots} slots, {jobs} jobs of {short} s or {LONG} times that")
    print(HEAD)
    for shape in shapes(runs):
        times = [short * (LONG if shape.is_long(i, jobs) else 1) for i in range(1, jobs + 1)]
        longest = max(times)
        ideal = max(sum(times) / (runs * slots), longest)
        # As well as it goes in this order: one job at a time, which costs nothing.
        best = share(1, runs * slots, times, Single, 0.0).whole
        for policy in [Ours] + (GUIDED if shape.name == "front" else []):
            result = share(runs, slots, times, policy, lock)
            print_row(shape.name, policy.name, lock, result, ideal, best, longest,
                      file_bytes(result.chunks, runs, jobs))
            check(failures, f"{runs}x{slots} {shape.name} {policy.name}", policy, result, best, longest)
        result = shard(runs, slots, times)
        print_row(shape.name, "shard", 0, result, ideal, best, longest, 0)
        if shape.name == "periodic" and result.whole < 2 * best:
            failures.append(f"{runs}x{slots} periodic shard: it does well")


GUIDED = [Guided(1), Guided(2), Guided(4), Single]


def check(failures, row, policy, result, best, longest):
    def must(what, value, most):
        if value > most:
            failures.append(f"{row}: {what} is {value:.3f}, more than {most:.3f}")

    if policy is Ours:
        # The jobs of a chunk may turn out to be long ones, all of them: nobody else has these.
        chunk = 2 * LONG * Ours.CHUNK if " blocks " in row else 0
        must("whole", result.whole, 1.1 * best + longest + chunk)
        must("spread", result.spread, 1.1 * longest + chunk)
        must("waits", result.waits, 0.04)
    elif policy is not Single and result.whole < 2 * best:
        failures.append(f"{row}: it does well with the longest first, and claims.h says it does not")


# --- the model, chunk by chunk ---


def stream(runs, slots, total, mean, shape, policy, lock, lines):
    """As share(), with so many jobs that a chunk takes what its jobs take together, and slots run
    dry one after the other. `lines`: how many of others are skipped in a second."""
    part = shape.long_before(total, total) / total
    short = mean / (1 + part * (LONG - 1))
    chance, drawn = random.Random(5), shape.name == "random"
    before = shape.long_before
    taken, chunks, free, waited, longs = 0, 0, 0.0, 0.0, 0
    read, ends = [0] * runs, [0.0] * runs
    chooser = policy(runs, total)
    chooser.slots = slots
    heap = [(0.0, run) for run in range(runs)]
    while heap:
        now, run = heap[0]
        if taken == total:
            heapq.heappop(heap)
            has_long = before(total, total) - before(total - slots * runs, total) >= 1
            rest = short * LONG if has_long else short
            ends[run] = now + rest * chance.random()
            continue
        free = max(free, now) + lock
        # Of many jobs as many have ended as were taken before.
        size = chooser.choose(run, now, total - taken, taken)
        chooser.took(run, now, free)
        first, taken = taken, taken + size
        dry = free - now + (taken - read[run]) / lines
        read[run] = taken
        passed = before(taken, total)
        many, longs = passed - longs, passed
        if drawn:
            many = max(0, chance.gauss(many, (many * 0.99)**0.5))
        work = short * (size + (LONG - 1) * many)
        each = work / size
        # One slot waits all the time, the others from when their jobs have ended.
        if dry < each:
            lost = dry * (1 + (slots - 1) * dry / (2 * each))
        else:
            lost = dry + (slots - 1) * (dry - each / 2)
        waited += lost
        chunks += 1
        heapq.heapreplace(heap, (now + (lost + work) / slots, run))
    return Result(ends, chunks, waited, chunks * lock, slots), short


def stream_shard(runs, slots, total, mean, shape):
    """Each run has each Nth job. The last job of a part ends at some time within one of its jobs."""
    part = shape.long_before(total, total) / total
    short = mean / (1 + part * (LONG - 1))
    chance, ends, jobs = random.Random(5), [], total / runs
    for run in range(runs):
        longs = jobs * part
        if shape.name == "periodic":
            longs = jobs if run == 0 else 0
        elif shape.name == "random":
            longs = chance.gauss(longs, (longs * 0.99)**0.5)
        work = short * (jobs + (LONG - 1) * longs)
        ends.append(work / slots + chance.random() * short * (LONG if longs > 0 else 1))
    return Result(ends, 0, 0.0, 0.0, slots), short


# Measured: lines of a queue that a run skips in a second, of a journal that it reads, and bytes of FILE.
SKIPS, READS, SCANS = 1e7, 7e6, 1.2e8


def large(runs=1000, slots=16, total=10**9):
    for mean, locks in ((0.01, (0.00005, 0.001, 0.005)), (1.0, (0.00005, 0.005))):
        ideal = total * mean / (runs * slots)
        print(f"\n{runs} runs with {slots} slots, {total} jobs of {mean} s in the mean: {ideal:.0f} s at best")
        print(HEAD)
        for shape in shapes(runs):
            for lock in locks:
                # Those with millions of chunks take long.
                if (mean == 1.0 or lock < 0.001) and shape.name not in ("even", "blocks"):
                    continue
                if mean == 1.0 and shape.name == "blocks" and lock < 0.001:
                    continue
                result, short = stream(runs, slots, total, mean, shape, Ours, lock, SKIPS)
                longest = short * (1 if shape.name == "even" else LONG)
                size = file_bytes(result.chunks, runs, total)
                print_row(shape.name, "share", lock, result, ideal, ideal, longest, size)
            result, short = stream_shard(runs, slots, total, mean, shape)
            longest = short * (1 if shape.name == "even" else LONG)
            print_row(shape.name, "shard", 0, result, ideal, ideal, longest, 0)
    line = f"{total}\t:\t1795811768.850\t     0.010\t0\t0\t0\t0\ttrue {total}\n"
    print(f"""
journals in all          {total * len(line) / 1e9:.0f} GB
index, with --shard      {2 * total / runs / 1e6:.0f} MB for each run
index, with --share      {2 * total / 1e6:.0f} MB for each run
reading them (--resume)  {total / READS:.0f} s for each run
reading the queue        {total / SKIPS:.0f} s for each run
reading FILE, at most    {(1 << 22) * 27 / SCANS:.1f} s with the lock, for a run that comes late or takes over""")


def main():
    if "--large" in sys.argv[1:]:
        large()
        return 0
    failures = []
    small(4, 4, 4000, 0.01, 0.001, failures)
    small(64, 16, 100000, 0.1, 0.001, failures)
    for failure in failures:
        print(f"\n{failure}", end="")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
