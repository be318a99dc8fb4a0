# The shared library overrides malloc by being found before libc; no more than -lmimalloc is needed.
ALLOCATOR_LIBS := -lmimalloc
ALLOCATOR_NEEDS := libmimalloc-dev=mimalloc.h
