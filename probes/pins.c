/*
 * pins.c - the probe's objects in the BPF file system. See pins.h.
 */
#include "probes/pins.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "probes/tables.h"
#include "server/base/stat.h"

#define BPFFS	"/sys/fs/bpf"
#define CURRENT PINS_FOLDER "/current"
#define NEXT	"next-" /* and a process number: what is to become current */

/* Others come and go between two of our steps; then they are taken once more. */
#define TRIES 100

#define NUMBER 16 /* room for a process number */

static const char *const rooms[] = { "maps", "progs", "links", "iters" };

#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

int pins_mount(void)
{
	struct statfs info;

	if (!statfs(BPFFS, &info) && (unsigned long)info.f_type == BPF_FS_MAGIC)
		return 0;
	return mount("bpf", BPFFS, "bpf", 0, "mode=0755") ? -errno : 0;
}

/* --- whose pins --------------------------------------------------------------------------------
 */

/* Which a process number used again does not share; 0: no process. */
static uint64_t start_time(uint32_t pid)
{
	struct stat_line line;

	return stat_read(&line, pid) ? 0 : line.started;
}

static uint64_t pid_namespace(void)
{
	struct stat info;

	return stat("/proc/self/ns/pid", &info) ? 0 : info.st_ino;
}

static int write_identity(const struct programs *programs, uint32_t target)
{
	struct probe_identity identity = { .pid = (uint32_t)getpid(), .target = target };
	uint32_t zero = 0;

	identity.pid_namespace = pid_namespace();
	identity.started = start_time(identity.pid);
	return bpf_map_update_elem(programs_map(programs, "probe"), &zero, &identity, BPF_ANY);
}

static bool owner_is_gone(uint32_t pid)
{
	struct probe_identity identity;
	char path[PINS_PATH];
	uint32_t zero = 0;
	bool known;
	int fd;

	snprintf(path, sizeof(path), PINS_FOLDER "/%u/maps/probe", pid);
	fd = bpf_obj_get(path);
	known = fd >= 0 && !bpf_map_lookup_elem(fd, &zero, &identity);
	if (fd >= 0)
		close(fd);
	/* Who asks has made none yet: what bears its number is from one before. */
	if (!known)
		return pid == (uint32_t)getpid() || !start_time(pid);
	if (identity.pid_namespace != pid_namespace())
		return false;
	return start_time(pid) != identity.started;
}

/* --- removing ----------------------------------------------------------------------------------
 */

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	return remove(path);
}

static int remove_folder(const char *path)
{
	return nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static bool is_number(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

/* "": there is none. */
static void find_newest(char newest[NUMBER])
{
	char path[PINS_PATH];
	struct timespec latest = { 0 };
	struct dirent *entry;
	struct stat info;
	DIR *folder = opendir(PINS_FOLDER);

	*newest = '\0';
	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), PINS_FOLDER "/%.40s", entry->d_name);
		if (!is_number(entry->d_name) || strlen(entry->d_name) >= NUMBER ||
		    stat(path, &info) || info.st_ctim.tv_sec < latest.tv_sec ||
		    (info.st_ctim.tv_sec == latest.tv_sec && info.st_ctim.tv_nsec < latest.tv_nsec))
			continue;
		latest = info.st_ctim;
		strcpy(newest, entry->d_name);
	}
	if (folder)
		closedir(folder);
}

/* Lets "current" point to the newest of the folders, or to none. */
static void point_to_newest(void)
{
	char newest[NUMBER], next[PINS_PATH];

	for (int tries = 0; tries < TRIES; tries++) {
		find_newest(newest);
		if (*newest)
			break;
		unlink(CURRENT);
		/* Not empty: another has come, and perhaps lost its "current" to us. */
		if (!rmdir(PINS_FOLDER) || errno != ENOTEMPTY)
			return;
	}
	/* A name of our own first, then one step. */
	snprintf(next, sizeof(next), PINS_FOLDER "/" NEXT "%d", (int)getpid());
	if (*newest && (symlink(newest, next) || rename(next, CURRENT)))
		unlink(next);
}

