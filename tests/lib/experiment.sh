# shellcheck shell=bash
# experiment.sh - run directories made by hand, whose numbers are known. Source it.

# One sample each 10 ms, in which 10 MiB are held at rest and 90 in two bursts; after the last one
# they stay (native) or fall to 12 MiB a second later. Seconds: rest 0-2, bursts 2-4 and 5-7,
# window 7-12.
make_run() { # folder, allocator, release
	mkdir -p "$1"
	cat >"$1/run.json" <<-END
		{"format": "tidemark run", "version": 1, "allocator": "$2", "release": "$3",
		 "verdict": "complete", "reason": "",
		 "server": {"version": "1.0", "proof": "it says so", "tune": []}}
	END
	awk -v released="$([ "$3" = native ] && echo 0 || echo 1)" 'BEGIN {
		print "# tidemark samples 1 boot_id=x monotonic_ns=1 realtime_ns=1"
		print "time_ns,anon_bytes,opened,closed,shed,live_bytes,live_blocks,state_bytes," \
			"table_bytes,last_close_ns,releases,stall_total_ns,stall_max_ns," \
			"released_bytes,heap_used_bytes,heap_free_bytes"
		for (ms = 0; ms <= 12000; ms += 10) {
			held = ms < 2000 ? 10 : released && ms >= 8000 ? 12 : 90
			live = ms >= 2000 && ms < 4000 || ms >= 5000 && ms < 7000 ? 80 : 0
			close_ms = ms >= 7000 ? 7000 : ms >= 4000 ? 4000 : 0
			fired = released && ms >= 8000
			opened = ms >= 5000 ? 18 : ms >= 2000 ? 9 : 0
			closed = ms >= 7000 ? 18 : ms >= 4000 ? 9 : 0
			printf "%d000000,%d,%d,%d,0,%d,0,0,0,%d000000,%d,0,%d,0,,\n", 5000 + ms,
				held * 1048576, opened, closed, live * 1048576,
				close_ms ? 5000 + close_ms : 0, fired, fired * 18000000
		}
	}' >"$1/samples.csv"
	awk 'BEGIN {
		print "# tidemark rollups 1 boot_id=x monotonic_ns=1 realtime_ns=1"
		print "time_ns,rss_bytes,pss_bytes,anon_bytes,anon_huge_bytes,lazyfree_bytes," \
			"swap_bytes,minor_faults,major_faults,cpu_user_ns,cpu_system_ns,threads," \
			"cgroup_bytes,cost_ns,probe_cpu_ns"
		for (s = 0; s <= 12; s++)
			printf "%d000000000,0,0,0,0,0,0,%d,0,0,0,1,,0,0\n", 5 + s, 100 * s
	}' >"$1/rollups.csv"
	awk 'BEGIN {
		print "# tidemark phases 1 boot_id=x monotonic_ns=1 realtime_ns=1"
		print "phase,number,start_ns,established_ns,closing_ns,end_ns,wanted,connected," \
			"lost_refused,lost_reset,lost_timeout,lost_ports,lost_files,lost_wrong,lost_other," \
			"survivors,connect_p50_ns,connect_p90_ns,connect_p99_ns,connect_max_ns," \
			"raw_p50_ns,raw_p90_ns,raw_p99_ns,raw_max_ns,out_of_range"
		split("rest,1,0,2 burst,1,2,4 gap,1,4,5 burst,2,5,7 window,1,7,12", phases, " ")
		for (i = 1; i <= 5; i++) {
			split(phases[i], part, ",")
			printf "%s,%d,%d000000000,%d000000000,%d000000000,%d000000000,9,9," \
				"0,0,0,0,0,0,0,0,1000000,2000000,3000000,4000000,1,2,3,4,0\n",
				part[1], part[2], 5 + part[3], 5 + part[3], 5 + part[4], 5 + part[4]
		}
	}' >"$1/phases.csv"
}

# What the probe adds: a release of 76 MiB in four calls a second after the first burst, its
# refault, and a bill. The page size is that of experiment.json.
add_probe_records() { # folder, dropped events
	cat >"$1/releases.csv" <<-'END'
		# tidemark releases 1 boot_id=x monotonic_ns=1 realtime_ns=1
		call,advice,cause,pid,stack,calls,failed,asked_bytes,freed_bytes,freed_other_bytes,swapped_bytes,duration_ns,longest_ns
		madvise,dontneed,policy,7,1,4,0,79691776,79691776,4096,0,9000000,5000000
		munmap,-,allocator,7,2,1,0,1048576,1048576,0,0,500000,500000
	END
	awk 'BEGIN {
		print "# tidemark events 1 boot_id=x monotonic_ns=1 realtime_ns=1"
		print "call,advice,cause,time_ns,pid,thread,stack,asked_bytes,freed_bytes," \
			"freed_other_bytes,swapped_bytes,duration_ns"
		for (i = 0; i < 4; i++)
			printf "madvise,dontneed,policy,%d000000,7,7,1,0,%d,0,0,2000000\n",
				9500 + i * 2, 19 * 1048576
	}' >"$1/events.csv"
	cat >"$1/processes.csv" <<-'END'
		# tidemark processes 1 boot_id=x monotonic_ns=1 realtime_ns=1
		time_ns,pid,threads,anon_bytes,file_bytes,shmem_bytes,swap_bytes,minor_faults,major_faults
		9800000000,7,1,0,0,0,0,1000,0
		12500000000,7,1,0,0,0,0,10728,0
	END
	cat >"$1/bill.csv" <<-'END'
		# tidemark bill 1 boot_id=x monotonic_ns=1 realtime_ns=1
		end,role,time_ns,connections,total_bytes,least_bytes,median_bytes,most_bytes,source,cost_ns
		server,sock,11000000000,9,22500,2500,2500,2500,0,1
		server,epitem,11000000000,9,1152,128,128,128,0,1
		server,connection,11000000000,9,23652,2628,2628,2628,0,1
	END
	awk -v dropped="$2" 'BEGIN {
		print "# tidemark losses 1 boot_id=x monotonic_ns=1 realtime_ns=1"
		print "loss,program,count"
		print "events_dropped,-," dropped
		split("page_freed madvise_exit munmap_exit brk_exit mremap_exit pmadvise_exit " \
			"release_begin", programs, " ")
		for (i = 1; i <= 7; i++)
			print "missed," programs[i] ",0"
	}' >"$1/losses.csv"
}

# 1,000 answers a second in the last burst.
add_traffic() { # folder
	cat >"$1/traffic.csv" <<-'END'
		# tidemark traffic 1 boot_id=x monotonic_ns=1 realtime_ns=1
		phase,number,begin_ns,end_ns,length_ns,operations,outside,unsent,wrong,timeouts,late,sent_bytes,received_bytes,latency_p50_ns,latency_p90_ns,latency_p99_ns,latency_p999_ns,latency_max_ns,raw_p50_ns,raw_p90_ns,raw_p99_ns,raw_p999_ns,raw_max_ns,out_of_range
		burst,2,10000000000,10900000000,900000000,900,0,0,0,0,0,7200,7200,250000,400000,900000,1000000,1100000,250000,400000,900000,1000000,1100000,0
	END
}
