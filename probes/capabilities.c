/*
 * capabilities.c - rights, and giving them up. See capabilities.h.
 */
#include "probes/capabilities.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct need {
	unsigned int capability;
	bool run; /* also once all is attached */
	const char *name;
};

/*
 * CAP_BPF stays, because bpf(2) refuses everything without it where unprivileged_bpf_disabled is
 * set: opening an iterator, and before 5.19 reading a map.
 */
static const struct need needs[] = {
	{ CAP_BPF, true, "CAP_BPF" },
	{ CAP_PERFMON, false, "CAP_PERFMON" },
	{ CAP_SYS_ADMIN, false, "CAP_SYS_ADMIN" },	       /* mount, setns, uprobes */
	{ CAP_SYS_PTRACE, false, "CAP_SYS_PTRACE" },	       /* another user's /proc/PID */
	{ CAP_SYSLOG, false, "CAP_SYSLOG" },		       /* addresses in /proc/kallsyms */
	{ CAP_DAC_READ_SEARCH, false, "CAP_DAC_READ_SEARCH" }, /* tracefs, when not root */
};

#define NEEDS (sizeof(needs) / sizeof(needs[0]))

static int keep(bool run)
{
	bool had[NEEDS];

	if (capng_get_caps_process())
		return -errno;
	for (size_t i = 0; i < NEEDS; i++)
		had[i] = capng_have_capability(CAPNG_EFFECTIVE, needs[i].capability);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < NEEDS; i++)
		if (had[i] && (needs[i].run || !run))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				     needs[i].capability);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

int capabilities_keep_for_start(void)
{
	return keep(false);
}

int capabilities_keep_for_run(void)
{
	return keep(true);
}

const char *capabilities_list(char *text, size_t room)
{
	size_t length = 0;

	snprintf(text, room, "none");
	if (capng_get_caps_process())
		return text;
	for (size_t i = 0; i < NEEDS && length < room; i++)
		if (capng_have_capability(CAPNG_EFFECTIVE, needs[i].capability))
			length += (size_t)snprintf(text + length, room - length, "%s%s",
						   length ? ", " : "", needs[i].name);
	return text;
}

static bool locked_down(void)
{
	char text[64] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, "[confidentiality]");
}

static const char *name_of(int capability)
{
	for (size_t i = 0; i < NEEDS; i++)
		if ((int)needs[i].capability == capability)
			return needs[i].name;
	return "a capability";
}

void capabilities_explain(char *why, size_t room, int also)
{
	bool bpf, perfmon;

	if (capng_get_caps_process()) {
		snprintf(why, room, "not permitted");
		return;
	}
	bpf = capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF);
	perfmon = capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON);
	if (locked_down())
		snprintf(why, room, "not permitted: the kernel is locked down (confidentiality)");
	else if (!bpf || !perfmon)
		snprintf(why, room, "not permitted: %s missing",
			 bpf	   ? "CAP_PERFMON is"
			 : perfmon ? "CAP_BPF is"
				   : "CAP_BPF and CAP_PERFMON are");
	else if (also >= 0 && !capng_have_capability(CAPNG_EFFECTIVE, (unsigned int)also))
		snprintf(why, room, "not permitted: %s is missing", name_of(also));
	else
		snprintf(why, room, "not permitted by this kernel or its security module");
}
