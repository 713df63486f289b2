"""The largest r over all filters under every circular shift by NumPy's FFT: the rival of the products with circulant matrices.

Usage: fft-null.py FBNS FILTERS TIME RUNS; prints the seconds of each run, one a line.
"""

import sys
import time

import numpy

fbns, filters, length, runs = map(int, sys.argv[1:])
random = numpy.random.default_rng(0)


def unit(rows):
    series = random.standard_normal((rows, length)).astype(numpy.float32)
    series -= series.mean(axis=1, keepdims=True)
    return series / numpy.linalg.norm(series, axis=1, keepdims=True)


x, y = unit(fbns), unit(filters)
for _ in range(runs):
    started = time.perf_counter()
    of_x = numpy.conj(numpy.fft.rfft(x))
    of_y = numpy.fft.rfft(y)
    maxima = numpy.stack([numpy.fft.irfft(of_y * one, n=length).max(axis=0) for one in of_x])
    print(time.perf_counter() - started, flush=True)
