/*
 * difference.c - does one set of repeats differ from another? See difference.h.
 */
#include "analysis/difference.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/estimate.h"
#include "server/base/units.h"

#define BIT(metric) (UINT64_C(1) << (metric))

/* A difference below a hundredth of what it is a part of changes nobody's mind. */
#define SMALLEST      0.01
/* Times of release are known to a sample or two; CPU time to a tick of 10 ms at both ends. */
#define SMALLEST_TIME (20.0 * NS_PER_MS)

const char *const difference_verdicts[DIFFERENCE_VERDICTS] = {
	"", "", "too few repeats", "cannot tell", "no difference", "less", "more"
};

const char *const difference_reasons[REASON_COUNT] = { "", "the window was too short",
						       "the interval covers zero",
						       "it is too small to matter",
						       "the figure that decides does not differ" };

/*
 * 96 % and 99 %: together 95 %. The first is what 6 repeats can reach, the second what 8 can. With
 * traffic there is another 99 %: together 94 %.
 */
static const struct {
	double confidence;
	enum metric gates[QUESTION_GATES];
	uint64_t metrics;
} questions[QUESTIONS] = {
	[QUESTION_KEPT] = { 0.96,
			    { METRIC_WASTE, METRIC_FLOOR },
			    BIT(METRIC_PEAK) | BIT(METRIC_FLOOR) | BIT(METRIC_FLOOR_LIVE) |
				    BIT(METRIC_RETENTION_1) | BIT(METRIC_RETENTION_5) |
				    BIT(METRIC_RETENTION_15) | BIT(METRIC_T50) | BIT(METRIC_T90) |
				    BIT(METRIC_T99) | BIT(METRIC_WASTE) | BIT(METRIC_RATCHET) },
	[QUESTION_COST] = { 0.99,
			    { METRIC_CPU, METRIC_LAST_P99 },
			    BIT(METRIC_CPU) | BIT(METRIC_STALL) | BIT(METRIC_STALL_TOTAL) |
				    BIT(METRIC_FIRST_P50) | BIT(METRIC_FIRST_P99) |
				    BIT(METRIC_LAST_P50) | BIT(METRIC_LAST_P99) |
				    BIT(METRIC_FAULTS) | BIT(METRIC_REFAULT) |
				    BIT(METRIC_CALL_TIME) | BIT(METRIC_CALL_LONGEST) },
	[QUESTION_ANSWERS] = { 0.99,
			       { METRIC_CPU_OPERATION, METRIC_OPERATIONS },
			       BIT(METRIC_OPERATIONS) | BIT(METRIC_LATENCY_P50) |
				       BIT(METRIC_LATENCY_P99) | BIT(METRIC_CPU_OPERATION) },
};

enum metric question_gate(enum question question, size_t i)
{
	return questions[question].gates[i];
}

int question_of(enum metric metric)
{
	for (int i = 0; i < QUESTIONS; i++)
		if (questions[i].metrics & BIT(metric))
			return i;
	return -1;
}

size_t question_needs(enum question question)
{
	return bootstrap_needed(questions[question].confidence);
}

static double value_of(const struct measure scale[METRIC_COUNT], enum metric metric)
{
	return fabs(scale[metric].value);
}

static double smallest(enum metric metric, const struct measure scale[METRIC_COUNT])
{
	double peak = value_of(scale, METRIC_PEAK);

	switch (metric) {
	case METRIC_BASE:
	case METRIC_PEAK:
	case METRIC_FLOOR:
	case METRIC_LIVE:
	case METRIC_RATCHET:
		return SMALLEST * peak;
	case METRIC_WASTE:
		return SMALLEST * peak * value_of(scale, METRIC_WINDOW) / 1e9;
	case METRIC_RETENTION_1:
	case METRIC_RETENTION_5:
	case METRIC_RETENTION_15:
		return SMALLEST;
	case METRIC_T50:
	case METRIC_T90:
	case METRIC_T99:
	case METRIC_CPU:
		return fmax(SMALLEST_TIME, SMALLEST * value_of(scale, metric));
	default:
		return SMALLEST * value_of(scale, metric);
	}
}

static void decide(struct difference *difference, enum metric metric,
		   const struct measure scale[METRIC_COUNT])
{
	const struct range *median = &difference->median, *range = &difference->range;
	int question = question_of(metric);
	bool more = range->low > 0, less = range->high < 0;
	double least = fmin(fabs(median->low), fabs(median->high));

	difference->smallest = smallest(metric, scale);
	difference->verdict = DIFFERENCE_NONE;
	if (question < 0)
		difference->verdict = DIFFERENCE_FIGURES;
	else if (difference->count < question_needs((enum question)question))
		difference->verdict = DIFFERENCE_TOO_FEW;
	else if (!more && !less && median->low != median->high) {
		difference->verdict = DIFFERENCE_UNKNOWN;
		difference->reason = REASON_CENSORED;
	} else if (!more && !less)
		difference->reason = REASON_COVERS_ZERO;
	else if (least < difference->smallest)
		difference->reason = REASON_SMALL;
	else
		difference->verdict = more ? DIFFERENCE_MORE : DIFFERENCE_LESS;
}

