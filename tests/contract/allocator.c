/*
 * allocator.c - holds one plug-in to allocators/allocator.h: its blocks, and what it releases. It
 * is linked once with each of them, and knows none, but for the table of those that may keep
 * memory. knobs.c does the same for the knobs.
 */
#include "allocators/allocator.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A sanitizer ends the process when a block is too large for it, unless it is told not to. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

enum {
	MODEL_SLOTS = 1000,
	MODEL_STEPS = 60000,
	THREADS = 4,
	EXCHANGE = 64,
	CLIENTS = 4000
};

struct block {
	unsigned char *start;
	size_t size;
	unsigned char mark;
};

/* Blocks that change hands between the threads. */
struct exchange {
	pthread_mutex_t lock;
	struct block blocks[EXCHANGE];
};

struct model {
	uint64_t seed;
	struct exchange *exchange; /* NULL: nobody else is there */
	bool releases;		   /* only one thread at a time has the process release */
	int broken;		   /* blocks whose content was not what had been written */
	int refused;
};

/* xorshift64* (Vigna 2016): the same run for the same seed. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static bool intact(const struct block *block)
{
	for (size_t i = 0; i < block->size; i++)
		if (block->start[i] != block->mark)
			return false;
	return true;
}

/* --- the model: what was written into a block stays there until it is given back ------------- */

static void model_take(struct model *model, struct block *block)
{
	uint64_t chance = draw(&model->seed);

	block->size = 1 +
		      (chance >> 8) % ((size_t)16 << (chance % 13)); /* mostly small, up to 64K */
	block->mark = (unsigned char)(chance >> 56);
	block->start = allocator.take(block->size);
	if (block->start)
		memset(block->start, block->mark, block->size);
	else
		model->refused++;
}

static void model_give(struct model *model, struct block *block)
{
	if (!intact(block))
		model->broken++;
	allocator.give(block->start, block->size);
	block->start = NULL;
}

static void model_move(struct model *model, struct block *block)
{
	block->start = allocator.move(block->start, block->size);
	if (!intact(block))
		model->broken++;
}

static void model_swap(struct model *model, struct block *block)
{
	size_t i = draw(&model->seed) % EXCHANGE;
	struct block other;

	pthread_mutex_lock(&model->exchange->lock);
	other = model->exchange->blocks[i];
	model->exchange->blocks[i] = *block;
	pthread_mutex_unlock(&model->exchange->lock);
	*block = other;
}

static void model_run(struct model *model)
{
	struct block *blocks = calloc(MODEL_SLOTS, sizeof(*blocks));
	char why[ALLOCATOR_TEXT];

	for (int step = 0; step < MODEL_STEPS; step++) {
		struct block *block = &blocks[draw(&model->seed) % MODEL_SLOTS];

		if (!block->start)
			model_take(model, block);
		else if (model->exchange && step % 4 == 0)
			model_swap(model, block);
		else if (allocator.move && step % 4 == 1)
			model_move(model, block);
		else
			model_give(model, block);
		if (step % 8192 == 0 && allocator.flush_thread)
			allocator.flush_thread();
		if (model->releases && step % 16384 == 0 && allocator.release_process(why) < 0)
			model->broken++;
	}
	for (int i = 0; i < MODEL_SLOTS; i++)
		if (blocks[i].start)
			model_give(model, &blocks[i]);
	free(blocks);
}

static void *model_thread(void *argument)
{
	struct model *model = argument;

	if (allocator.start_thread && allocator.start_thread()) {
		model->broken++;
		return NULL;
	}
	model_run(model);
	if (allocator.stop_thread)
		allocator.stop_thread();
	return NULL;
}

static void blocks_keep_their_content(void **state)
{
	struct model model = { .seed = 20240301, .releases = true };

	(void)state;
	model_run(&model);
	assert_int_equal(model.broken, 0);
	assert_int_equal(model.refused, 0);
}

