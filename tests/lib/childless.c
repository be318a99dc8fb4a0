/* childless.c - preloaded into a server: it cannot fork for as long as there is a file $CHILDLESS.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

pid_t fork(void)
{
	pid_t (*next)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");

	if (!access(getenv("CHILDLESS"), F_OK)) {
		errno = EAGAIN;
		return -1;
	}
	return next();
}
