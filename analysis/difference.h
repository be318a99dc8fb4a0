/*
 * difference.h - does one set of repeats differ from another, beyond noise?
 *
 * Two questions are asked of a row: does it keep more or less memory, does it cost more or less?
 * Each has one figure that decides it, named beforehand (waste; CPU time), with an interval wide
 * enough that both answers together are wrong in at most 5 of 100 rows that do not differ at all.
 * Where something was said on the connections there is a third: does it answer dearer or cheaper
 * (CPU time an operation)? It adds 1 of 100.
 * The other figures of a question are judged only where its first one differs: they say of what
 * kind a difference is. docs/decisions/0009 has the reasons, and how often it errs.
 */
#ifndef ANALYSIS_DIFFERENCE_H
#define ANALYSIS_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/bootstrap.h"
#include "analysis/metrics.h"

enum question {
	QUESTION_KEPT,
	QUESTION_COST,
	QUESTION_ANSWERS,
	QUESTIONS
};

enum difference_verdict {
	DIFFERENCE_ABSENT,  /* one of the two has no such figure, or there is no pair of them */
	DIFFERENCE_FIGURES, /* figures that belong to no question */
	DIFFERENCE_TOO_FEW, /* repeats */
	DIFFERENCE_UNKNOWN, /* censored on both sides of zero: the windows were too short */
	DIFFERENCE_NONE,
	DIFFERENCE_LESS,
	DIFFERENCE_MORE,
	DIFFERENCE_VERDICTS
};

/* "", "", "too few repeats", "cannot tell", "no difference", "less", "more" */
extern const char *const difference_verdicts[DIFFERENCE_VERDICTS];

/* Why there is none, or no verdict: a sentence's end for JSON; "" where there is nothing to say. */
enum difference_reason {
	REASON_NONE,
	REASON_CENSORED, /* of its median only bounds are known, and zero lies between them */
	REASON_COVERS_ZERO,
	REASON_SMALL, /* less than the smallest difference that is worth telling */
	REASON_GATED, /* the figure that decides the question does not differ */
	REASON_COUNT
};

extern const char *const difference_reasons[REASON_COUNT];

/* All in the metric's unit. */
struct difference {
	enum difference_verdict verdict;
	enum difference_reason reason;
	size_t count;		/* pairs; unpaired: repeats of the side that has fewer */
	struct measure control; /* its median, over these */
	struct range median;	/* two equal ends but where one side is censored */
	struct range range;	/* the interval */
	double confidence;
	double smallest; /* that is worth telling */
	bool doubtful;
};

/* The figures that decide a question, best first: the first that both sides have. */
enum metric question_gate(enum question question, size_t i);
#define QUESTION_GATES 2

/* -1: the metric belongs to no question. */
int question_of(enum metric metric);

/* How many repeats it takes to answer. */
size_t question_needs(enum question question);

/*
 * The difference a[i] - b[i], i < count, measured in pairs under like conditions. scale: the median
 * of the control's metrics, from which "smallest" is reckoned. Returns 0 or -ENOMEM.
 */
int difference_paired(struct bootstrap *bootstrap, struct difference *difference,
		      enum metric metric, const struct measure *a, const struct measure *b,
		      size_t count, const struct measure scale[METRIC_COUNT]);

/* The same of medians, of sides that share no conditions. */
int difference_unpaired(struct bootstrap *bootstrap, struct difference *difference,
			enum metric metric, const struct measure *a, size_t a_count,
			const struct measure *b, size_t b_count,
			const struct measure scale[METRIC_COUNT]);

/* Takes back what a question's first figure does not allow. */
void difference_judge(struct difference differences[METRIC_COUNT]);

/* The verdict of a question: that of its first figure. NULL where no figure can tell. */
const struct difference *difference_answer(const struct difference differences[METRIC_COUNT],
					   enum question question, enum metric *metric);

#endif
