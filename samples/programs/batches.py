"""Computes in threads; all futures, and so all results, are kept until the last one is done."""
import signal
from concurrent.futures import ThreadPoolExecutor, as_completed


def simulate(seed):
    value, series = seed, []
    for _ in range(150):
        value = (value * 1103515245 + 12345) % 2147483648
        series.append(value / 2147483648)
    return series


def main():
    with ThreadPoolExecutor(4) as executor:
        futures = [executor.submit(simulate, seed) for seed in range(5000)]
        total = sum(sum(future.result()) for future in as_completed(futures))
    print('mean %.3f' % (total / len(futures) / 150))
    print('ready', flush=True)
    signal.pause()


main()
