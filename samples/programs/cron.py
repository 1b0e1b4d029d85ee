"""Runs jobs at their times; there is hardly anything in it."""
import datetime
import heapq
import signal


class Job:
    def __init__(self, name, minutes):
        self.name, self.interval = name, datetime.timedelta(minutes=minutes)
        self.runs = 0

    def run(self):
        self.runs += 1


class Schedule:
    def __init__(self, jobs):
        start = datetime.datetime(2024, 1, 1)
        self.queue = [(start, number, job) for number, job in enumerate(jobs)]

    def advance(self):
        moment, number, job = heapq.heappop(self.queue)
        job.run()
        heapq.heappush(self.queue, (moment + job.interval, number, job))


def main():
    schedule = Schedule([Job('backup', 1440), Job('rotate', 60), Job('ping', 1)])
    for _ in range(50000):
        schedule.advance()
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
