/*
 * crew_board.c - the memory that a crew shares. See crew_board.h.
 */
#include "pulse/crew_board.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>

#include "pulse/losses.h"

static size_t size_of_board(uint32_t loops)
{
	return sizeof(struct crew_board) + loops * sizeof(struct crew_slot);
}

struct crew_board *crew_board_create(uint32_t loops)
{
	struct crew_board *board = mmap(NULL, size_of_board(loops), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (board == MAP_FAILED)
		return NULL;
	board->loops = loops;
	return board;
}

void crew_board_destroy(struct crew_board *board)
{
	munmap(board, size_of_board(board->loops));
}

void crew_board_give(struct crew_board *board, const struct crew_order *order)
{
	uint64_t number = board->number + 1;

	board->orders[number % CREW_ORDERS] = *order;
	__atomic_store_n(&board->number, number, __ATOMIC_RELEASE);
}

/*
 * Loops count on while they are read: a number may be a moment older than the one beside it. Once
 * they have closed a pulse, they leave its numbers alone.
 */
static uint64_t now_at(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static uint64_t room(const struct crew_part *part)
{
	return part->open - part->active;
}

static uint32_t count_rooms(const struct crew_board *board)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < board->loops; i++)
		count += room(&board->slots[i].part) > 0;
	return count;
}

/* As many rounds as all with room can take; at the end, less than one. Returns the rest. */
static uint64_t deal_rounds(struct crew_board *board, uint64_t active, uint32_t rooms)
{
	uint64_t rounds = MAX(active / rooms, 1);

	for (uint32_t i = 0; active && i < board->loops; i++) {
		struct crew_part *part = &board->slots[i].part;
		uint64_t given = MIN(MIN(rounds, active), room(part));

		part->active += given;
		active -= given;
	}
	return active;
}

static void number_parts(struct crew_board *board)
{
	uint32_t loops = 0;

	for (uint32_t i = 0; i < board->loops; i++) {
		struct crew_part *part = &board->slots[i].part;

		part->index = loops;
		loops += part->active > 0;
	}
	for (uint32_t i = 0; i < board->loops; i++)
		board->slots[i].part.loops = MAX(loops, 1);
}

void crew_board_deal(struct crew_board *board, uint64_t active)
{
	uint32_t rooms;

	for (uint32_t i = 0; i < board->loops; i++) {
		struct crew_slot *slot = &board->slots[i];

		slot->part = (struct crew_part){ .open = now_at(&slot->pulse.open) };
	}
	while (active && (rooms = count_rooms(board)))
		active = deal_rounds(board, active, rooms);
	number_parts(board);
}

uint64_t crew_board_newest(const struct crew_board *board)
{
	return __atomic_load_n(&board->number, __ATOMIC_ACQUIRE);
}

bool crew_board_order(const struct crew_board *board, uint64_t number, struct crew_order *order)
{
	if (crew_board_newest(board) < number)
		return false;
	*order = board->orders[number % CREW_ORDERS];
	return true;
}

bool crew_board_is_done(const struct crew_board *board, uint32_t loop)
{
	return __atomic_load_n(&board->slots[loop].done, __ATOMIC_ACQUIRE) == board->number;
}

void crew_board_set_done(struct crew_slot *slot, uint64_t number)
{
	__atomic_store_n(&slot->done, number, __ATOMIC_RELEASE);
}

static void count_pulse(struct pulse *total, const struct pulse *part)
{
	total->issued += now_at(&part->issued);
	total->connecting += now_at(&part->connecting);
	total->open += now_at(&part->open);
	total->connected += now_at(&part->connected);
	total->established = MAX(total->established, now_at(&part->established));
	if (!total->error)
		total->error = __atomic_load_n(&part->error, __ATOMIC_RELAXED);
}

static void clear(struct pulse *total)
{
	*total = (struct pulse){
		.wanted = total->wanted,
		.rate = total->rate,
		.start = total->start,
	};
}

void crew_board_count(const struct crew_board *board, struct pulse *total, uint64_t *survivors)
{
	clear(total);
	*survivors = 0;
	for (uint32_t i = 0; i < board->loops; i++) {
		count_pulse(total, &board->slots[i].pulse);
		*survivors += now_at(&board->slots[i].survivors);
	}
}

void crew_board_sum(const struct crew_board *board, struct pulse *total, uint64_t *survivors)
{
	crew_board_count(board, total, survivors);
	for (uint32_t i = 0; i < board->loops; i++) {
		const struct pulse *part = &board->slots[i].pulse;

		losses_add(&total->losses, &part->losses);
		histogram_merge(&total->corrected, &part->corrected);
		histogram_merge(&total->raw, &part->raw);
		traffic_merge(&total->traffic, &part->traffic);
	}
}
