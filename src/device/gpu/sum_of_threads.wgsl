// The sum of one value per thread over a workgroup of 256 threads; only thread 0 gets the whole sum.

var<workgroup> thread_sums: array<f32, 256>;

fn sum_of_threads(thread: u32, value: f32) -> f32 {
    thread_sums[thread] = value;
    for (var half = 128u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if thread < half {
            thread_sums[thread] += thread_sums[thread + half];
        }
    }
    return thread_sums[thread];
}
