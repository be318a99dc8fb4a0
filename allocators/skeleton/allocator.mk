# A copy of this folder, allocators/<name>/, gives build/server-<name>, called <name> in every table.
# The Makefile finds it and passes the name of the folder to allocator.c as ALLOCATOR_NAME.

# What the plug-in is linked with, and more flags for compiling it:
# ALLOCATOR_LIBS := -lmyalloc
# ALLOCATOR_CFLAGS := -DMYALLOC_STATS

# Debian packages that it needs, each with a header or a command that shows that it is there:
# ALLOCATOR_NEEDS := libmyalloc-dev=myalloc.h

# 1: leaves the malloc of the process alone, so that the sanitizers can replace it. Take this out
# when the library brings a malloc of its own.
ALLOCATOR_SANITIZES := 1

# 1: not one of "all allocators". Take this out in your copy.
EXAMPLE := 1
