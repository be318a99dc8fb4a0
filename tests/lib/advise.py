#!/usr/bin/env python3
"""advise.py PID ADDRESS BYTES cold|pageout: process_madvise(2) on another process."""
import ctypes
import os
import sys

SYS_PROCESS_MADVISE = 440  # the same on all architectures
ADVICE = {"cold": 20, "pageout": 21}


class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


pid, address, length, advice = int(sys.argv[1]), int(sys.argv[2], 0), int(sys.argv[3]), sys.argv[4]
libc = ctypes.CDLL(None, use_errno=True)
pidfd = os.pidfd_open(pid)
done = libc.syscall(ctypes.c_long(SYS_PROCESS_MADVISE), ctypes.c_long(pidfd),
                    ctypes.byref(Part(address, length)), ctypes.c_long(1),
                    ctypes.c_long(ADVICE[advice]), ctypes.c_long(0))
if done != length:
    sys.exit(f"advise: {done} of {length}: {os.strerror(ctypes.get_errno())}")
