/*
 * idle.c - says nothing, and does not listen: what a server sends stays in the kernel.
 */
#include "pulse/protocol/protocol.h"

const struct pulse_protocol pulse_idle = {
	.name = "idle",
	.help = "says nothing",
};
