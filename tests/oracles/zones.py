"""Every zone of the system against Python's zoneinfo: zones.py PROGRAM (tests/oracles/zones.c).

Three witnesses: the table of changes in each file, read here; the offset at grids, changes and random instants by zoneinfo;
the meaning of wall times by zoneinfo's fold. Files that hold the same bytes are looked at closely once.
"""
import bisect
import datetime
import os
import random
import struct
import subprocess
import sys
import zoneinfo

DAY = 86400
FIRST, LAST = 0, 7258118400  # 1970 to 2200
FOLDER = os.environ.get("TZDIR", "/usr/share/zoneinfo")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
REFUSED = ["", "localtime", "posixrules", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin", "right/UTC", "../zoneinfo/UTC",
           "Europe/../Europe/Berlin", "./UTC", "Europe/./Berlin", "/usr/share/zoneinfo/UTC", "/etc/localtime", "Europe",
           "Europe/", "/Europe/Berlin", "Europe//Berlin", "Europe/Berlin ", " UTC", "Europe/Berl\u00edn", "Europe/Berlin/a/b",
           "zone.tab", "zone1970.tab", "iso3166.tab", "tzdata.zi", "leapseconds", "leap-seconds.list", "Nowhere/Land",
           "utc", "europe/berlin", "EST5EDT4", "UTC+1", ":UTC", "UTC\\", "$HOME", "~", "A" * 65, "Europe/" + "B" * 300]


def files():
    """The TZif files of the folder: name -> bytes."""
    found = {}
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                content = f.read()
            if content.startswith(b"TZif"):
                found[os.path.relpath(path, FOLDER)] = content
    return found


def table(content):
    """The changes that a TZif file lists in its 64-bit block: [(instant, offset after)], and the first offset."""
    def block(at, size):
        isut, isstd, leaps, times, types, chars = struct.unpack(">6l", content[at + 20:at + 44])
        end = at + 44 + times * (size + 1) + types * 6 + chars + leaps * (size + 4) + isstd + isut
        return times, types, end
    at = block(0, 4)[2]
    times, types, _ = block(at, 8)
    at += 44
    instants = struct.unpack(f">{times}q", content[at:at + times * 8])
    kinds = content[at + times * 8:at + times * 9]
    offsets = [struct.unpack(">l", content[p:p + 4])[0] for p in range(at + times * 9, at + times * 9 + types * 6, 6)]
    return [(t, offsets[k]) for t, k in zip(instants, kinds)], offsets[0]


def real_changes(content):
    """Those that move the clock, 1970 to 2200."""
    listed, offset = table(content)
    changes = []
    for t, after in listed:
        if after != offset and FIRST <= t < LAST:
            changes.append((t, after))
        offset = after
    return changes, listed[-1][0] if listed else FIRST


def offset_at(zone, t):
    return int(datetime.datetime.fromtimestamp(t, zone).utcoffset().total_seconds())


def as_wall(zone, w, fold):
    return w - int((EPOCH + datetime.timedelta(seconds=w)).replace(tzinfo=zone, fold=fold).utcoffset().total_seconds())


def meaning(zone, w):
    """What a wall time means, from fold 0 and 1 and the way back alone."""
    a, b = as_wall(zone, w, 0), as_wall(zone, w, 1)
    there = [u for u in dict.fromkeys((a, b)) if u + offset_at(zone, u) == w]
    if len(there) == 2:
        return f"overlap:{there[0]}:{there[1]}"
    if len(there) == 1:
        return f"unique:{there[0]}"
    low, high = b, a  # before and after the gap: the first instant with the later offset lies between
    after = offset_at(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset_at(zone, middle) == after else (middle, high)
    return f"gap:{high}"


def ask(program, questions):
    text = "".join(f"{name}\t{' '.join(map(str, instants))}\t{' '.join(map(str, walls))}\n" for name, instants, walls in questions)
    answers = subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(questions), (len(answers), len(questions))
    return answers


def spans_of(answer):
    return [tuple(map(int, span.split(":"))) for span in answer.split("\t")[0].split()]


def questions_about(name, spans, rng):
    """Instants: a grid, random ones, both sides of each change. Wall times: the edges and the inside of each change, random ones."""
    instants = list(range(FIRST, LAST, 10 * DAY))
    instants += [rng.randrange(FIRST, LAST) for _ in range(300)]
    walls = [rng.randrange(FIRST + DAY, LAST - DAY) for _ in range(100)]
    for (_, before), (t, after) in zip(spans, spans[1:]):
        if FIRST + 2 * DAY < t < LAST - 2 * DAY:
            instants += [t - 1, t]
            low, high = t + min(before, after), t + max(before, after)
            walls += [low - 1, low, rng.randint(low, high), high - 1, high]
    return name, instants, walls


def differences(name, content, answer, question):
    """Where our answer is not Python's."""
    with open(os.path.join(FOLDER, name), "rb") as f:
        zone = zoneinfo.ZoneInfo.from_file(f, key=name)
    spans, (said, meanings) = spans_of(answer), (part.split() for part in answer.split("\t")[1:])
    ours = [(t, after) for (_, before), (t, after) in zip(spans, spans[1:]) if FIRST <= t < LAST and before != after]
    listed, until = real_changes(content)
    wrong = [f"{name}: change {t}" for t in set(listed) ^ set(c for c in ours if c[0] <= until)]
    starts = [t for t, _ in spans]
    for t, offset in zip(question[1], map(int, said), strict=True):
        if not offset == offset_at(zone, t) == spans[bisect.bisect_right(starts, t) - 1][1]:
            wrong.append(f"{name}: {t} has {offset}, not {offset_at(zone, t)}")
    for w, ours in zip(question[2], meanings, strict=True):
        if ours != meaning(zone, w):
            wrong.append(f"{name}: wall time {w} is {ours}, not {meaning(zone, w)}")
    return wrong


def must_be_read(name):
    return not name.startswith(("posix/", "right/")) and name not in ("localtime", "posixrules", "Factory")


def main(program):
    rng, found = random.Random(4), files()
    names = sorted(set(zoneinfo.available_timezones()) & set(found) | set(found))
    good = [name for name in names if must_be_read(name)]
    bad = REFUSED + [name for name in names if not must_be_read(name)]
    wrong = [f"'{name}' is not refused" for name, answer in zip(bad, ask(program, [(n, (), ()) for n in bad]))
             if not answer.startswith("error ")]
    first, plain = {}, dict(zip(good, ask(program, [(name, (), ()) for name in good])))
    for name in good:
        first.setdefault(found[name], name)
        if plain[name].startswith("error") or plain[name] != plain[first[found[name]]]:
            wrong.append(f"{name}: {plain[name][:100]}")
    looked = {n: questions_about(n, spans_of(plain[n]), rng) for n in first.values() if not plain[n].startswith("error")}
    for (name, question), answer in zip(looked.items(), ask(program, list(looked.values()))):
        wrong += differences(name, found[name], answer, question)
    for line in wrong[:40]:
        print(line)
    questions = sum(len(q[1]) + len(q[2]) for q in looked.values())
    print(f"{len(good)} zones ({len(looked)} different), {len(bad)} names to be refused, {questions} questions: "
          f"{len(wrong)} differences")
    assert len(good) > 400 and len(looked) > 250, "that is not a whole zoneinfo"
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
