# Any allocator that is put before the C library's by LD_PRELOAD: nothing to link and nothing to
# install. Built always, but no allocator by itself: `tidemark run` takes it with a library only,
# as preload:/path/to/lib.so.
