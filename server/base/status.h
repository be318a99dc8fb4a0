/*
 * status.h - the status page: what a server tells the world while it runs.
 *
 * A MAP_SHARED file: a header of one page with a text about the server, then one slot a loop. Only
 * the loop that owns a slot writes it, once an iteration, under a sequence lock: what a reader gets
 * of one slot is from one moment, so that live bytes and open connections always belong together.
 * Works across fork and for readers of any language; docs/record.md gives the byte offsets.
 */
#ifndef SERVER_BASE_STATUS_H
#define SERVER_BASE_STATUS_H

#include <stdint.h>

#define STATUS_MAGIC   0x6b72616d65646974ull /* "tidemark" in a little-endian dump */
#define STATUS_VERSION 2
#define STATUS_ABOUT   3968 /* room for the text, with its NUL */

enum status_state {
	STATUS_STARTING,
	STATUS_SERVING,
	STATUS_STOPPED,
};

struct status_slot {
	uint64_t opened;	 /* connections accepted and served, ever */
	uint64_t closed;	 /* of these, closed again */
	uint64_t shed;		 /* accepted and closed at once for want of descriptors or memory */
	uint64_t live_bytes;	 /* footprint requested and not freed */
	uint64_t live_blocks;	 /* the same, in blocks */
	uint64_t state_bytes;	 /* protocol state, in the plug-in's memory */
	uint64_t table_bytes;	 /* connection table and timers, in the server's own pages */
	uint64_t last_close;	 /* ns, clock_now() of the newest close; 0: none yet */
	uint64_t releases;	 /* times the policy fired */
	uint64_t stall_total;	 /* ns that the loop stood still for them */
	uint64_t stall_max;	 /* ns, the longest */
	uint64_t released_bytes; /* anonymous memory that fell during them, summed */
	uint64_t heap_used;	 /* the allocator's word: bytes it has handed out */
	uint64_t heap_free;	 /* the allocator's word: resident bytes that it keeps unused */
	uint64_t heap_time;	 /* ns, when it was asked; 0: never. Either value may be absent */
	uint64_t pid;		 /* of the process that the loop runs in; 0: in none */
	uint64_t replaced;	 /* workers that died in this place and were replaced */
	uint64_t stall_cpu_max;	 /* ns that its thread ran in a stall, the most */
	/*
	 * 1: has no descriptor left; the others that share its listener accept, or, when all are
	 * full, one sheds.
	 */
	uint64_t full;
};

#define STATUS_ABSENT UINT64_MAX /* the allocator keeps no such statistic */

struct status_page;

/* Creates the file, or an unnamed page where path is NULL. Returns 0 or -errno. */
int status_create(struct status_page **page, const char *path, unsigned int slots);

/* Maps another process's page for reading. -EPROTO: no status page, or of another version. */
int status_open(struct status_page **page, const char *path);

/* Unmaps; the file stays. */
void status_close(struct status_page *page);

/* Writer's side. */
void status_set_port(struct status_page *page, uint16_t port);
void status_set_state(struct status_page *page, enum status_state state);

/* Lines "key=value" about the server, once before it serves; cut off at STATUS_ABOUT. */
void status_set_about(struct status_page *page, const char *text);
void status_publish(struct status_page *page, unsigned int slot, const struct status_slot *values);

/* Reader's side. */
uint32_t status_pid(const struct status_page *page);
uint16_t status_port(const struct status_page *page);
enum status_state status_state(const struct status_page *page);
const char *status_about(const struct status_page *page);

/*
 * Sums the slots into *total (latest last_close and heap_time, longest stalls, pid 0). What the
 * allocator says is of a process: of the slots with one pid, the newest counts. Each slot is
 * consistent in itself. Returns 0, or -EAGAIN when a writer died inside a slot.
 */
int status_read(const struct status_page *page, struct status_slot *total);

unsigned int status_slots(const struct status_page *page);

/* Reads one slot, consistent in itself. Returns as status_read(). */
int status_read_slot(const struct status_page *page, unsigned int slot, struct status_slot *values);

/*
 * For who owned a slot and died, perhaps while it wrote: reads what is there, and makes the slot
 * one that can be published and read again.
 */
void status_repair(struct status_page *page, unsigned int slot, struct status_slot *values);

#endif