static double confidence_for(enum metric metric)
{
	int question = question_of(metric);

	return question < 0 ? ESTIMATE_CONFIDENCE : questions[question].confidence;
}

static void set_confidence(struct difference *difference, double confidence)
{
	difference->confidence = fmin(confidence, bootstrap_reach(difference->count));
}

int difference_paired(struct bootstrap *bootstrap, struct difference *difference,
		      enum metric metric, const struct measure *a, const struct measure *b,
		      size_t count, const struct measure scale[METRIC_COUNT])
{
	struct range *pairs = calloc(count + 1, sizeof(*pairs));
	struct measure *control = calloc(count + 1, sizeof(*control));
	int error = pairs && control ? 0 : -ENOMEM;

	*difference = (struct difference){ 0 };
	for (size_t i = 0; i < count && !error; i++) {
		struct range x, y;

		if (a[i].state == MEASURE_ABSENT || b[i].state == MEASURE_ABSENT)
			continue;
		x = estimate_range(metric, &a[i]);
		y = estimate_range(metric, &b[i]);
		difference->doubtful |= a[i].doubtful || b[i].doubtful;
		control[difference->count] = b[i];
		pairs[difference->count++] = (struct range){ x.low - y.high, x.high - y.low };
	}
	if (error || !difference->count)
		goto out;
	difference->control = estimate_median(metric, control, difference->count);
	error = range_median(&difference->median, pairs, difference->count);
	if (!error)
		error = bootstrap_median(bootstrap, &difference->range, pairs, difference->count,
					 confidence_for(metric));
	set_confidence(difference, confidence_for(metric));
	decide(difference, metric, scale);
out:
	free(pairs);
	free(control);
	return error;
}

/* The present ones among values as ranges, in an array for the caller to free. */
static struct range *collect(enum metric metric, const struct measure *values, size_t *count,
			     bool *doubtful)
{
	struct range *ranges = calloc(*count + 1, sizeof(*ranges));
	size_t present = 0;

	for (size_t i = 0; i < *count && ranges; i++) {
		if (values[i].state == MEASURE_ABSENT)
			continue;
		*doubtful |= values[i].doubtful;
		ranges[present++] = estimate_range(metric, &values[i]);
	}
	*count = present;
	return ranges;
}

int difference_unpaired(struct bootstrap *bootstrap, struct difference *difference,
			enum metric metric, const struct measure *a, size_t a_count,
			const struct measure *b, size_t b_count,
			const struct measure scale[METRIC_COUNT])
{
	struct range *x, *y, of_a, of_b;
	int error = -ENOMEM;

	*difference = (struct difference){ 0 };
	difference->control = scale[metric];
	x = collect(metric, a, &a_count, &difference->doubtful);
	y = collect(metric, b, &b_count, &difference->doubtful);
	if (!x || !y)
		goto out;
	error = 0;
	difference->count = a_count < b_count ? a_count : b_count;
	if (!difference->count)
		goto out;
	error = range_median(&of_a, x, a_count);
	if (!error)
		error = range_median(&of_b, y, b_count);
	if (!error)
		error = bootstrap_difference(bootstrap, &difference->range, x, a_count, y, b_count,
					     confidence_for(metric));
	if (error)
		goto out;
	difference->median = (struct range){ of_a.low - of_b.high, of_a.high - of_b.low };
	set_confidence(difference, confidence_for(metric));
	decide(difference, metric, scale);
out:
	free(x);
	free(y);
	return error;
}

const struct difference *difference_answer(const struct difference differences[METRIC_COUNT],
					   enum question question, enum metric *metric)
{
	for (size_t i = 0; i < QUESTION_GATES; i++) {
		*metric = questions[question].gates[i];
		if (differences[*metric].verdict != DIFFERENCE_ABSENT)
			return &differences[*metric];
	}
	return NULL;
}

void difference_judge(struct difference differences[METRIC_COUNT])
{
	for (int metric = 0; metric < METRIC_COUNT; metric++) {
		struct difference *difference = &differences[metric];
		int question = question_of((enum metric)metric);
		const struct difference *gate;
		enum metric decides;

		if (question < 0 || difference->verdict < DIFFERENCE_UNKNOWN ||
		    difference->verdict == DIFFERENCE_NONE)
			continue;
		gate = difference_answer(differences, (enum question)question, &decides);
		if (!gate || gate == difference || gate->verdict >= DIFFERENCE_LESS)
			continue;
		difference->verdict = gate->verdict;
		difference->reason = REASON_GATED;
	}
}
