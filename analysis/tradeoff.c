/*
 * tradeoff.c - what each row wastes, and what it pays. See tradeoff.h.
 */
#include "analysis/tradeoff.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Factors that are chosen to lower waste; the others are the load. */
static bool is_choice(int factor)
{
	return factor == FACTOR_ALLOCATOR || factor == FACTOR_RELEASE || factor == FACTOR_TUNE;
}

static bool have_same_load(const struct run *a, const struct run *b)
{
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (!is_choice(i) && strcmp(a->factors[i], b->factors[i]))
			return false;
	return true;
}

static void find_loads(struct tradeoff *tradeoff, const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++) {
		size_t j = 0;

		while (j < i && !have_same_load(summary->rows[i].first, summary->rows[j].first))
			j++;
		tradeoff->loads[i] = j < i ? tradeoff->loads[j] : tradeoff->load_count++;
	}
}

/* The factors in which rows differ, of one kind, behind what text has so far. */
static const char *name_factors(char text[SUMMARY_NOTE], const struct summary *summary,
				const struct run *run, bool choice)
{
	for (int i = FACTOR_RELEASE + 1; i < FACTOR_COUNT; i++) {
		if (!summary->shown[i] || is_choice(i) != choice)
			continue;
		if (*text)
			strncat(text, ", ", SUMMARY_NOTE - strlen(text) - 1);
		factor_write(text + strlen(text), SUMMARY_NOTE - strlen(text), (enum factor)i,
			     run->factors[i]);
	}
	return text;
}

const char *tradeoff_load(char text[SUMMARY_NOTE], const struct summary *summary,
			  const struct run *run)
{
	text[0] = '\0';
	return name_factors(text, summary, run, false);
}

const char *tradeoff_choice(char text[SUMMARY_NOTE], const struct summary *summary,
			    const struct run *run)
{
	snprintf(text, SUMMARY_NOTE, "%.64s", run->factors[FACTOR_RELEASE]);
	return name_factors(text, summary, run, true);
}

static bool is_known(const struct spread *spread)
{
	return !isnan(spread->middle);
}

void tradeoff_find_front(bool *front, const struct spread *x, const struct spread *y,
			 const size_t *loads, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		front[i] = is_known(&x[i]) && is_known(&y[i]);
		for (size_t j = 0; j < count && front[i]; j++)
			front[i] = loads[i] != loads[j] || x[j].middle > x[i].middle ||
				   y[j].middle > y[i].middle || isnan(x[j].middle) ||
				   isnan(y[j].middle) ||
				   (x[j].middle == x[i].middle && y[j].middle == y[i].middle);
	}
}

/* What one run adds to its row's spreads. */
struct values {
	double waste, price[PRICES], releasing, faulting, answering;
};

static double value_of(const struct run *run, enum metric metric)
{
	return run->metrics[metric].state == MEASURE_ABSENT ? NAN : run->metrics[metric].value;
}

static struct values reckon(const struct run *run, double touch)
{
	struct cost cost = cost_of(run, touch);

	return (struct values){
		.waste = value_of(run, METRIC_WASTE) / 0x1p20,
		.price = { [PRICE_TIME] = cost.releasing + cost.faulting,
			   [PRICE_LATENCY] = value_of(run, METRIC_LAST_P99) / 1e3 },
		.releasing = cost.releasing,
		.faulting = cost.faulting,
		.answering = value_of(run, METRIC_CPU_OPERATION) / 1e3,
	};
}

/* The spread of one member of all values; numbers is room for them. */
static struct spread spread_member(const struct values *values, size_t count, size_t offset,
				   double *numbers)
{
	for (size_t i = 0; i < count; i++)
		memcpy(&numbers[i], (const char *)&values[i] + offset, sizeof(*numbers));
	return spread_of(numbers, count);
}

static int reckon_row(struct tradeoff *tradeoff, const struct summary *summary, size_t i)
{
	const struct summary_row *row = &summary->rows[i];
	struct values *values = calloc(row->runs, sizeof(*values));
	double *numbers = calloc(row->runs, sizeof(*numbers));
	size_t count = 0;
	int error = values && numbers ? 0 : -ENOMEM;

	for (size_t j = 0; j < summary->experiment->count && !error; j++)
		if (summary_holds(row, &summary->experiment->runs[j]))
			values[count++] = reckon(&summary->experiment->runs[j], tradeoff->touch);
	if (!error) {
		tradeoff->waste[i] = spread_member(values, count, offsetof(struct values, waste),
						   numbers);
		for (int price = 0; price < PRICES; price++)
			tradeoff->price[price][i] = spread_member(
				values, count, offsetof(struct values, price[price]), numbers);
		tradeoff->releasing[i] = spread_member(values, count,
						       offsetof(struct values, releasing), numbers);
		tradeoff->faulting[i] = spread_member(values, count,
						      offsetof(struct values, faulting), numbers);
		tradeoff->answering[i] = spread_member(values, count,
						       offsetof(struct values, answering), numbers);
	}
	free(values);
	free(numbers);
	return error;
}

static int make_room(struct tradeoff *tradeoff, size_t count)
{
	struct spread **spreads[] = {
		&tradeoff->waste,     &tradeoff->price[PRICE_TIME], &tradeoff->price[PRICE_LATENCY],
		&tradeoff->releasing, &tradeoff->faulting,	    &tradeoff->answering
	};
	bool full = true;

	for (size_t i = 0; i < sizeof(spreads) / sizeof(spreads[0]); i++) {
		*spreads[i] = calloc(count + 1, sizeof(**spreads[i]));
		full &= *spreads[i] != NULL;
	}
	for (int price = 0; price < PRICES; price++) {
		tradeoff->front[price] = calloc(count + 1, sizeof(bool));
		full &= tradeoff->front[price] != NULL;
	}
	tradeoff->loads = calloc(count + 1, sizeof(*tradeoff->loads));
	return full && tradeoff->loads ? 0 : -ENOMEM;
}

int tradeoff_build(struct tradeoff *tradeoff, const struct summary *summary)
{
	int error;

	*tradeoff = (struct tradeoff){ .count = summary->count,
				       .touch = cost_touch(summary->experiment->about) };
	error = make_room(tradeoff, summary->count);
	if (!error)
		find_loads(tradeoff, summary);
	for (size_t i = 0; i < summary->count && !error; i++)
		error = reckon_row(tradeoff, summary, i);
	for (int price = 0; price < PRICES && !error; price++)
		tradeoff_find_front(tradeoff->front[price], tradeoff->price[price], tradeoff->waste,
				    tradeoff->loads, summary->count);
	if (error)
		tradeoff_free(tradeoff);
	return error;
}

void tradeoff_free(struct tradeoff *tradeoff)
{
	free(tradeoff->waste);
	free(tradeoff->releasing);
	free(tradeoff->faulting);
	free(tradeoff->answering);
	free(tradeoff->loads);
	for (int price = 0; price < PRICES; price++) {
		free(tradeoff->price[price]);
		free(tradeoff->front[price]);
	}
	memset(tradeoff, 0, sizeof(*tradeoff));
}
