/*
 * endpoints.bpf.c - where the server listens: found anew for each bill, among the files of the
 * followed processes.
 */
#include "probes/endpoints.bpf.h"
#include "probes/maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct endpoints_map endpoints SEC(".maps");
struct addresses_map addresses SEC(".maps");
bool served_ports[65536];

static long forget_closed(struct bpf_map *map, struct endpoint *endpoint, __u64 *seen, __u64 *now)
{
	if (*seen < *now)
		bpf_map_delete_elem(map, endpoint);
	return 0;
}

static __always_inline bool is_listening(struct sock_common *sock)
{
	__u16 family = sock->skc_family;

	return (family == AF_INET || family == AF_INET6) && sock->skc_state == TCP_LISTEN;
}

/*
 * Prints nothing. What it has not seen is forgotten at the end, not at the begin: somebody who
 * reads the bill at the same time finds the endpoints of before.
 */
SEC("iter/task_file")
int find_endpoints(struct bpf_iter__task_file *context)
{
	__u64 session = context->meta->session_id;
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct endpoint endpoint;
	struct sock_common *sock;
	struct socket *socket;
	__u32 pid;

	if (!task || !file) {
		bpf_for_each_map_elem(&endpoints, forget_closed, &session, 0);
		return 0;
	}
	pid = task->tgid;
	if (!bpf_map_lookup_elem(&targets, &pid))
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sock = (struct sock_common *)socket->sk;
	if (!is_listening(sock))
		return 0;
	local_endpoint(sock, &endpoint);
	served_ports[endpoint.port & 0xffff] = true;
	if (bpf_map_update_elem(&endpoints, &endpoint, &session, BPF_ANY))
		count_loss(offsetof(struct losses, endpoints_full));
	return 0;
}
