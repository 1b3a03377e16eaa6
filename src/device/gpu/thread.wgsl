// The index of a thread among those of all workgroups, which are folded into two dimensions.

struct Thread {
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) index: u32,
}

fn index_of(thread: Thread, group_size: u32) -> u32 {
    return (thread.group.y * thread.groups.x + thread.group.x) * group_size + thread.index;
}
