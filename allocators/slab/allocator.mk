# Our own: nothing to link and nothing to install. It leaves the malloc of the process alone, so that
# the sanitizers can replace that, and tells them which of its bytes are in use.
ALLOCATOR_SANITIZES := 1