static void blocks_keep_their_content_across_threads(void **state)
{
	struct exchange exchange = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct model models[THREADS] = { { 0 } };
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		models[i] = (struct model){ .seed = 77 + (uint64_t)i,
					    .exchange = &exchange,
					    .releases = i == 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, model_thread, &models[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < EXCHANGE; i++)
		if (exchange.blocks[i].start)
			model_give(&models[0], &exchange.blocks[i]);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(models[i].broken, 0);
		assert_int_equal(models[i].refused, 0);
	}
}

/* --- single promises -------------------------------------------------------------------------- */

static void the_interface_is_complete(void **state)
{
	(void)state;
	assert_int_equal(allocator.interface, ALLOCATOR_INTERFACE);
	assert_non_null(allocator.name);
	assert_non_null(allocator.take);
	assert_non_null(allocator.give);
	assert_non_null(allocator.release_process);
	assert_non_null(allocator.proof);
	assert_true(allocator.name[0]);
	assert_true(allocator.version()[0]);
	assert_int_equal(!allocator.start_thread, !allocator.stop_thread);
	assert_int_equal(!allocator.move, !allocator.wants_moves);
	if (allocator.knobs && allocator.knobs[0].name) {
		assert_non_null(allocator.set);
		assert_non_null(allocator.get);
	}
}

static void the_proof_says_yes(void **state)
{
	char sentence[ALLOCATOR_TEXT] = "";
	int error;

	(void)state;
	error = allocator.proof(sentence);
	print_message("# %s\n", sentence);
	assert_int_equal(error, 0);
	assert_true(strlen(sentence) > 10);
	assert_true(strlen(sentence) < ALLOCATOR_TEXT - 1); /* not cut off */
}

/* Below 16 bytes, what an object of that size can need (C17 7.22.3, as DR 75 reads it). */
static void blocks_are_aligned(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 300000; size += 1 + size / 7) {
		size_t alignment = _Alignof(max_align_t);
		unsigned char *blocks[4];

		while (alignment > size)
			alignment /= 2;
		for (int i = 0; i < 4; i++) {
			blocks[i] = allocator.take(size);
			assert_non_null(blocks[i]);
			assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
			blocks[i][0] = blocks[i][size - 1] = 1;
		}
		for (int i = 0; i < 4; i++)
			allocator.give(blocks[i], size);
	}
}

static void a_block_too_large_is_refused(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX / 2, SIZE_MAX / 4 };
	void *block;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_null(allocator.take(sizes[i]));
	block = allocator.take(100);
	assert_non_null(block);
	allocator.give(block, 100);
}

/* --- after a fork ----------------------------------------------------------------------------- */

/* In the child, where cmocka's assertions would go on with the parent's tests. */
static int child_works(void)
{
	char why[ALLOCATOR_TEXT];

	if (allocator.start_process && allocator.start_process())
		return 1;
	for (size_t size = 1; size < 100000; size *= 3) {
		struct block block = { allocator.take(size), size, 7 };

		if (!block.start)
			return 2;
		memset(block.start, block.mark, size);
		if (!intact(&block))
			return 3;
		allocator.give(block.start, size);
	}
	if (allocator.flush_thread)
		allocator.flush_thread();
	return allocator.release_process(why) < 0 ? 4 : 0;
}

static void a_child_takes_and_gives(void **state)
{
	struct block ours = { allocator.take(500), 500, 9 };
	int status;
	pid_t child;

	(void)state;
	assert_non_null(ours.start);
	memset(ours.start, ours.mark, ours.size);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		allocator.give(ours.start, ours.size);
		_exit(child_works());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(intact(&ours));
	allocator.give(ours.start, ours.size);
}

static int start(void **state)
{
	(void)state;
	if (allocator.start_process && allocator.start_process())
		return -1;
	return allocator.start_thread ? allocator.start_thread() : 0;
}

static int stop(void **state)
{
	(void)state;
	if (allocator.stop_thread)
		allocator.stop_thread();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interface_is_complete),
		cmocka_unit_test(the_proof_says_yes),
		cmocka_unit_test(blocks_are_aligned),
		cmocka_unit_test(a_block_too_large_is_refused),
		cmocka_unit_test(blocks_keep_their_content),
		cmocka_unit_test(blocks_keep_their_content_across_threads),
		cmocka_unit_test(a_child_takes_and_gives),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(allocator.name, tests, start, stop);
}