/* A link that a crashed probe was about to make current. */
static bool is_left_link(const char *name)
{
	const char *number = name + strlen(NEXT);

	return !strncmp(name, NEXT, strlen(NEXT)) && is_number(number) &&
	       !start_time((uint32_t)strtoul(number, NULL, 10));
}

void pins_sweep(char *names, size_t room)
{
	char path[PINS_PATH];
	struct dirent *entry;
	size_t length = 0;
	DIR *folder = opendir(PINS_FOLDER);

	*names = '\0';
	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), PINS_FOLDER "/%.40s", entry->d_name);
		if (is_left_link(entry->d_name))
			unlink(path);
		if (!is_number(entry->d_name) ||
		    !owner_is_gone((uint32_t)strtoul(entry->d_name, NULL, 10)))
			continue;
		if (!remove_folder(path) && length < room)
			length += (size_t)snprintf(names + length, room - length, "%s%.40s",
						   length ? ", " : "", entry->d_name);
	}
	if (!folder)
		return;
	closedir(folder);
	point_to_newest();
}

void pins_remove(struct pins *pins)
{
	if (!*pins->folder)
		return;
	remove_folder(pins->folder);
	point_to_newest();
	*pins->folder = '\0';
}

/* --- making ------------------------------------------------------------------------------------
 */

/* A probe that ends takes the common folder with it when that is empty: also just now. */
static int make_own_folder(const char *path)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (mkdir(PINS_FOLDER, 0755) && errno != EEXIST)
			return -errno;
		if (!mkdir(path, 0755))
			return 0;
		if (errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

static int make_rooms(const struct pins *pins)
{
	char path[PINS_PATH + 16];

	for (size_t i = 0; i < ROOMS; i++) {
		snprintf(path, sizeof(path), "%s/%s", pins->folder, rooms[i]);
		if (mkdir(path, 0755))
			return -errno;
	}
	return 0;
}

static int pin_maps(const struct pins *pins, struct bpf_object *object)
{
	char path[PINS_PATH + 64];
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map(map, object)
	{
		/* .rodata and .bss: bpffs takes no dots in names. */
		if (error || bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/maps/%s", pins->folder, bpf_map__name(map));
		error = bpf_obj_pin(bpf_map__fd(map), path) ? -errno : 0;
	}
	return error;
}

/* An iterator's link goes by what it shows: bill_table and bill_estimate are both iters/bill. */
static int pin_link(const struct pins *pins, const char *name, struct bpf_link *link)
{
	const char *end = strstr(name, "_table");
	char path[PINS_PATH + 64];

	if (!end)
		end = strstr(name, "_estimate");
	if (end)
		snprintf(path, sizeof(path), "%s/iters/%.*s", pins->folder, (int)(end - name),
			 name);
	else
		snprintf(path, sizeof(path), "%s/links/%s", pins->folder, name);
	return bpf_obj_pin(bpf_link__fd(link), path) ? -errno : 0;
}

static int pin_programs(const struct pins *pins, const struct programs *programs)
{
	struct bpf_object *object = programs_object(programs);
	char path[PINS_PATH + 64];
	struct bpf_program *program;
	int error = 0;

	bpf_object__for_each_program(program, object)
	{
		const char *name = bpf_program__name(program);
		struct bpf_link *link = programs_link(programs, name);

		if (error || !link)
			continue;
		snprintf(path, sizeof(path), "%s/progs/%s", pins->folder, name);
		if (bpf_obj_pin(bpf_program__fd(program), path))
			error = -errno;
		if (!error)
			error = pin_link(pins, name, link);
	}
	return error;
}

int pins_make(struct pins *pins, const struct programs *programs, uint32_t target)
{
	struct bpf_object *object = programs_object(programs);
	int error;

	snprintf(pins->folder, sizeof(pins->folder), PINS_FOLDER "/%d", (int)getpid());
	error = make_own_folder(pins->folder);
	if (error) {
		*pins->folder = '\0'; /* nothing there is ours */
		return error;
	}
	error = make_rooms(pins);
	if (!error)
		error = write_identity(programs, target);
	if (!error)
		error = pin_maps(pins, object);
	if (!error)
		error = pin_programs(pins, programs);
	if (error)
		pins_remove(pins);
	else
		point_to_newest();
	return error;
}
