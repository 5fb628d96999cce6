"""Runs of schedules, computed without Stillpoint: what the Swift tests are compared with.

Reads {"from": s, "to": s, "zones": [name], "expressions": [[kind, text]]} and writes, for every zone and every expression
of it, the number of runs in from < run <= to and their instants, as 64-bit integers of the host's byte order.

Says it as plainly as it can: which days match is asked of every day, and on days near a change of the clock every
minute that really passes is looked at. `schedules.py croniter` asks croniter instead (crontab expressions in UTC).
"""

import array
import calendar
import datetime
import json
import sys
import zoneinfo

DAY = 86400
EPOCH = datetime.date(1970, 1, 1)
MONDAY = datetime.date(1970, 1, 5)
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()


# What expressions mean


def numbers(text, low, high, names=(), base=0, dots="-"):
    """The numbers of a list; names count from `base`."""
    found = set()
    for item in text.upper().split(","):
        body, _, step = item.partition("/")
        for index, name in enumerate(names):
            body = body.replace(name, str(index + base))
        if body == "*":
            first, last = low, high
        elif dots in body:
            first, last = map(int, body.split(dots))
        else:
            first = int(body)
            last = high if step else first
        found.update(range(first, last + 1, int(step or 1)))
    return found


def length(day):
    return calendar.monthrange(day.year, day.month)[1]


def sunday_first(day):
    """0 for Sunday to 6 for Saturday."""
    return (day.weekday() + 1) % 7


def nearest_workday(year, month, wanted):
    """By trying: the days of the month that are Monday to Friday, the nearest of them."""
    last = calendar.monthrange(year, month)[1]
    if wanted > last:
        return None
    workdays = [d for d in range(1, last + 1) if datetime.date(year, month, d).weekday() < 5]
    return min(workdays, key=lambda d: abs(d - wanted))


def quartz_date(text, day):
    for item in text.upper().split(","):
        if item == "L":
            hit = day.day == length(day)
        elif item == "LW":
            hit = day.day == max(d for d in range(1, length(day) + 1) if day.replace(day=d).weekday() < 5)
        elif item.endswith("W"):
            hit = day.day == nearest_workday(day.year, day.month, int(item[:-1]))
        else:
            hit = day.day in numbers(item, 1, 31)
        if hit:
            return True
    return False


def quartz_weekday(text, day):
    number = sunday_first(day) + 1

    def value(word):
        return WEEKDAYS.index(word) + 1 if word in WEEKDAYS else int(word)

    for item in text.upper().split(","):
        if item == "L":
            hit = number == 7
        elif item.endswith("L"):
            hit = number == value(item[:-1]) and day.day + 7 > length(day)
        elif "#" in item:
            word, count = item.split("#")
            hit = number == value(word) and (day.day - 1) // 7 + 1 == int(count)
        else:
            hit = number in numbers(item, 1, 7, WEEKDAYS, 1)
        if hit:
            return True
    return False


def product(hours, minutes):
    return sorted(h * 60 + m for h in hours for m in minutes)


def cron(text):
    quartz = text.startswith("cron(")
    fields = (text[5:-1] if quartz else text).split()
    minutes, hours = numbers(fields[0], 0, 59), numbers(fields[1], 0, 23)
    months = numbers(fields[3], 1, 12, MONTHS, 1)
    if quartz:
        years = None if fields[5] == "*" else numbers(fields[5], 1970, 2199)

        def matches(day):
            return (
                day.month in months
                and (years is None or day.year in years)
                and (fields[2] in "?*" or quartz_date(fields[2], day))
                and (fields[4] in "?*" or quartz_weekday(fields[4], day))
            )

    else:
        dates = numbers(fields[2], 1, 31)
        weekdays = {n % 7 for n in numbers(fields[4], 0, 6, WEEKDAYS)}
        both_restricted = not fields[2].startswith("*") and not fields[4].startswith("*")

        def matches(day):
            date, weekday = day.day in dates, sunday_first(day) in weekdays
            return day.month in months and ((date or weekday) if both_restricted else (date and weekday))

    return matches, product(hours, minutes)


def systemd(text):
    """Only what the tests use: [weekdays] [date] [time], with `~` for days from the end."""
    weekdays, years, months, dates, from_end, times = None, None, range(1, 13), None, None, [0]
    for word in text.split():
        if word[0].isalpha():
            monday_first = WEEKDAYS[1:] + WEEKDAYS[:1]
            weekdays = numbers(word, 1, 7, monday_first, 1, "..")
        elif ":" in word:
            hour, minute = word.split(":")[:2]
            times = product(numbers(hour, 0, 23, dots=".."), numbers(minute, 0, 59, dots=".."))
        else:
            head, tilde, tail = word.partition("~")
            parts = head.split("-") + ([tail] if tilde else [])
            year, month, date = ["*"] * (3 - len(parts)) + parts
            years = None if year == "*" else numbers(year, 1970, 2199, dots="..")
            months = numbers(month, 1, 12, dots="..")
            if tilde:
                first, slash, step = tail.partition("/")
                from_end = {int(first)} if not slash else set(range(int(first), 0, -int(step)))
            else:
                dates = numbers(date, 1, 31, dots="..")

    def matches(day):
        return (
            (weekdays is None or day.isoweekday() in weekdays)
            and (years is None or day.year in years)
            and day.month in months
            and (dates is None or day.day in dates)
            and (from_end is None or length(day) - day.day + 1 in from_end)
        )

    return matches, times


