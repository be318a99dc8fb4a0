/*
 * ramp.c - how many connections were planned to be open when. See ramp.h.
 */
#include "analysis/ramp.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/panels.h"
#include "server/base/units.h"

#define CORNERS_A_PHASE 5

/* --- what pulse was told ---------------------------------------------------------------------- */

struct plan {
	bool known;
	uint64_t rate;	 /* connects a second; 0: all at once */
	uint64_t linger; /* ns; RECORD_ABSENT: the command leaves it to pulse */
	bool to_end;	 /* survivors are not replaced by the next burst */
};

/* What stands behind that option: the last one prevails, with one dash or two. NULL: not given. */
static const char *option_value(const json_t *command, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;

	for (size_t i = 1; i < json_array_size(command); i++) {
		const char *word = json_string_value(json_array_get(command, i));

		if (!word || *word != '-')
			continue;
		word += word[1] == '-' ? 2 : 1;
		if (strncmp(word, name, length) != 0)
			continue;
		if (word[length] == '=')
			value = word + length + 1;
		else if (!word[length])
			value = json_string_value(json_array_get(command, i + 1));
	}
	return value;
}

/* "5000/s" or "5000"; 0 is what pulse takes where no rate is given. */
static int read_rate(const json_t *command, uint64_t *rate)
{
	const char *text = option_value(command, "rate");
	char digits[32];

	*rate = 0;
	if (!text)
		return 0;
	snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(text, "/"), text);
	return parse_count(digits, rate);
}

/* "-l" is the original pulse's option, in whole seconds, and prevails. */
static int read_linger(const json_t *command, uint64_t *linger)
{
	const char *text = option_value(command, "linger");
	const char *original = option_value(command, "l");
	uint64_t seconds;

	*linger = RECORD_ABSENT;
	if (!original)
		return text ? parse_duration(text, linger) : 0;
	if (parse_count(original, &seconds) || seconds > UINT32_MAX)
		return -EINVAL;
	*linger = seconds * NS_PER_S;
	return 0;
}

static struct plan read_plan(const json_t *about)
{
	const json_t *command = json_object_get(json_object_get(about, "pulse"), "command");
	const char *until = option_value(command, "survivors-until");
	struct plan plan = { .to_end = until && !strcmp(until, "end") };

	plan.known = json_array_size(command) && !read_rate(command, &plan.rate) &&
		     !read_linger(command, &plan.linger);
	if (!plan.known)
		plan.linger = RECORD_ABSENT;
	return plan;
}

/* --- corners ---------------------------------------------------------------------------------- */

static void add_corner(struct ramp *ramp, double seconds, double connections)
{
	ramp->corners[ramp->count++] = (struct corner){ seconds, connections };
	ramp->top = fmax(ramp->top, connections);
}

/* A moment within the phase; its end where the moment is not known. */
static double within(const struct run *run, const struct phase *phase, uint64_t time)
{
	if (time == RECORD_ABSENT || time > phase->end)
		time = phase->end;
	return panels_seconds(run, time < phase->start ? phase->start : time);
}

/* Connect number n is planned n / rate after the start, counted from 0. */
static double climbed_at(const struct run *run, const struct phase *phase, const struct plan *plan)
{
	double start = panels_seconds(run, phase->start), end = panels_seconds(run, phase->end);

	if (!plan->known)
		return phase->established == RECORD_ABSENT ? start
							   : within(run, phase, phase->established);
	if (!plan->rate)
		return start;
	return fmin(end, start + (double)(phase->wanted - 1) / (double)plan->rate);
}

/*
 * Bursts begin with those only that survivors left to the end; trickles, with all that are open.
 * Closing takes no time in the plan, and survivors of a complete run are those that were planned.
 */
static double add_phase(struct ramp *ramp, const struct run *run, const struct phase *phase,
			const struct plan *plan, double level)
{
	bool replaces = !strcmp(phase->name, "burst") && !plan->to_end;
	double before = replaces ? 0 : level, most = before + (double)phase->wanted;
	double after = phase->survivors == RECORD_ABSENT ? 0 : (double)phase->survivors;
	double start = panels_seconds(run, phase->start), end = panels_seconds(run, phase->end);
	double climbed = climbed_at(run, phase, plan), falls = within(run, phase, phase->closing);
	double fallen = end;

	if (plan->linger != RECORD_ABSENT)
		falls = fallen = fmin(end, climbed + (double)plan->linger / 1e9);
	add_corner(ramp, start, level);
	add_corner(ramp, start, before);
	add_corner(ramp, climbed, most);
	add_corner(ramp, fmax(climbed, falls), most);
	add_corner(ramp, fallen, after);
	return after;
}

int ramp_build(struct ramp *ramp, const struct run *run)
{
	const struct recording *recording = &run->recording;
	struct plan plan = read_plan(run->about);
	double level = 0;

	*ramp = (struct ramp){
		.corners = calloc(recording->phase_count * CORNERS_A_PHASE + 1,
				  sizeof(*ramp->corners)),
		.climb_known = plan.known,
		.linger_known = plan.linger != RECORD_ABSENT,
	};
	if (!ramp->corners)
		return -ENOMEM;
	for (size_t i = 0; i < recording->phase_count; i++) {
		const struct phase *phase = &recording->phases[i];

		if (phase->wanted && phase->wanted != RECORD_ABSENT)
			level = add_phase(ramp, run, phase, &plan, level);
	}
	return 0;
}

double ramp_at(const struct ramp *ramp, double seconds)
{
	const struct corner *left, *right;
	size_t i = ramp->count;

	while (i && ramp->corners[i - 1].seconds > seconds)
		i--;
	if (!i)
		return 0;
	left = &ramp->corners[i - 1];
	right = &ramp->corners[i];
	if (i == ramp->count)
		return left->connections;
	return left->connections + (right->connections - left->connections) *
					   (seconds - left->seconds) /
					   (right->seconds - left->seconds);
}

void ramp_free(struct ramp *ramp)
{
	free(ramp->corners);
	*ramp = (struct ramp){ 0 };
}
