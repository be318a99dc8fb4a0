# The allocator of the C library: nothing to link and nothing to install. It is the one that the
# sanitizers know how to replace.
ALLOCATOR_SANITIZES := 1
