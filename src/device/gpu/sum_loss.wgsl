// The rows' losses and penalties, summed into this step's slot. One workgroup.

struct Step {
    rate: f32,
    correction: f32,
    decay: f32,
    slot: u32,
    first: u32,       // the first loss that counts
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> row_losses: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    var sum = 0.0;
    for (var at = step.first + thread; at < arrayLength(&row_losses); at += 256u) {
        sum += row_losses[at];
    }
    sums[thread] = sum;
    for (var half = 128u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if thread < half {
            sums[thread] += sums[thread + half];
        }
    }
    if thread == 0u {
        losses[step.slot] = sums[0];
    }
}
