# The minimal library: the same allocator without heap checker, profilers and libunwind, none of
# which belong in a measurement. Also called gperftools; Google's newer TCMalloc is another one.
ALLOCATOR_LIBS := -ltcmalloc_minimal
ALLOCATOR_NEEDS := libgoogle-perftools-dev=gperftools/malloc_extension_c.h