def interval(text):
    """`COUNT UNIT [TIME ...]`"""
    count, unit, *times = text.split()
    count = int(count)
    starts = [int(t[:2]) * 60 + int(t[3:]) for t in times] or [0]
    if unit in ("MINUTES", "HOURS"):
        step = count * (60 if unit == "HOURS" else 1)
        return (lambda day: True), sorted((starts[0] + k * step) % 1440 for k in range(1440 // step))
    days = count * (7 if unit == "WEEKS" else 1)
    return (lambda day: (day - MONDAY).days % days == 0), sorted(starts)


def every(text):
    return int(text[:-1]) * {"m": 1, "h": 60, "d": 1440, "w": 10080}[text[-1]]


def days_of(start, end):
    return range(start // DAY - 2, end // DAY + 3)


def meaning(kind, text, start, end):
    """The days and the minutes of a day; for real time the minutes between runs."""
    if kind == "every" and every(text) % 1440:
        return every(text)
    read = {"cron": cron, "calendar": systemd, "interval": interval, "every": lambda t: interval(f"{every(t) // 1440} DAYS")}
    matches, times = read[kind](text)
    return [d for d in days_of(start, end) if matches(EPOCH + datetime.timedelta(d))], times


# What the zone makes of them


class Zone:
    """Every minute near a change of the clock, and one offset for all other days."""

    def __init__(self, name, start, end):
        self.info = zoneinfo.ZoneInfo(name)
        self.start, self.end = start, end
        self.noons = {}
        self.near = {}  # instant -> wall, for every minute within 16 hours of a change
        for day in range(start // DAY * DAY - 4 * DAY, end + 4 * DAY, DAY):
            if self.offset(day) != self.offset(day + DAY):
                change = next(t for t in range(day, day + DAY + 1, 60) if self.offset(t) != self.offset(day))
                for t in range(change - 16 * 3600, change + 16 * 3600, 60):
                    self.near[t] = t + self.offset(t)
        self.first, self.all, self.gap = {}, {}, []
        for t in sorted(self.near):
            wall = self.near[t]
            self.first.setdefault(wall, t)
            self.all.setdefault(wall, []).append(t)
            if t - 60 in self.near and self.near[t - 60] + 60 < wall:
                self.gap.append((self.near[t - 60] + 60, wall, t))
        # Days that have a wall near a change; on all others the offset of noon is that of the day.
        self.special = {w // DAY for w in self.all} | {w // DAY for low, high, _ in self.gap for w in range(low, high, 60)}

    def offset(self, instant):
        return int(datetime.datetime.fromtimestamp(instant, self.info).utcoffset().total_seconds())

    def once(self, wall):
        """The instants of a fixed time: the first, or the end of the gap."""
        for low, high, end in self.gap:
            if low <= wall < high:
                return [end]
        if wall in self.first:
            return [self.first[wall]]
        return [wall - self.offset(wall)]

    def shown(self, wall):
        """All instants at which the wall shows a time."""
        if wall in self.all:
            return self.all[wall]
        if any(low <= wall < high for low, high, _ in self.gap):
            return []
        return [wall - self.offset(wall)]

    def noon(self, day):
        if day not in self.noons:
            self.noons[day] = self.offset(day * DAY + DAY // 2)
        return self.noons[day]

    def wall_runs(self, days, times):
        hourly = all(b - a <= 60 for a, b in zip(times, times[1:] + [times[0] + 1440]))
        found = set()
        for day in days:
            if day in self.special:
                for time in times:
                    wall = day * DAY + time * 60
                    found.update(self.shown(wall) if hourly else self.once(wall))
            else:
                begin = day * DAY - self.noon(day)
                found.update(begin + time * 60 for time in times)
        return found

    def every(self, minutes):
        step = minutes * 60
        if 1440 % minutes:
            return {t for t in range(4 * DAY, self.end + 1, step) if t > self.start}
        found = set()
        midnights = [self.once(day * DAY)[0] for day in days_of(self.start, self.end)]
        for begin, end in zip(midnights, midnights[1:]):
            found.update(range(begin, end, step))
        return found

    def runs(self, meaning):
        found = self.every(meaning) if isinstance(meaning, int) else self.wall_runs(*meaning)
        return sorted(t for t in found if self.start < t <= self.end)


def from_croniter(text, start, end):
    import croniter

    found = []
    for run in croniter.croniter_range(start, end, text, ret_type=float):
        if run > start:
            found.append(int(run))
    return found


def main():
    wanted = json.load(sys.stdin)
    start, end, expressions = wanted["from"], wanted["to"], wanted["expressions"]
    if sys.argv[1:] == ["croniter"]:
        results = (from_croniter(text, start, end) for _, text in expressions)
    else:
        meanings = [meaning(kind, text, start, end) for kind, text in expressions]
        results = (zone.runs(m) for name in wanted["zones"] for zone in [Zone(name, start, end)] for m in meanings)
    out = array.array("q")
    for found in results:
        out.append(len(found))
        out.extend(found)
    out.tofile(sys.stdout.buffer)


main()
