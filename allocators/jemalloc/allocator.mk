ALLOCATOR_LIBS := -ljemalloc
ALLOCATOR_NEEDS := libjemalloc-dev=jemalloc/jemalloc.h
